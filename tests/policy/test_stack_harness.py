"""The harness for stacks itself: a table that expects something else than the pack says is wrong, and is told so."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from policy.facts import kinds
from policy.rule import Finding
from policy.rules.group_policy import RULE as ADVISED
from policy.rules.no_full_image import RULE
from policy.testing import (
    StackCase,
    body,
    cloud,
    instance,
    judge_stack,
    ref,
    stack_fails,
    stack_passes,
    stack_silent,
    stack_undetermined,
    stated,
    thing,
)

FULL = cloud({"image": {"full": {"__whole_image": "true"}}})
WEB = stated(instance(imageId="full"))


@pytest.mark.parametrize(
    ("case", "told"),
    [
        (stack_passes("nothing expected", WEB, cloud=FULL), "extra [('fail', 'imageId')]"),
        (stack_fails("another path", WEB, cloud=FULL, at=["image"]), "missing [('fail', 'image')]"),
        (stack_fails("twice", WEB, cloud=FULL, at=["imageId", "imageId"]), "missing [], extra []"),
        (stack_undetermined("unknown", WEB, cloud=FULL, at=["imageId"]), "missing [('undetermined', 'imageId')]"),
        (stack_silent("not silent", WEB, cloud=FULL), "missing [('silent', 'the cloud is asleep')]"),
        (stack_silent("another reason", WEB, cloud=cloud(silent="it is shut")), "missing [('silent', 'the cloud"),
        (stack_passes("silence", WEB, cloud=cloud(silent="it is shut")), "extra [('silent', 'undetermined: it is shut"),
    ],
    ids=str,
)
def test_a_case_that_expects_something_else_is_refused(case: StackCase, told: str) -> None:
    with pytest.raises(AssertionError) as refused:
        judge_stack(RULE, case)
    assert told in str(refused.value)


def test_a_rule_that_fails_itself_is_told() -> None:
    def check(*_: object) -> Any:
        raise TypeError("secret")

    broken = dataclasses.replace(RULE, check=check)
    with pytest.raises(AssertionError, match=r"extra .*'undetermined', 'web'"):
        judge_stack(broken, stack_passes("it crashes", WEB, cloud=FULL))


def test_a_reference_is_unknown_while_a_resource_does_not_exist_and_else_its_id() -> None:
    seen: list[object] = []

    def check(member: Any, facts: Any) -> Any:
        seen.extend((member.inputs["imageId"], [one.name for one in facts.stack.behind(member, "imageId", IMAGES)]))
        return ()

    image = thing(kinds.IMAGE, "image", {})
    for one in (image, dataclasses.replace(image, id="i-1")):
        seeing = dataclasses.replace(RULE, check=check)
        judge_stack(seeing, stack_passes("a reference", one, stated(instance(imageId=ref("image")))))
    assert [str(value) for value in seen] == ["Unknown.UNKNOWN", "['image']", "i-1", "['image']"]


def test_the_level_and_the_citation_are_looked_at() -> None:
    said = dataclasses.replace(ADVISED, check=lambda *_: [Finding("os:scheduler_hints", "is there")])
    judge_stack(said, stack_fails("advised", stated(body()), at=["os:scheduler_hints"]))


def test_a_case_needs_a_path() -> None:
    with pytest.raises(ValueError, match="at least one path"):
        stack_fails("none", WEB, at=[])
    with pytest.raises(ValueError, match="at least one path"):
        stack_undetermined("none", WEB, at=[])


def test_a_cloud_holds_only_kinds_that_there_are() -> None:
    with pytest.raises(ValueError, match="no kinds"):
        cloud({"router": {}})


IMAGES = kinds.IMAGE.types
