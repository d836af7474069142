"""The state that a dead run left: what it had begun, and how what is found of it is put in its place."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]
OURS = "ecs:"
"""The types of this project's own provider, which finds what it made by a marker."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One operation that was begun and never finished."""

    kind: str
    resource: Mapping[str, Any]

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return str(self.resource["urn"])

    @property
    def type(self) -> str:
        """The resource's type."""
        return str(self.resource["type"])

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the resource was to be made with."""
        return self.resource.get("inputs") or {}

    @property
    def told(self) -> str:
        """The resource as a person names it."""
        return f"{self.type.rsplit(':', 1)[-1]} {self.urn.rsplit('::', 1)[-1]!r}"

    @property
    def to_be_found(self) -> bool:
        """Whether the cloud may hold something that neither the state nor a provider knows of."""
        made = self.type.startswith((OURS, "pulumi:"))
        return self.kind == "creating" and not made


def begun(exported: Mapping[str, Any]) -> list[Begun]:
    """What was begun and never finished, in the state's own order."""
    operations = (exported.get("deployment") or {}).get("pending_operations") or []
    return [Begun(str(one["type"]), one["resource"]) for one in operations]


def resources(exported: Mapping[str, Any]) -> list[Json]:
    """The resources of a state."""
    found: list[Json] = (exported.get("deployment") or {}).get("resources") or []
    return found


def stated(exported: Mapping[str, Any], urn: str) -> bool:
    """Whether the state holds a resource of this URN that exists, and is not about to be deleted."""
    return any(
        one["urn"] == urn and not one.get("delete") and not one.get("pendingReplacement") for one in resources(exported)
    )


class Made(Protocol):
    """Something that the dead run made."""

    @property
    def identity(self) -> str:
        """Its id."""

    @property
    def broken(self) -> bool:
        """Whether it came out broken."""

    @property
    def outputs(self) -> Mapping[str, Any] | None:
        """Its outputs, where no refresh is to fill them."""


def amended(exported: Mapping[str, Any], found: Mapping[str, Made]) -> tuple[Json, list[str]]:
    """The state without unfinished operations and with what was `found` (by URN), and the URNs that a refresh has to fill.

    A resource that the state holds already was being replaced: what was made for it is entered as something to delete, as is what
    came out broken, and the next run makes its own. So nothing that other resources refer to changes under them.
    """
    edited: Json = copy.deepcopy(dict(exported))
    deployment = edited["deployment"]
    targets: list[str] = []
    for one in begun(exported):
        known = stated(exported, one.urn)
        if one.urn in found and one.kind == "creating":
            delete = known or found[one.urn].broken
            made = found[one.urn]
            _enter(deployment["resources"], _entry(one, made, delete=delete))
            targets += [] if delete or made.outputs is not None else [one.urn]
        elif one.kind in ("updating", "deleting") and known:
            # How far it got is not known: the next run compares with what the cloud says, not with what was meant.
            targets.append(one.urn)
    deployment.pop("pending_operations", None)
    return edited, list(dict.fromkeys(targets))


def _enter(there: list[Json], entry: Json) -> None:
    """Put an entry at the end, or in the place of one that was deleted so that this one could take it."""
    for index, other in enumerate(there):
        if other["urn"] == entry["urn"] and other.get("pendingReplacement") and not entry.get("delete"):
            there[index] = entry
            return
    there.append(entry)


def _entry(one: Begun, made: Made, *, delete: bool) -> Json:
    # Outputs as a creation leaves them, which hold the inputs: without them the provider would take the resource for imported, and
    # what it can not read back would be shown as a change, or as a replacement.
    outputs = {**_plain(one.inputs if made.outputs is None else made.outputs), "id": made.identity}
    return {**one.resource, "id": made.identity, "outputs": outputs, **({"delete": True} if delete else {})}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if key != "__defaults"}
    return [_plain(one) for one in value] if isinstance(value, list) else value
