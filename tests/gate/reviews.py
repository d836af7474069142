"""Reviews as a gate makes them, for the tests of the reports."""

from __future__ import annotations

from typing import Any

from gate.review import (
    Answer,
    Change,
    Coverage,
    Drawing,
    DrawnDisk,
    DrawnNetwork,
    DrawnNic,
    DrawnServer,
    Effect,
    Finding,
    Kind,
    Place,
    Property,
    Review,
    RuleAnswer,
    Verdict,
)

FILE = "stacks/Pulumi.dev.yaml"
VERSIONS = {"ecs-stacks": "0.1.0", "pulumi": "3.253.0", "policy pack": "0.1.0"}


def urn(name: str, kind: str = "ecs:compute:Server") -> str:
    return f"urn:pulumi:dev::ecs-stacks::{kind}::{name}"


def change(name: str, effect: Effect, line: int = 10, kind: str = "ecs:compute:Server", **more: Any) -> Change:
    place = Place(file=FILE, line=line)
    return Change(urn=urn(name, kind), type=kind, name=name, effect=effect, place=place, **more)


def finding(rule: str, text: str, answer: Answer = Answer.FAILED, *, blocks: bool = False, **more: Any) -> Finding:
    given = {"resource": "web-1", "urn": urn("web-1"), "type": "ecs:compute:Server", "place": Place(file=FILE, line=31)}
    return Finding(rule=rule, text=text, answer=answer, blocks=blocks, fingerprint=f"f-{rule}", **{**given, **more})


def rule(name: str, summary: str, where: str = "", level: Any = "mandatory", **counts: int) -> RuleAnswer:
    return RuleAnswer(rule=name, summary=summary, where=where, level=level, **counts)


def server(name: str, effect: Effect, *nics: DrawnNic, **more: Any) -> DrawnServer:
    given: dict[str, Any] = {
        "flavor": "s3.medium",
        "zone": "az1-dc1",
        "disks": (DrawnDisk(label="boot", size=40, type="SAS"),),
    }
    return DrawnServer(name=name, effect=effect, nics=nics or (DrawnNic(network="lan"),), **{**given, **more})


LAN = DrawnNetwork(key="lan", label="lan", cidr="10.20.0.0/24")
STORE = DrawnNetwork(key="store", label="storage", cidr="10.30.0.0/24", effect=Effect.CREATE)
OFFICE = DrawnNetwork(key="office", label="net-office", cidr="192.168.0.0/24", ours=False)

CHANGES = (
    change("lan", Effect.SAME, 8, "openstack:networking/network:Network"),
    change("storage", Effect.CREATE, 10, "openstack:networking/network:Network"),
    change(
        "web-1",
        Effect.REBOOT,
        31,
        says=("flavor_ref: in place, with a reboot: resized and confirmed; disks and addresses stay",),
        properties=(Property(path="flavorRef", kind="change", before="s3.medium", after="s3.large"),),
    ),
    change(
        "web-2",
        Effect.CHANGE,
        47,
        says=("metadata: in place: keys are set and removed; keys of others stay",),
        properties=(
            Property(path="metadata.role", kind="add", after="web"),
            Property(path="metadata.owner", kind="remove", before="j.doe"),
            Property(path="adminPass", kind="change", before="[secret]", after="[secret]"),
        ),
    ),
    change("web-3", Effect.CREATE, 60, properties=(Property(path="name", kind="add", after="web-3"),)),
    change(
        "app-1",
        Effect.REBUILD,
        71,
        says=("boot.image_ref: rebuild (wipes the system disk): id and addresses stay",),
        properties=(
            Property(
                path="boot.imageRef",
                kind="change",
                before="6b344c54-d606-4e1a-a99e-a7d0250c3d14",
                after="0c1e9f2a-5d0c-4f2b-9a55-3a1f0d1b2c3d",
            ),
        ),
    ),
    change(
        "db-1",
        Effect.REPLACE,
        90,
        says=("availability_zone: replace (new id, new addresses unless fixed)",),
        properties=(Property(path="availabilityZone", kind="change", before="az1-dc1", after="az2-dc1"),),
    ),
    change("old-1", Effect.DELETE, 1),
    change("logs", Effect.DELETE, 110, "openstack:blockstorage/volume:Volume"),
)

DRAWING = Drawing(
    networks=(LAN, STORE, OFFICE, DrawnNetwork(key="spare", label="spare", cidr="10.99.0.0/24")),
    servers=(
        server(
            "web-1", Effect.REBOOT, DrawnNic(network="lan", label="10.20.0.10"), flavor="s3.large", says=CHANGES[2].says
        ),
        server("web-2", Effect.CHANGE, DrawnNic(network="lan", label="10.20.0.11"), says=CHANGES[3].says),
        server(
            "web-3",
            Effect.CREATE,
            DrawnNic(network="lan"),
            DrawnNic(network="store"),
            disks=(
                DrawnDisk(label="boot", size=40, type="SAS", effect=Effect.CREATE),
                DrawnDisk(label="data", size=500, type="SSD", kept=True, effect=Effect.CREATE),
            ),
        ),
        server(
            "app-1",
            Effect.REBUILD,
            DrawnNic(network="store", label="10.30.0.5"),
            disks=(
                DrawnDisk(label="boot", size=40, type="SAS", effect=Effect.REBUILD),
                DrawnDisk(label="data", size=1000, type="SSD", kept=True),
            ),
        ),
        server(
            "db-1",
            Effect.REPLACE,
            DrawnNic(network="office", label="192.168.0.7"),
            DrawnNic(network="store", label="10.30.0.6"),
        ),
        server(
            "old-1",
            Effect.DELETE,
            DrawnNic(network="lan", label="10.20.0.99"),
            disks=(
                DrawnDisk(label="boot", size=40, type="SAS", effect=Effect.DELETE),
                DrawnDisk(label="archive", size=2000, type="SATA", kept=True),
            ),
        ),
        server("calm-1", Effect.SAME, DrawnNic(network="lan", label="10.20.0.50")),
        server("edge", Effect.SAME, DrawnNic(network="", label="port 7c1e…"), count="2-5"),
    ),
    disks=(
        DrawnDisk(label="logs", size=100, type="SAS", effect=Effect.DELETE),
        DrawnDisk(label="keep", size=10, type="SSD", kept=True),
    ),
)

FINDINGS = (
    finding(
        "ECS-303",
        f"{FILE}:31: ecs-stacks:servers.web-1.networks[0]: gives a fixed_ip without a network. Add `uuid`, the network's "
        "UUID, or `network`. [ECS-303, Table 6, fixed_ip]",
        blocks=True,
    ),
    finding(
        "ECS-105",
        "config_drive: is not supported by this API. Remove it; `user_data` reaches the ECS by the metadata service. "
        "[ECS-105, Table 3, config_drive]",
        blocks=True,
        resource="web-2",
        urn=urn("web-2"),
        place=Place(file=FILE, line=47),
    ),
    finding(
        "ECS-211",
        "boot: outlives its server. Say delete_on_termination. [ECS-211, Table 4, delete_on_termination]",
        resource="web-3",
        urn=urn("web-3"),
    ),
    finding(
        "undetermined",
        "ECS-502: the policy of the server group is known at creation only.",
        Answer.UNDETERMINED,
        resource="web-3",
        urn=urn("web-3"),
        place=None,
    ),
    finding(
        "ECS-110",
        "nobody can log in: exempted by j.doe until 2026-12-31: the image brings its own keys.",
        Answer.EXEMPTED,
        resource="old-1",
        urn=urn("old-1"),
    ),
    finding(
        "exemptions",
        "policy/exemptions.yaml: entry 2 was not needed. Remove it.",
        Answer.NOTED,
        resource="",
        urn="",
        place=Place(file="policy/exemptions.yaml", line=24),
    ),
)

RULES = (
    rule("ECS-105", "config_drive is not supported.", "Table 3, config_drive", passed=5, failed=1),
    rule(
        "ECS-110", "Without key_name and adminPass nobody can log in.", "Notes, login", "advisory", passed=5, exempted=1
    ),
    rule(
        "ECS-211",
        "delete_on_termination defaults to false: the disk outlives the ECS and goes on costing.",
        "Table 4, delete_on_termination",
        "advisory",
        passed=5,
        failed=1,
    ),
    rule("ECS-303", "fixed_ip needs uuid.", "Table 6, fixed_ip", passed=5, failed=1),
    rule("ECS-502", "The policy of a server group keeps its servers apart.", "Table 7, group", "disabled"),
    rule("undetermined", "What cannot be decided before apply is said.", "", "advisory", undetermined=1),
    rule("exemptions", "An exemption that has expired.", "", "advisory"),
)

COVERAGE = Coverage(pack="ecs-stacks 0.1.0", resources=12, judged=12, whole_stack=True)


def review(kind: Kind = "gate", verdict: Verdict = Verdict.REFUSED, **more: Any) -> Review:
    """One with something of everything; what is given replaces a part of it."""
    said = {
        Verdict.REFUSED: "2 restrictions refuse this change: ECS-303 (web-1), ECS-105 (web-2).",
        Verdict.PASSED: "Nothing is refused.",
        Verdict.FAILED: "The preview failed: the program ended with an error.",
        Verdict.UNDETERMINED: "1 answer is undetermined, which --strict does not allow.",
        Verdict.CHANGED: "2 resources differ in the cloud from what the stack's state says.",
    }
    given: dict[str, Any] = {
        "kind": kind,
        "project": "ecs-stacks",
        "stack": "dev",
        "verdict": verdict,
        "exit_code": verdict.code,
        "said": said[verdict],
        "made": "2026-11-26T04:00:00Z",
        "changes": CHANGES,
        "findings": FINDINGS,
        "rules": RULES,
        "coverage": COVERAGE,
        "drawing": DRAWING,
        "versions": VERSIONS,
    }
    return Review(**{**given, **more})


def refused() -> Review:
    return review()


def passed() -> Review:
    """A change that does nothing and of which nothing is said."""
    same = tuple(one.model_copy(update={"effect": Effect.SAME, "properties": (), "says": ()}) for one in CHANGES)
    calm = Drawing(
        networks=(LAN,), servers=(server("web-1", Effect.SAME, DrawnNic(network="lan", label="10.20.0.10")),)
    )
    rules = (rule("ECS-105", "config_drive is not supported.", "Table 3, config_drive", passed=6),)
    return review(verdict=Verdict.PASSED, changes=same, findings=(), rules=rules, drawing=calm)


def drifted() -> Review:
    changes = (
        change(
            "web-1",
            Effect.CHANGE,
            31,
            properties=(Property(path="flavorRef", kind="change", before="s3.medium", after="s3.small"),),
        ),
        change("old-1", Effect.DELETE, 90),
        change("lan", Effect.SAME, 8, "openstack:networking/network:Network"),
    )
    drawing = Drawing(networks=(LAN,), servers=(server("web-1", Effect.CHANGE), server("old-1", Effect.DELETE)))
    return review(
        "drift", Verdict.CHANGED, changes=changes, findings=(), rules=(), coverage=Coverage(), drawing=drawing
    )


def applied(kind: Kind = "apply") -> Review:
    return review(kind, Verdict.PASSED, findings=(), said="All of it was done.")


def audited() -> Review:
    same = tuple(one.model_copy(update={"effect": Effect.SAME, "properties": (), "says": ()}) for one in CHANGES)
    quiet = DRAWING.model_copy(
        update={"servers": tuple(one.model_copy(update={"effect": Effect.SAME}) for one in DRAWING.servers)}
    )
    return review("audit", changes=same, drawing=quiet)


def failed() -> Review:
    """The program ended early: no rule about the whole stack ran, and two resources were not judged."""
    text = "error: server group 'spread' is not defined. Define it under server_groups."
    error = Finding(rule="", answer=Answer.FAILED, blocks=True, text=text)
    coverage = Coverage(pack="ecs-stacks 0.1.0", resources=3, judged=1, missing=(urn("web-1"), urn("web-2")))
    return review(
        verdict=Verdict.FAILED, changes=(), findings=(error,), rules=RULES[:2], coverage=coverage, drawing=Drawing()
    )
