"""The three judges of a create request, each asked in its own way, and what they say in one form.

The arguments read the document's body as `ecs import` does; the pack judges it as a component's inputs; the sandbox gets it by HTTP.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from components.document.to_args import convert
from components.problems import ArgumentError
from components.restrictions import catalogue
from policy.forms import FORMS, INSTANCE, SERVER
from policy.rules import RULES
from sandbox.faults import Fault
from sandbox.nova.wanted import read
from sandbox.routing import Call
from sandbox.testing import Loopback
from sandbox.world import Version
from tests.agreement.generate import Asked

BY_REQUEST = frozenset(row.id for row in catalogue().values() if row.level == "must" and "request" in row.sees)
"""The restrictions that the judges must agree on: a request that breaks one cannot work, and shows it by itself."""


@dataclass(frozen=True)
class Word:
    """One thing that a judge holds against a request; `id` is None where no restriction of the table above is broken."""

    id: str | None
    text: str


@dataclass(frozen=True)
class Said:
    """What one judge said. `cloud` says that it refuses for what the cloud knows: such a judge was content with the request."""

    judge: str
    words: tuple[Word, ...] = ()
    cloud: str = ""

    @property
    def refuses(self) -> bool:
        """Whether the request itself is refused."""
        return bool(self.words)

    @property
    def ids(self) -> frozenset[str]:
        """The restrictions that it cites."""
        return frozenset(word.id for word in self.words if word.id is not None)

    def without(self, forgiven: Callable[[Word], bool], *, uncited: bool) -> Said:
        """The same without the words that are forgiven, or (`uncited`) without their ids."""
        if uncited:
            return replace(self, words=tuple(Word(None, w.text) if forgiven(w) else w for w in self.words))
        return replace(self, words=tuple(word for word in self.words if not forgiven(word)))

    def __str__(self) -> str:
        told = [f"      {word.id or 'no id  '}  {word.text[:200]}" for word in self.words]
        head = f"    {self.judge}: {'refuses' if self.words else 'accepts'}"
        return "\n".join([head + (f" (the cloud: {self.cloud[:160]})" if self.cloud else ""), *told])


def _cited(restriction: str | None) -> str | None:
    return restriction if restriction in BY_REQUEST else None


def arguments(asked: Asked) -> Said:
    """What the typed arguments say, of which the last step is the arguments of `Server` themselves."""
    try:
        convert(asked.body, "request")
    except ArgumentError as error:
        return Said("arguments", tuple(Word(_cited(one.restriction), str(one)) for one in error.problems))
    return Said("arguments")


def pack(asked: Asked) -> Said:
    """What the rules say, in this process; raises `AssertionError` where a rule does not decide."""
    return Said("pack", tuple(_findings(SERVER, {**asked.body, "microversion": asked.version})))


def raw_pack(inputs: Mapping[str, object]) -> Said:
    """What the rules say of the inputs of a raw instance."""
    return Said("pack, raw", tuple(_findings(INSTANCE, inputs)))


def native_pack(kind: str, inputs: Mapping[str, object]) -> Said:
    """What the rules say of the inputs of a native server or batch."""
    return Said("pack, native", tuple(_findings(kind, inputs)))


def _findings(kind: str, inputs: Mapping[str, object]) -> Iterable[Word]:
    request = FORMS[kind](inputs)
    for rule in RULES:
        answer = rule.answer(request)
        assert not answer.crash, (rule.id, answer.crash)
        assert not answer.unknown, (rule.id, answer.unknown)
        if rule.id in BY_REQUEST:
            yield from (Word(rule.id, rule.message(finding)) for finding in answer.findings)


@dataclass
class Sandbox:
    """The practice cloud as a judge: it starts over whenever it has made something."""

    cloud: Loopback
    made: int = field(default=0, init=False)

    def __call__(self, asked: Asked) -> Said:
        """What the cloud answers to the request."""
        reply = self.cloud.ask("POST", "/compute/v2.1/servers", asked.body, version=asked.version)
        if reply.status == 202:
            self.made += 1
            self.cloud.start_over()
            return Said("sandbox")
        assert reply.status in (400, 403, 409, 413), (reply.status, reply.body)
        (refusal,) = reply.body.values()
        sentences = re.findall(r"(\S.*?) \[(ECS-\d{3})\](?: |$)", refusal["message"], re.DOTALL)
        words = tuple(Word(cited, sentence) for sentence, cited in sentences if cited in catalogue())
        if any(word.id in BY_REQUEST for word in words):
            return Said("sandbox", tuple(Word(_cited(word.id), word.text) for word in words))
        if broken := self.schema(asked):
            return Said("sandbox", (Word(None, broken),))
        if any(word.id == "ECS-112" for word in words):
            return Said("sandbox", tuple(Word(None, f"{word.text} [{word.id}]") for word in words))
        return Said("sandbox", cloud=refusal["message"])

    def schema(self, asked: Asked) -> str:
        """What the native API's own types are broken by, which is looked at after the restrictions; "" for nothing."""
        major, minor = asked.version.split(".")
        version: Version = (int(major), int(minor))
        body = json.loads(json.dumps(asked.body))
        try:
            read(Call(self.cloud.world, "POST", "/servers", "", body=body, version=version))
        except Fault as fault:
            return fault.message if fault.status == 400 else ""
        return ""
