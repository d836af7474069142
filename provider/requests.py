"""Requests to the cloud, each retried for as long as the user allows, and none of them sent twice where that would double something."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import tenacity

from provider.failure import CancelledError, CloudError, LostError, NoAnswerError

T = TypeVar("T")
Json = dict[str, Any]

EXPIRED = 401
TOO_MANY = 429
BROKEN = (500, 502, 503, 504)
MISSING = 404
FIRST, LONGEST = 0.5, 15.0
"""Seconds before the first and at most before any further attempt, unless the cloud says when (Retry-After)."""

SECONDS = 120.0
"""How long a request is retried by default; `ecs:retrySeconds`."""


class _Again(Exception):  # noqa: N818 - no error: a reason to try once more
    def __init__(self, reason: str, after: float | None, *, lost: bool) -> None:
        super().__init__(reason)
        self.reason, self.after, self.lost = reason, after, lost


def _delay(state: tenacity.RetryCallState) -> float:
    """Exponential with full jitter, so that fifty servers do not come back at once; never before the cloud's own time."""
    raised = state.outcome.exception() if state.outcome else None
    after = raised.after if isinstance(raised, _Again) else None
    spread = random.uniform(0.1, min(LONGEST, FIRST * 2**state.attempt_number))  # noqa: S311 - no secret
    return spread if after is None else after + random.uniform(0, FIRST)  # noqa: S311


class Requests:
    """What the provider asks a cloud. `pause` sleeps and raises `CancelledError` when the run is cancelled."""

    def __init__(self, connection: Any, seconds: float = SECONDS, tell: Callable[[str], None] | None = None) -> None:
        self._connection, self.seconds, self._tell = connection, seconds, tell
        self._newest: dict[str, tuple[int, int]] = {}

    def get(self, service: str, path: str, work: Any, version: str | None = None) -> Json | None:
        """The answer's body, or None where there is no such thing."""
        return self._repeated("GET", service, path, None, work, version=version, gone_is_none=True)

    def every(self, service: str, path: str, key: str, work: Any, version: str | None = None) -> list[Json]:
        """All items of a list, over all its pages."""
        found: list[Json] = []
        place: str | None = path
        while place:
            body = self.get(service, place, work, version) or {}
            found += body.get(key, [])
            links = body.get(f"{key}_links") or []
            following = next((one["href"] for one in links if one.get("rel") == "next"), None)
            place = None if following is None else path.partition("?")[0] + "?" + following.partition("?")[2]
        return found

    def put(self, service: str, path: str, body: Any, work: Any, version: str | None = None) -> Json:
        """Set something: the same a second time, so a lost answer is no harm."""
        return self._repeated("PUT", service, path, body, work, version=version) or {}

    def delete(self, service: str, path: str, work: Any) -> bool:
        """Delete something; False where it was gone already."""
        return self._repeated("DELETE", service, path, None, work, gone_is_none=True) is not None

    def post(
        self,
        service: str,
        path: str,
        body: Any,
        work: Any,
        done: Callable[[], Json | None],
        *,
        version: str | None = None,
    ) -> Json:
        """Make something or set it off, once: where the answer is lost, `done` looks whether it took effect, before it is sent again."""
        for attempt in self._attempts(work):
            with attempt:
                try:
                    return self._sent("POST", service, path, body, version)
                except _Again as again:
                    if again.lost and (made := done()) is not None:
                        return made
                    raise
        raise AssertionError("tenacity raises")

    def version(self, service: str) -> tuple[int, int]:
        """The newest microversion of a service, such as (2, 60); (0, 0) where it does not say, which is asked again."""
        if service not in self._newest:
            data = getattr(self._connection, service).get_endpoint_data()
            newest = None if data is None else data.max_microversion
            if newest is None:
                return (0, 0)
            self._newest[service] = newest
        return self._newest[service]

    def _repeated(
        self,
        method: str,
        service: str,
        path: str,
        body: Any,
        work: Any,
        *,
        version: str | None = None,
        gone_is_none: bool = False,
    ) -> Json | None:
        for attempt in self._attempts(work):
            with attempt:
                try:
                    return self._sent(method, service, path, body, version)
                except CloudError as error:
                    if gone_is_none and error.status == MISSING:
                        return None
                    raise
        raise AssertionError("tenacity raises")

    def _attempts(self, work: Any) -> Iterator[tenacity.AttemptManager]:
        limit = min(self.seconds, work.left) if work.left > 0 else 0.0
        retrying = tenacity.Retrying(
            stop=tenacity.stop_before_delay(limit) if limit else tenacity.stop_after_attempt(1),
            wait=_delay,
            sleep=work.pause,
            retry=tenacity.retry_if_exception_type(_Again),
            before_sleep=self._before_sleep,
            retry_error_callback=_given_up,
        )
        return iter(retrying)

    def _before_sleep(self, state: tenacity.RetryCallState) -> None:
        raised = state.outcome.exception() if state.outcome else None
        if self._tell is not None and state.next_action is not None:
            self._tell(f"{raised}; trying again in {state.next_action.sleep:.0f} s")

    def _sent(self, method: str, service: str, path: str, body: Any, version: str | None) -> Json:
        from keystoneauth1 import exceptions as auth
        from openstack import exceptions as sdk

        what = f"{method} {path.partition('?')[0]}"
        extra: dict[str, Any] = {} if body is None else {"json": body}
        if version is not None:
            extra["microversion"] = version
        try:
            answer = self._answer(method, service, path, extra)
            if answer.status_code == EXPIRED:
                # Where several requests meet an expired token at once, the library logs in for some of them only.
                answer = self._answer(method, service, path, extra)
        except (auth.ConnectionError, auth.RetriableConnectionFailure) as error:
            raise _Again(f"{what}: no answer ({type(error).__name__})", None, lost=True) from None
        except auth.HttpError as error:
            # The log-in failed, so nothing of the request itself was sent.
            if error.http_status in (TOO_MANY, *BROKEN):
                raise _Again(f"the log-in answers {error.http_status}", error.retry_after or None, lost=False) from None
            raise CloudError(error.http_status, "the cloud refuses the credentials", what) from None
        except (sdk.SDKException, auth.ClientException) as error:
            # Such as a service that the cloud's catalogue does not have.
            raise NoAnswerError(f"{what}: the {service} service cannot be asked ({type(error).__name__})") from None
        if answer.status_code in (TOO_MANY, *BROKEN):
            after = _seconds(answer.headers.get("Retry-After"))
            lost = answer.status_code != TOO_MANY
            raise _Again(f"{what}: {answer.status_code}", after, lost=lost)
        if not answer.ok:
            raise CloudError(answer.status_code, _words(answer), what, answer.headers.get("x-openstack-request-id", ""))
        return _json(answer)

    def _answer(self, method: str, service: str, path: str, extra: dict[str, Any]) -> Any:
        return getattr(self._connection, service).request(
            path,
            method,
            raise_exc=False,
            connect_retries=0,
            status_code_retries=0,
            retriable_status_codes=[],
            **extra,
        )


def _given_up(state: tenacity.RetryCallState) -> Any:
    raised = state.outcome.exception() if state.outcome else None
    if isinstance(raised, _Again):
        tried = f"{raised.reason}, after {state.attempt_number} attempts in {state.seconds_since_start or 0:.0f} s"
        raise LostError(tried) if raised.lost else NoAnswerError(tried)
    if raised is not None:
        raise raised
    raise CancelledError("the run was cancelled")


def _seconds(header: str | None) -> float | None:
    try:
        return None if header is None else max(0.0, float(header))
    except ValueError:
        return None


def _json(answer: Any) -> Json:
    if not answer.content:
        return {}
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _words(answer: Any) -> str:
    """The service's own sentence: it stands one level down in the body of each."""
    for inner in _json(answer).values():
        if isinstance(inner, dict) and isinstance(inner.get("message"), str):
            return str(inner["message"])
        if isinstance(inner, str):
            return inner
    return str(answer.reason or "")
