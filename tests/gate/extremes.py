"""Reviews at the edges: hostile names, thousands of changes, hundreds of servers."""

from __future__ import annotations

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
from tests.gate import reviews


def named(text: str, kind: Kind = "gate") -> Review:
    """Everything that users, programs or the cloud name is called `text`."""
    place = Place(file=text or "f", line=3)
    nic, disk = DrawnNic(network=text, label=text), DrawnDisk(label=text, size=1, type=text)
    effects = (Effect.CREATE, Effect.CHANGE, Effect.DELETE, Effect.SAME)
    properties = tuple(Property(path=text, kind=each, before=text, after=text) for each in ("add", "change", "remove"))
    return reviews.review(
        kind,
        project=text,
        stack=text,
        said=text,
        changes=tuple(
            Change(urn=text, type=text, name=text, effect=one, says=(text,), properties=properties, place=place)
            for one in effects
        ),
        findings=tuple(
            Finding(
                rule=text,
                answer=answer,
                blocks=blocks,
                text=text,
                resource=text,
                urn=text,
                type=text,
                place=place,
                fingerprint=text,
            )
            for answer in Answer
            for blocks in (True, False)
        ),
        rules=(RuleAnswer(rule=text, summary=text, where=text, level="mandatory", failed=1),),
        coverage=Coverage(pack=text, resources=2, judged=1, missing=(text,)),
        drawing=Drawing(
            networks=(
                DrawnNetwork(key=text, label=text, cidr=text, effect=Effect.DELETE),
                DrawnNetwork(key=f"{text}2", label=text),
            ),
            servers=tuple(
                DrawnServer(
                    name=text,
                    effect=one,
                    flavor=text,
                    zone=text,
                    count=text,
                    nics=(nic, nic),
                    disks=(disk,),
                    says=(text,),
                )
                for one in effects
            ),
            disks=(disk,),
        ),
        versions={text: text},
    )


def many(number: int) -> Review:
    """As many changes and findings, all of them different and long."""
    effects = (Effect.DELETE, Effect.REPLACE, Effect.CREATE, Effect.CHANGE)
    return reviews.review(
        changes=tuple(
            reviews.change(
                f"server-{place}-{'x' * 40}", effects[place % 4], place + 1, says=(f"flavor_ref: {'in place ' * 20}",)
            )
            for place in range(number)
        ),
        findings=tuple(
            reviews.finding(
                "ECS-303", f"networks[{place}]: {'is wrong ' * 30}", blocks=place % 2 == 0, resource=f"server-{place}"
            )
            for place in range(number)
        ),
    )


def fleet(number: int, *, equal: bool) -> Review:
    """A stack of so many servers on two networks; where they are not `equal` each has a disk of another size."""
    servers = tuple(
        reviews.server(
            f"web-{place + 1}",
            Effect.CREATE if place % 5 else Effect.REBOOT,
            DrawnNic(network="lan", label=f"10.20.{place // 250}.{place % 250 + 1}"),
            *((DrawnNic(network="store"),) if place % 2 else ()),
            disks=(
                DrawnDisk(
                    label="boot",
                    size=40 if equal else 40 + place,
                    type="SAS",
                    effect=Effect.CREATE if place % 5 else Effect.SAME,
                ),
            ),
        )
        for place in range(number)
    )
    changes = tuple(reviews.change(one.name, one.effect, place + 1) for place, one in enumerate(servers))
    return reviews.review(
        verdict=Verdict.PASSED,
        changes=changes,
        findings=(),
        drawing=Drawing(networks=(reviews.LAN, reviews.STORE), servers=servers),
    )
