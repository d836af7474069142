"""What is made or deleted is told with all that it has, so that a reviewer sees image, key and disks; a secret as one."""

from __future__ import annotations

from gate.review import Effect
from tests.gate.events import step
from tests.gate.test_reading import reviewed

INPUTS = {
    "flavorRef": "s3.medium",
    "key_name": "operator",
    "user_data": "planted",
    "consent": [],
    "deletion_protection": False,
}


def test_what_is_made_has_its_inputs() -> None:
    (change,) = reviewed(step("create", "web", after=INPUTS)).changes
    assert change.effect is Effect.CREATE
    assert {one.path: (one.kind, one.before, one.after) for one in change.properties} == {
        "flavorRef": ("add", None, "s3.medium"),
        "key_name": ("add", None, "operator"),
        "user_data": ("add", None, "[secret]"),
    }


def test_what_is_deleted_has_what_it_had() -> None:
    (change,) = reviewed(step("delete", "web", INPUTS, ident="1")).changes
    assert {one.path: (one.kind, one.before) for one in change.properties} == {
        "flavorRef": ("remove", "s3.medium"),
        "key_name": ("remove", "operator"),
        "user_data": ("remove", "[secret]"),
    }


def test_what_stays_has_none() -> None:
    (change,) = reviewed(step("same", "web", INPUTS, INPUTS, ident="1")).changes
    assert change.properties == ()
