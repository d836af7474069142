"""The real analyzer of the policy SDK, in this process: what it is sent, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import Policy
from pulumi_policy import deserialize as wire
from pulumi_policy import proxy as sentinels

from policy.serving import Servicer
from policy.testing.requests import Resource
from policy.unknown import UNKNOWN

Kind = Literal["string", "number", "boolean", "array", "object"]
_SENTINELS = {
    "string": sentinels.UNKNOWN_STRING_VALUE,
    "number": sentinels.UNKNOWN_NUMBER_VALUE,
    "boolean": sentinels.UNKNOWN_BOOLEAN_VALUE,
    "array": sentinels.UNKNOWN_ARRAY_VALUE,
    "object": sentinels.UNKNOWN_OBJECT_VALUE,
}
_LEVELS = {analyzer_pb2.ADVISORY: "advisory", analyzer_pb2.MANDATORY: "mandatory"}


def unknown(kind: Kind = "string") -> str:
    """Return the engine's sentinel for a value of this kind that is not known yet; `UNKNOWN` is sent as the one for a string."""
    return _SENTINELS[kind]


def secret(value: object) -> dict[str, object]:
    """Mark a value as the engine marks a secret."""
    return {wire.SPECIAL_SIG_KEY: wire.SPECIAL_SECRET_SIG, "value": value}


@dataclass(frozen=True)
class Report:
    """One diagnostic of the pack: the policy that speaks, its level, and the text below the policy's description."""

    policy: str
    level: str
    text: str

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that the text begins with."""
        return tuple(self.text.partition(": ")[0].split(", "))

    @property
    def restriction(self) -> str:
        """The id in the text's citation, `ECS-302`; "" where it cites none."""
        start = self.text.rfind("[ECS-")
        return self.text[start + 1 :].partition(",")[0] if start >= 0 else ""


class Pack:
    """A running pack. One pack remembers what it said of a component, as one run of the engine does."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._servicer: Any = Servicer(policies)

    def analyze(self, resource: Resource) -> list[Report]:
        """Send a resource through every policy. Raises what the SDK raises where a policy lets an error out."""
        return reported(self._servicer.Analyze(request(resource), None))


def reported(answer: Any) -> list[Report]:
    """Read the diagnostics of an answer of the analyzer."""
    return [
        Report(found.policyName, _LEVELS[found.enforcementLevel], found.message.removeprefix(found.description + "\n"))
        for found in answer.diagnostics
    ]


def urn(resource: Resource) -> str:
    """Return the URN that the engine would give the resource, with its parent's type in front of its own."""
    chain = resource.type
    if resource.parent:
        chain = f"{resource.parent.split('::')[2]}${resource.type}"
    return f"urn:pulumi:test::ecs-stacks::{chain}::{resource.name}"


def request(resource: Resource) -> Any:
    """Build the message that the engine sends for the resource."""
    properties = struct_pb2.Struct()
    properties.update(_encoded(resource.inputs))
    return analyzer_pb2.AnalyzeRequest(
        type=resource.type,
        urn=urn(resource),
        name=resource.name,
        properties=properties,
        options=analyzer_pb2.AnalyzerResourceOptions(parent=resource.parent or ""),
    )


def _encoded(value: Any) -> Any:
    if value is UNKNOWN:
        return unknown()
    if isinstance(value, Mapping):
        return {key: _encoded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_encoded(inner) for inner in value]
    return value
