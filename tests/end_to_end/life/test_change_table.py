"""The rows of the change table that no other test proves: what the preview says, and what happens to the server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from components.ecs.changes import BATCH, SERVER, Change, Effect
from tests.end_to_end.life.stage import IMAGE, NETWORK, OTHER_IMAGE, TYPED, Stage, batch, server

pytestmark = pytest.mark.engine

SCRIPT = "IyEvYmluL3NoCg=="
PLAIN: dict[str, Any] = {"boot": None, "imageRef": IMAGE}
ADDRESS = "192.168.20.77"

ONE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "networks": ({}, {"networks": [{"uuid": NETWORK}, {"uuid": NETWORK}]}),
    "boot": ({}, {"boot": TYPED | {"volume_size": 41}}),
    "boot.image_ref": (PLAIN, {"imageRef": OTHER_IMAGE}),
    "boot.image_ref with on_image_change=rebuild": (PLAIN | {"on_image_change": "rebuild"}, {"imageRef": OTHER_IMAGE}),
    "boot.delete_on_termination": ({"boot": TYPED | {"delete_on_termination": False}}, {"boot": TYPED}),
    "availability_zone": ({"disks": None}, {"availability_zone": "az2-dc1"}),
    "key_name": ({}, {"key_name": "ops"}),
    "user_data": ({}, {"user_data": SCRIPT}),
    "scheduler_hints": ({}, {"scheduler_hints": {"group": "GROUP"}}),
    "on_failure": ({}, {"on_failure": "keep"}),
    "on_image_change": ({}, {"on_image_change": "rebuild"}),
    "deletion_protection": ({"deletion_protection": True}, {"deletion_protection": False}),
    "consent": ({}, {"consent": ["replace"]}),
}
"""What a server is made with beside the usual, and what changes then, on the wire; by the row's argument."""

MANY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "max_count": ({}, {"max_count": 2}),
    "min_count": ({"max_count": 2}, {"min_count": 2}),
    "remove": ({}, {"remove": ["pool"]}),
    "metadata": ({}, {"metadata": {"role": "db"}}),
    "name": ({}, {"name": "others"}),
    "description": ({}, {"description": "a pool"}),
    "security_groups": ({}, {"security_groups": ["default"]}),
    "admin_pass": ({}, {"adminPass": "Another-Pass-2"}),
    "flavor_ref": ({}, {"flavorRef": "s3.xlarge.2"}),
    "image_ref": ({}, {"imageRef": OTHER_IMAGE}),
    "networks": ({}, {"networks": [{"uuid": NETWORK}, {"uuid": NETWORK}]}),
    "availability_zone": ({}, {"availability_zone": "az2-dc1"}),
    "key_name": ({}, {"key_name": "ops"}),
    "user_data": ({}, {"user_data": SCRIPT}),
    "scheduler_hints": ({}, {"scheduler_hints": {"group": "GROUP"}}),
    "on_failure": ({}, {"on_failure": "keep"}),
    "deletion_protection": ({"deletion_protection": True}, {"deletion_protection": False}),
    "consent": ({}, {"consent": ["replace"]}),
}
"""The same for a batch of one."""


NIGHTLY = bool(os.environ.get("ECS_NIGHTLY"))
"""By night every row; by day those of a server that do something, and some of a batch."""

DAILY = ("max_count", "metadata", "name", "image_ref")


def row(table: tuple[Change, ...], argument: str) -> Change:
    return next(one for one in table if one.argument == argument)


@pytest.fixture(scope="module")
def named(kept: Stage) -> dict[str, str]:
    """What a server can name: a key pair, and a server group whose id stands for `GROUP`."""
    kept.cloud.compute.create_keypair(name="ops", public_key="ssh-ed25519 AAAA ops")
    group = kept.cloud.compute.create_server_group(name="spread", policies=["anti-affinity"])
    return {"GROUP": group.id}


@pytest.fixture
def unchanged(stage: Stage) -> Iterator[Stage]:
    """The stage; a batch or a server that a failed test left protected would keep the next one from beginning."""
    yield stage
    if any(one.get("deletion_protection") for one in stage.stated):
        stage.state(*({**one, "deletion_protection": False} for one in stage.stated))
        stage.up()


def with_ids(stated: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
    if "scheduler_hints" not in stated:
        return stated
    return stated | {"scheduler_hints": {"group": named["GROUP"]}}


def ids(stage: Stage) -> set[str]:
    return {one["id"] for one in stage.now()["servers"]}


def proves(stage: Stage, change: Change, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Make the one, state the other: the preview says the row's words, and the servers stay or are others."""
    stage.state(before)
    stage.healed()
    first = ids(stage)
    stage.state(after)
    told = stage.project.pulumi("preview")
    assert told.code == 0, told.text
    assert f"{change.argument.partition(' ')[0]}: {change.effect}: " in told.text
    harder = [effect for effect in Effect if list(Effect).index(effect) > list(Effect).index(change.effect)]
    assert not [effect for effect in harder if f": {effect}: " in told.text], told.text
    replaced = change.effect is Effect.REPLACE
    assert ("1 to replace" in told.text) is replaced, told.text
    since = len(stage.project.changes())
    stage.healed()
    assert first & ids(stage) == (set() if replaced else first)
    if change.effect is Effect.STATE:
        assert stage.project.changes()[since:] == [], "nothing is done in the cloud"
    if NIGHTLY:
        again = stage.project.pulumi("preview", "--refresh", "--expect-no-changes")
        assert again.code == 0, again.text


@pytest.mark.parametrize("argument", [one for one in ONE if NIGHTLY or row(SERVER, one).effect is not Effect.STATE])
def test_a_server(argument: str, unchanged: Stage, named: dict[str, str]) -> None:
    before, change = ONE[argument]
    after = with_ids(before | change, named)
    proves(unchanged, row(SERVER, argument), server(**before), server(**after))


@pytest.mark.parametrize("argument", [one for one in MANY if NIGHTLY or one in DAILY])
def test_a_batch(argument: str, unchanged: Stage, named: dict[str, str]) -> None:
    before, change = MANY[argument]
    after = with_ids(before | change, named)
    proves(unchanged, row(BATCH, argument), batch(1, 1, **before), batch(1, 1, **after))


def test_a_nic_with_another_address_is_another_nic(stage: Stage) -> None:
    stage.state(server())
    stage.healed()
    first, port = ids(stage), [one["id"] for one in stage.now()["ports"]]
    stage.state(server(networks=[{"uuid": NETWORK, "fixed_ip": ADDRESS}]))
    assert f"networks: {Effect.IN_PLACE}: " in stage.project.pulumi("preview").text
    stage.healed()
    assert ids(stage) == first
    (now,) = stage.now()["ports"]
    assert [now["id"]] != port
    assert [one["ip_address"] for one in now["fixed_ips"]] == [ADDRESS]


def test_a_limit_is_no_change(stage: Stage) -> None:
    for stated in (server(), batch(1, 1)):
        stage.state(stated)
        stage.healed()
        stage.state(stated | {"_timeouts": {"create": "61s", "update": "62s"}})
        told = stage.project.pulumi("preview", "--expect-no-changes")
        assert told.code == 0, told.text
