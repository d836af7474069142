"""Reads of the cloud: side by side, each object once a run, and never longer than a limit.

A rule asks and is told `PendingError`; it is asked again when the answers are there. So the reads of all rules and all resources are
under way together, without a rule knowing of it. Failures: a 404 is an answer (None); a 429, a 5xx or a dropped connection is tried
once more and then makes this one object undetermined; a time-out or a refused log-in makes the whole cloud silent, so that a dead
cloud costs the limit once and not once a read.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol

from cloud.connect import READ, shown_name, stated_for_stack
from policy.facts.asking import PendingError, Question, SilentError
from policy.facts.credentials import connect
from policy.facts.members import Provider

AT_ONCE = 8
"""How many reads are under way at once."""
SECONDS = 5.0
"""The longest that nothing may be heard of a cloud."""
LIMITS = 12
"""How many times the limit all reads together may take."""
STARTING = 10.0
"""The longest that loading the client library may take on a busy machine, which is no fault of the cloud."""

OURS = "::pulumi:providers:ecs::"
"""What the URN of a provider of ours holds."""

_MISSING = 404
_AGAIN = (429, 500, 502, 503, 504)
_PAGES = 100


class Reader(Protocol):
    """What facts are read from."""

    def ask(self, provider: Provider | None, question: Question) -> Any:
        """Return the answer, None where the cloud has no such thing; raises `PendingError` or `SilentError`."""

    def wait(self) -> None:
        """Return when every answer is there, or will not come."""


class Clouds:
    """All clouds of a run, one for each provider that reaches it otherwise."""

    def __init__(self, *, read: bool = True, seconds: float = SECONDS) -> None:
        self.read = read
        self.seconds = seconds
        self._clouds: dict[str, Cloud] = {}
        self._of_provider: dict[int, tuple[Provider | None, Cloud]] = {}
        self._lock = threading.Lock()

    def ask(self, provider: Provider | None, question: Question) -> Any:
        """Ask the provider's cloud; see `Reader.ask`."""
        if not self.read:
            raise SilentError("reading the cloud is switched off in the pack's settings")
        return self._of(provider).ask(question)

    def begin(self, provider: Provider | None) -> None:
        """Log in at the provider's cloud in the background, so that it is done when the first rule asks."""
        if self.read:
            self._of(provider).begin()

    def begin_stated(self) -> None:
        """Log in at the cloud that the stack's settings state, where they state one."""
        if any(value not in (None, "") for value in stated_for_stack().values()):
            self.begin(None)

    def _of(self, provider: Provider | None) -> Cloud:
        # Asked for each resource by many rules, of a handful of providers; what is kept beside an id keeps it from being given away.
        known = self._of_provider.get(id(provider))
        if known is None:
            known = self._of_provider[id(provider)] = (provider, self._found(provider))
        return known[1]

    def _found(self, provider: Provider | None) -> Cloud:
        settings = _settings(provider)
        key = json.dumps(settings, sort_keys=True, default=str)
        with self._lock:
            if key not in self._clouds:
                self._clouds[key] = Cloud(settings, self.seconds)
            return self._clouds[key]

    def wait(self) -> None:
        """Wait for all answers of all clouds, each within its limit."""
        for cloud in list(self._clouds.values()):
            cloud.wait()


class Cloud:
    """One cloud, asked by daemon threads: a read that hangs does not keep the pack from ending."""

    def __init__(self, settings: Mapping[str, object], seconds: float, reach: Callable[..., Any] = connect) -> None:
        self.name = shown_name(settings)
        self._settings = settings
        self._seconds = seconds
        self._reach = reach
        self._connection: Any = None
        self._connecting = threading.Lock()
        self._silent: str | None = None
        self._asked: dict[Question, Future[Any]] = {}
        self._asking = threading.Lock()
        self._work: queue.SimpleQueue[tuple[Question, Future[Any]]] = queue.SimpleQueue()
        self._threads = 0

    def ask(self, question: Question) -> Any:
        """Return the answer where it is there; raises as `Reader.ask` does."""
        with self._asking:
            answer = self._asked.get(question)
            if answer is None:
                if self._silent:
                    raise SilentError(self._silent)
                answer = self._asked[question] = Future()
                self._work.put((question, answer))
                if self._threads < AT_ONCE:
                    self._threads += 1
                    threading.Thread(target=self._serve, daemon=True).start()
        if not answer.done():
            raise PendingError
        return answer.result()

    def begin(self) -> None:
        """Start one thread, which logs in before it is asked anything."""
        with self._asking:
            if self._threads == 0:
                self._threads = 1
                threading.Thread(target=self._start, daemon=True).start()

    def _start(self) -> None:
        # Why it failed is told to whoever asks.
        with contextlib.suppress(Exception):
            self._connected()
        self._serve()

    def outstanding(self) -> list[Future[Any]]:
        """The reads that are under way."""
        with self._asking:
            return [answer for answer in self._asked.values() if not answer.done()]

    def wait(self) -> None:
        """Wait for all answers; where none comes within the limit, or not all within twelve, the rest is given up."""
        end = time.monotonic() + STARTING + LIMITS * self._seconds
        while missing := self.outstanding():
            limit = self._seconds if self._connection is not None else self._seconds + STARTING
            if not wait(missing, timeout=limit, return_when=FIRST_COMPLETED).done:
                self._give_up(f"{self.name} did not answer within {self._seconds:g} s")
            elif time.monotonic() > end:
                self._give_up(f"{self.name} is too slow: not all was read within {LIMITS * self._seconds:g} s")

    def _give_up(self, reason: str) -> None:
        self._silent = self._silent or reason
        for answer in self.outstanding():
            _settle(answer, error=SilentError(self._silent))

    def _serve(self) -> None:
        while True:
            question, answer = self._work.get()
            if answer.done():
                continue
            try:
                _settle(answer, self._answer(question))
            except SilentError as silent:
                _settle(answer, error=silent)
            except Exception as error:  # noqa: BLE001 - its text may quote an address or a token
                _settle(answer, error=SilentError(f"{self.name} could not be read ({type(error).__name__})"))

    def _answer(self, question: Question) -> Any:
        proxy = getattr(self._connected(), question.service)
        if not question.path:
            return getattr(proxy.get_endpoint_data(), question.key, None)
        found: list[Any] = []
        path: str | None = question.path
        for _ in range(_PAGES):
            body = self._read(proxy, question, str(path))
            if body is None or not question.paged:
                return body.get(question.key, body) if isinstance(body, dict) and question.key else body
            found.extend(body.get(question.key, []))
            path = _next_page(body, question.key)
            if path is None:
                break
        return found

    def _connected(self) -> Any:
        with self._connecting:
            if self._silent:
                raise SilentError(self._silent)
            if self._connection is None:
                try:
                    self._connection = self._reach(self._settings, self._seconds)
                except SilentError as silent:
                    self._silent = silent.reason
                    raise
            return self._connection

    def _read(self, proxy: Any, question: Question, path: str) -> Any:
        from keystoneauth1 import exceptions as auth
        from openstack.exceptions import SDKException, ServiceDisabledException

        try:
            answer = proxy.get(
                path, raise_exc=False, connect_retries=1, status_code_retries=1, retriable_status_codes=_AGAIN,
                status_code_retry_delay=0.3,
            )  # fmt: skip
        except auth.ConnectTimeout:
            self._silent = f"{self.name} did not answer within {self._seconds:g} s"
            raise SilentError(self._silent) from None
        except ServiceDisabledException:
            # So the library calls a service that the catalog does not list, as it does none for a wrong region.
            region = self._connection.config.region_name
            place = f" in the region {region!r}" if region else ""
            raise SilentError(f"{self.name} has no {question.service} service{place}") from None
        except (auth.ClientException, SDKException) as error:
            status = getattr(error, "http_status", None)
            said = f"answered {status}" if status else f"could not be read ({type(error).__name__})"
            raise SilentError(f"{self.name} {said} for {question.service} {_kind(question.path)}") from None
        if answer.status_code == _MISSING:
            return None
        if not answer.ok:
            raise SilentError(
                f"{self.name} answered {answer.status_code} for {question.service} {_kind(question.path)}"
            )
        return answer.json()


def _settings(provider: Provider | None) -> dict[str, object]:
    """How a resource's cloud is reached; our own provider takes what pulumi-openstack is told where it is told nothing itself."""
    if provider is None:
        return stated_for_stack()
    if OURS in provider.urn:
        return stated_for_stack(provider.settings)
    return {key: provider.settings.get(key) for key in READ}


def _settle(answer: Future[Any], result: Any = None, error: BaseException | None = None) -> None:
    # Given up and answered at the same moment: whichever came first stays.
    if answer.done():
        return
    try:
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)
    except Exception:  # noqa: BLE001, S110 - InvalidStateError of a race that is described above
        pass


def _kind(path: str) -> str:
    return path.strip("/").partition("/")[0].partition("?")[0]


def _next_page(body: Mapping[str, Any], key: str) -> str | None:
    links: Iterable[Any] = body.get(f"{key}_links", ()) or ()
    for link in links:
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
            return str(link["href"])
    return None
