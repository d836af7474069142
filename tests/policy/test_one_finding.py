"""One mistake is one finding: whatever breaks one rule is put right in all else, and then no other rule may speak of it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import deserialize as wire

from policy.facts.members import NATIVES
from policy.forms import FORMS, INSTANCE
from policy.native import NATIVE
from policy.rule import Rule
from policy.rules import RULES
from policy.testing import Case, Resource
from policy.testing.requests import IMAGE, body, instance, native, native_batch

HERE = Path(__file__).parent
TWO_MISTAKES = {
    (
        "ECS-201",
        "ECS-211",
    ): "a disk that is no object is read as an empty one, so that it says nothing of its lifetime either",
}
"""A rule and another that speaks too, with the reason why what breaks the first cannot but break the second."""

DISK = {
    "source_type": "blank", "destination_type": "volume", "boot_index": -1, "volume_size": 40, "volume_type": "SAS",
    "delete_on_termination": True,
}  # fmt: skip
RAW_DISK = {
    "sourceType": "blank", "destinationType": "volume", "bootIndex": -1, "volumeSize": 40, "volumeType": "SAS",
    "deleteOnTermination": True,
}  # fmt: skip
BOOT = {**DISK, "source_type": "image", "uuid": IMAGE, "boot_index": 0}
RAW_BOOT = {**RAW_DISK, "sourceType": "image", "uuid": IMAGE, "bootIndex": 0}
DISKS = (DISK, BOOT, {**BOOT, "boot_index": -1})
RAW_DISKS = (RAW_DISK, RAW_BOOT, {**RAW_BOOT, "bootIndex": -1})
"""A blank disk, a boot disk and a data disk from an image, none with a mistake."""


def breaking() -> Iterator[tuple[Rule, Case]]:
    """Every request of the rules' tables that fails for certain."""
    for file in sorted((HERE / "rules").glob("test_*.py")):
        table = importlib.import_module(f"tests.policy.rules.{file.stem}")
        for case in table.CASES if isinstance(table.RULE, Rule) else ():
            if case.failing and not case.unknown:
                yield table.RULE, case


def plain(value: Any) -> Any:
    """A request without the marks around its secrets, as the pack reads it."""
    if isinstance(value, dict):
        if wire.SPECIAL_SIG_KEY in value:
            return plain(value["value"])
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def found(resource: Resource) -> dict[str, tuple[str, ...]]:
    """Where each rule finds something."""
    request = FORMS[resource.type](resource.inputs)
    answers = {rule.id: rule.answer(request).findings for rule in RULES}
    return {rule: tuple(one.path for one in findings) for rule, findings in answers.items() if findings}


def put_right(rule: Rule, resource: Resource) -> Resource:
    """Mend whatever else is wrong, one thing after another, as long as the rule still finds what it found."""
    now = found(resource)
    while True:
        steps = [(mended, found(mended)) for mended in mends(resource)]
        better = [step for step in steps if step[1].get(rule.id) == now[rule.id] and weight(step[1]) < weight(now)]
        if not better:
            return resource
        resource, now = min(better, key=lambda step: weight(step[1]))


def weight(findings: dict[str, tuple[str, ...]]) -> int:
    return sum(len(paths) for paths in findings.values())


def mends(resource: Resource) -> Iterator[Resource]:
    """The same request with one thing set right."""
    raw = resource.type == INSTANCE
    if resource.type in NATIVES:
        yield from mended_native(resource)
        return
    server: Any = resource.inputs if raw else resource.inputs.get("server")
    if not isinstance(server, dict):
        return
    right: Any = instance().inputs if raw else body().inputs["server"]
    changes = [{key: value} for key, value in right.items() if server.get(key) != value]
    image, disks = ("imageId", "blockDevices") if raw else ("imageRef", "block_device_mapping_v2")
    if isinstance(server.get(disks), list):
        changes += [
            {**other, disks: given} for given in mended_disks(server[disks], raw) for other in ({}, {image: None})
        ]
    for change in changes:
        kept = {key: value for key, value in {**server, **change}.items() if value is not None}
        yield Resource(resource.type, kept if raw else {**resource.inputs, "server": kept})


def mended_native(resource: Resource) -> Iterator[Resource]:
    right = (native() if resource.type == NATIVE else native_batch()).inputs
    for key, value in right.items():
        if resource.inputs.get(key) != value:
            yield Resource(resource.type, {**resource.inputs, key: value})


def mended_disks(given: list[Any], raw: bool) -> Iterator[list[Any]]:
    """The same disks, or one of them completed or set right, each with and without a boot disk behind them."""
    lists = [given]
    for place, disk in enumerate(given):
        if isinstance(disk, dict):
            for whole in RAW_DISKS if raw else DISKS:
                most = [{key: value for key, value in whole.items() if key != left} for left in ("", *whole)]
                completed = [{**some, **disk} for some in most] + [{**disk, key: whole[key]} for key in whole]
                lists += [[*given[:place], one, *given[place + 1 :]] for one in completed]
    for one in lists:
        yield one
        yield [*one, RAW_BOOT if raw else BOOT]


CASES = [pytest.param(rule, case, id=f"{rule.id} {case.title}") for rule, case in breaking()]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_one_mistake_is_told_by_one_rule(rule: Rule, case: Case) -> None:
    resource = put_right(rule, Resource(case.resource.type, plain(case.resource.inputs)))
    told = found(resource)
    others = {other for other in told if other != rule.id and (rule.id, other) not in TWO_MISTAKES}
    assert others == set(), (told, resource.inputs)


def test_every_rule_is_broken_once() -> None:
    assert {rule.id for rule, _ in breaking()} == {rule.id for rule in RULES}
