"""A cloud that is a dict: what it holds by kind and id, what it leaves of its quotas, or why it is silent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from policy.facts import kinds
from policy.facts.asking import PendingError, Question, SilentError
from policy.facts.kinds import Kind
from policy.facts.members import Provider
from policy.testing.requests import IMAGE, NETWORK

Bodies = Mapping[str, Mapping[str, Any] | None]

KINDS: Mapping[str, Kind] = {
    "flavor": kinds.FLAVOR,
    "image": kinds.IMAGE,
    "network": kinds.NETWORK,
    "port": kinds.PORT,
    "volume": kinds.VOLUME,
    "snapshot": kinds.SNAPSHOT,
    "group": kinds.GROUP,
    "key_pair": kinds.KEY_PAIR,
    "server": kinds.SERVER,
}
"""The words by which `cloud` is told what it holds."""

ALWAYS: Mapping[str, Bodies] = {
    "flavor": {"s3.large.2": {"vcpus": 2, "ram": 4096, "extra_specs": {"resource_type": "IOoptimized"}}},
    "image": {IMAGE: {}},
    "network": {NETWORK: {"provider:network_type": "vxlan"}},
    "key_pair": {"ops": {}},
}
"""What `body()` and `instance()` name."""


def cloud(
    holds: Mapping[str, Bodies] | None = None,
    *,
    limits: Mapping[str, int] | None = None,
    silent: str | None = None,
    newest: tuple[int, ...] = (2, 96),
) -> FakeCloud:
    """Build a cloud that holds these bodies beside what the valid requests name; a body that is None takes one away.

    `limits` are the absolute limits of compute and block storage together; `silent` is why nothing is answered; `newest` is
    Nova's newest microversion. Raises `ValueError` for a kind that there is not.
    """
    found = {kind: {**ALWAYS.get(kind, {}), **(holds or {}).get(kind, {})} for kind in KINDS}
    if unknown := set(holds or {}) - set(KINDS):
        raise ValueError(f"no kinds: {unknown}")
    return FakeCloud(found, limits or {}, silent, newest)


class FakeCloud:
    """A `Reader` that answers from a dict, and not before it is waited for, as a real one does."""

    def __init__(
        self, holds: Mapping[str, Bodies], limits: Mapping[str, int], silent: str | None, newest: tuple[int, ...]
    ) -> None:
        self._holds = holds
        self._limits = limits
        self._silent = silent
        self._newest = newest
        self._asked: set[Question] = set()
        self._answered: set[Question] = set()

    def again(self) -> FakeCloud:
        """Return the same cloud, of which nothing was asked yet."""
        return FakeCloud(self._holds, self._limits, self._silent, self._newest)

    def ask(self, _provider: Provider | None, question: Question) -> Any:
        """Return the answer when it was waited for; raises `PendingError` before, and `SilentError` where there is none."""
        if question not in self._answered:
            self._asked.add(question)
            raise PendingError
        if self._silent:
            raise SilentError(self._silent)
        return self._answer(question)

    def wait(self) -> None:
        """Let all answers be there."""
        self._answered |= self._asked

    def _answer(self, question: Question) -> Any:
        if question == kinds.NEWEST_COMPUTE:
            return self._newest
        if question.path == "/limits":
            return {"absolute": dict(self._limits)}
        address = urlsplit(question.path)
        word, kind = next(
            (word, kind)
            for word, kind in KINDS.items()
            if kind.service == question.service and f"{address.path}/".startswith(f"{kind.path}/")
        )
        bodies = {
            ident: {"id": ident, "name": ident, **body} for ident, body in self._holds[word].items() if body is not None
        }
        rest = address.path.removeprefix(kind.path).strip("/")
        if question.paged:
            asked = {key: values[0] for key, values in parse_qs(address.query).items()}
            return [_without_specs(body) for body in bodies.values() if asked.items() <= body.items()]
        ident, _, inner = rest.partition("/")
        body = bodies.get(unquote(ident))
        if body is None:
            return None
        return body.get("extra_specs", {}) if inner == kinds.FLAVOR_SPECS.strip("/") else _without_specs(body)


def _without_specs(body: Mapping[str, Any]) -> dict[str, Any]:
    # A cloud shows them in an answer of their own.
    return {key: value for key, value in body.items() if key != "extra_specs"}
