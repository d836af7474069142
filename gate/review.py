"""What a reviewer has to know of a change, as data: every report is written from this and from nothing else.

Nothing in it is a secret: values come from the engine's events, in which secrets are masked, and what our own tables call a secret is
masked once more on the way in (`gate.values`).
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

FORMAT = "ecs-stacks/review/1"

Kind = Literal["gate", "audit", "drift", "apply", "destroy"]
Level = Literal["mandatory", "advisory"]


class Record(BaseModel):
    """What every part of a review is: frozen, without unknown keys."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Verdict(StrEnum):
    """What the gate says in one word."""

    PASSED = "passed"
    REFUSED = "refused"
    UNDETERMINED = "undetermined"
    CHANGED = "changed"
    FAILED = "failed"

    @property
    def code(self) -> int:
        """The exit code of a command that ends with it."""
        return _CODES[self]


_CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.REFUSED: 5, Verdict.UNDETERMINED: 6, Verdict.CHANGED: 7}


class Effect(StrEnum):
    """What happens to a resource, from the mildest to the hardest; in a drift review: what has happened to it in the cloud."""

    SAME = "same"
    READ = "read"
    CREATE = "create"
    CHANGE = "change"
    REBOOT = "reboot"
    REBUILD = "rebuild"
    REPLACE = "replace"
    DELETE = "delete"

    @property
    def destroys(self) -> bool:
        """Whether something that exists is lost by it: a system disk, or the whole resource."""
        return self in (Effect.REBUILD, Effect.REPLACE, Effect.DELETE)


class Place(Record):
    """Where something is stated."""

    file: str
    """From the project's root, with `/`."""

    line: int
    """From 1."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Property(Record):
    """One property that a change adds, changes or takes away."""

    path: str
    """As the engine names it: `flavorRef`, `disks[0].volume_size`."""

    kind: Literal["add", "change", "remove"]

    before: str | None = None
    """As text; `[secret]` for a secret; None where there was none, or it is not told."""

    after: str | None = None
    """As `before`; `[known at creation]` where it is not known yet."""


class Change(Record):
    """What a change does to one resource of the cloud. Components, which only hold others, are left out."""

    urn: str
    type: str
    """The engine's type, such as `ecs:compute:Server`."""

    name: str
    effect: Effect

    says: tuple[str, ...] = ()
    """What the provider says of it, a line for each argument: `flavor_ref: in place, with a reboot: ...`."""

    properties: tuple[Property, ...] = ()
    place: Place | None = None

    @property
    def destroys(self) -> bool:
        """Whether something that exists is lost by it: the resource, its system disk, or a data disk that it takes away."""
        return self.effect.destroys or any("DELETED" in line for line in self.says)


class Answer(StrEnum):
    """What a finding says."""

    FAILED = "failed"
    UNDETERMINED = "undetermined"
    EXEMPTED = "exempted"
    NOTED = "noted"
    """About the exemptions' file, or something that is no restriction."""


class Finding(Record):
    """One thing that a rule, the typed arguments, the preflight or the engine said."""

    rule: str
    """The restriction (`ECS-303`), or one of the pack's own policies (`undetermined`, `cloud`, ...); "" for an error without one."""

    answer: Answer

    blocks: bool
    """Whether the change is refused for it."""

    text: str
    """One line: path, what is wrong, the fix, the id and its place in the document."""

    resource: str = ""
    """The name of the resource that it is about; "" for the whole stack."""

    urn: str = ""
    type: str = ""
    place: Place | None = None
    """The line of the stack's YAML, or of the program."""

    fingerprint: str = ""
    """The same for the same finding in another run: rule, resource and path, without values or lines."""


class RuleAnswer(Record):
    """What one policy of the pack decided in this run."""

    rule: str
    summary: str
    where: str = ""
    """Its place in the document."""

    level: Level | Literal["disabled"]
    passed: int = 0
    """On how many resources it passed; for a rule about the whole stack 1 or 0."""

    failed: int = 0
    undetermined: int = 0
    exempted: int = 0


class Coverage(Record):
    """The proof that the pack ran: which resources it has judged."""

    pack: str = ""
    """Name and version, such as `ecs-stacks 0.1.0`; "" where none ran."""

    resources: int = 0
    """How many were registered."""

    judged: int = 0
    missing: tuple[str, ...] = ()
    """The URNs of those that were registered and not judged."""

    whole_stack: bool = False
    """Whether the rules about the whole stack ran: they do not where the program itself ended early."""


class DrawnNetwork(Record):
    """A network as it is drawn."""

    key: str
    """What NICs refer to."""

    label: str
    cidr: str = ""
    effect: Effect = Effect.SAME
    ours: bool = True
    """Whether this stack makes it."""


class DrawnNic(Record):
    """A NIC as it is drawn: a line from a server to a network."""

    network: str
    """The key of a network; "" where it cannot be told, as for a port."""

    label: str = ""
    """Its address, or the port."""


class DrawnDisk(Record):
    """A disk as it is drawn."""

    label: str
    """`boot`, its name, or its number."""

    size: int | None = None
    """GB; None where the cloud decides."""

    type: str = ""
    kept: bool = False
    """Whether it outlives its server."""

    effect: Effect = Effect.SAME


class DrawnServer(Record):
    """A server, or a batch of equal ones, as it is drawn."""

    name: str
    effect: Effect
    flavor: str = ""
    zone: str = ""
    count: str = ""
    """For a batch: how many, such as `2-5`."""

    nics: tuple[DrawnNic, ...] = ()
    disks: tuple[DrawnDisk, ...] = ()
    says: tuple[str, ...] = ()


class Drawing(Record):
    """Networks, servers and disks, and how they hang together, after the change; what is deleted is in it too."""

    networks: tuple[DrawnNetwork, ...] = ()
    servers: tuple[DrawnServer, ...] = ()
    disks: tuple[DrawnDisk, ...] = ()
    """Disks of their own that no server here names."""


class Review(Record):
    """Everything that is known about one change, one state or one drift."""

    format: Literal["ecs-stacks/review/1"] = "ecs-stacks/review/1"
    kind: Kind
    project: str
    stack: str
    verdict: Verdict
    exit_code: int
    said: str
    """The verdict as one sentence."""

    made: str
    """When, UTC, ISO 8601."""

    changes: tuple[Change, ...] = ()
    """Every resource of the cloud in the order of the engine; `same` ones too."""

    findings: tuple[Finding, ...] = ()
    """Those that block come first."""

    rules: tuple[RuleAnswer, ...] = ()
    """Every policy of the pack that ran, in its order."""

    coverage: Coverage = Coverage()
    drawing: Drawing = Drawing()
    versions: dict[str, str] = {}
    """`ecs-stacks`, `pulumi`, `policy pack`."""

    strict: bool = False
    """Whether undetermined answers were to end the gate with 6."""

    def counts(self) -> dict[Effect, int]:
        """How many resources there are of each effect, `same` ones left out; in the order of `Effect`."""
        counted = Counter(one.effect for one in self.changes)
        return {effect: counted[effect] for effect in Effect if effect is not Effect.SAME and counted[effect]}

    def changed(self) -> tuple[Change, ...]:
        """The resources to which something happens."""
        return tuple(one for one in self.changes if one.effect not in (Effect.SAME, Effect.READ))

    def said_by(self, answer: Answer) -> tuple[Finding, ...]:
        """The findings of one answer."""
        return tuple(one for one in self.findings if one.answer is answer)
