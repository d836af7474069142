"""The arguments of a batch: what they take, and what is told of a mistake."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ecs.batch_args import BatchArgs
from components.ecs.server_args import ServerArgs
from components.problems import ArgumentError, checked

IMAGE = "b023fe17-11db-4efb-b800-78882a0e394b"
NETWORK = "fd40e6f8-942d-4b4e-a7ae-465287b02a2c"
GOOD: dict[str, Any] = {
    "flavor_ref": "s3.medium",
    "availability_zone": "az1-dc1",
    "image_ref": IMAGE,
    "networks": [{"uuid": NETWORK}],
}


def problems(value: dict[str, Any], kind: type[BatchArgs | ServerArgs] = BatchArgs) -> list[tuple[str, str | None]]:
    try:
        checked(kind.model_validate, value, "pool", kind)
    except ArgumentError as error:
        return [(problem.path.removeprefix("pool."), problem.restriction) for problem in error.problems]
    return []


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the least that works"),
        pytest.param({"min_count": 1, "max_count": 1}, id="one alone"),
        pytest.param({"min_count": 3, "max_count": 3}, id="all or nothing"),
        pytest.param({"max_count": 9}, id="as many as there is room for"),
        pytest.param({"image_ref": f"http://cloud/images/{IMAGE}"}, id="an image by its URL"),
        pytest.param({"remove": ["pool-1", IMAGE]}, id="members to go first"),
        pytest.param({"networks": [{"uuid": NETWORK}] * 2}, id="two NICs"),
        pytest.param({"description": "d" * 255, "name": "n" * 255}, id="the longest texts"),
        pytest.param({"deletion_protection": True, "consent": ["replace"]}, id="protected, with consent"),
        pytest.param({"on_failure": "keep"}, id="kept for a look"),
        pytest.param({"timeouts": {"create": 1}}, id="a short limit"),
    ],
)
def test_what_is_taken(changes: dict[str, Any]) -> None:
    assert problems(GOOD | changes) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(without("image_ref"), [("image_ref", "ECS-402")], id="no image"),
        pytest.param(GOOD | {"image_ref": "ubuntu"}, [("image_ref", "ECS-402")], id="an image by its name"),
        pytest.param(GOOD | {"boot": {"image_ref": IMAGE}}, [("boot", "ECS-402")], id="a server's boot"),
        pytest.param(GOOD | {"disks": []}, [("disks", "ECS-403")], id="disks"),
        pytest.param(without("networks"), [("networks", "ECS-301")], id="no networks"),
        pytest.param(GOOD | {"networks": []}, [("networks", "ECS-301")], id="no NIC"),
        pytest.param(GOOD | {"networks": [{}]}, [("networks[0].uuid", "ECS-302")], id="a NIC on no network"),
        pytest.param(
            GOOD | {"networks": [{"uuid": NETWORK, "port": NETWORK}]}, [("networks[0].port", "ECS-405")], id="a port"
        ),
        pytest.param(
            GOOD | {"networks": [{"uuid": NETWORK, "fixed_ip": "10.0.0.2"}]},
            [("networks[0].fixed_ip", "ECS-405")],
            id="an address",
        ),
        pytest.param(GOOD | {"min_count": 0}, [("min_count", "ECS-401")], id="none"),
        pytest.param(GOOD | {"max_count": 0}, [("max_count", "ECS-401")], id="none at most"),
        pytest.param(GOOD | {"min_count": True}, [("min_count", "ECS-401")], id="a flag for a number"),
        pytest.param(GOOD | {"max_count": 1.5}, [("max_count", "ECS-401")], id="half a member"),
        pytest.param(GOOD | {"min_count": 3, "max_count": 2}, [("max_count", "ECS-401")], id="from many to few"),
        pytest.param(GOOD | {"tags": ["a"]}, [("tags", None)], id="tags"),
        pytest.param(GOOD | {"power_state": "active"}, [("power_state", None)], id="a power state"),
        pytest.param(GOOD | {"on_image_change": "rebuild"}, [("on_image_change", None)], id="a rebuild"),
        pytest.param(GOOD | {"description": "d" * 256}, [("description", "ECS-108")], id="a long description"),
        pytest.param(GOOD | {"return_reservation_id": True}, [("return_reservation_id", None)], id="always asked for"),
        pytest.param(GOOD | {"on_failure": "ignore"}, [("on_failure", None)], id="another word for a failure"),
        pytest.param(GOOD | {"consent": ["delete"]}, [("consent[0]", None)], id="consent to what has none"),
        pytest.param(GOOD | {"timeouts": {"create": 0}}, [("timeouts.create", None)], id="no time at all"),
        pytest.param(
            GOOD | {"min_count": 0, "disks": [], "image_ref": "x"},
            [("image_ref", "ECS-402"), ("min_count", "ECS-401"), ("disks", "ECS-403")],
            id="all at once",
        ),
    ],
)
def test_a_mistake_has_its_path_and_restriction(value: dict[str, Any], expected: list[tuple[str, str | None]]) -> None:
    assert problems(value) == expected


@given(least=st.integers(-2, 30), most=st.none() | st.integers(-2, 30))
def test_the_counts_are_at_least_one_and_in_order(least: int, most: int | None) -> None:
    wrong = {"min_count"} if least < 1 else set()
    if most is not None and (most < 1 or (least >= 1 and most < least)):
        wrong.add("max_count")
    value = GOOD | {"min_count": least} | ({} if most is None else {"max_count": most})
    assert {path for path, _ in problems(value)} == wrong
    if not wrong:
        args = BatchArgs.model_validate(value)
        assert args.most == (least if most is None else most)
        assert args.min_count <= args.most


SERVER = without("image_ref") | {"boot": {"image_ref": IMAGE}}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"tags": ["t" * 60] + [f"{number}" for number in range(49)]}, None, id="the most tags"),
        pytest.param({"tags": [f"{number}" for number in range(51)]}, "tags", id="too many tags"),
        pytest.param({"tags": ["a", "a"]}, "tags", id="a tag twice"),
        pytest.param({"tags": ["t" * 61]}, "tags[0]", id="a long tag"),
        pytest.param({"tags": [""]}, "tags[0]", id="an empty tag"),
        pytest.param({"tags": ["a,b"]}, "tags[0]", id="a tag with a comma"),
        pytest.param({"tags": ["a/b"]}, "tags[0]", id="a tag with a slash"),
        pytest.param({"power_state": "shutoff"}, None, id="a server that stands still"),
        pytest.param({"power_state": "paused"}, "power_state", id="a state that nobody may ask for"),
        pytest.param({"on_failure": "keep"}, None, id="kept for a look"),
        pytest.param({"on_failure": "retry"}, "on_failure", id="another word for a failure"),
        pytest.param({"on_image_change": "rebuild"}, None, id="a rebuild"),
        pytest.param({"on_image_change": "ask"}, "on_image_change", id="another word for an image"),
        pytest.param({"consent": ["rebuild", "replace"]}, None, id="consent to both"),
        pytest.param({"consent": "replace"}, "consent", id="consent that is no list"),
        pytest.param({"deletion_protection": "perhaps"}, "deletion_protection", id="half protected"),
        pytest.param({"timeouts": {"create": 60, "update": 61, "delete": 62}}, None, id="limits"),
        pytest.param({"timeouts": {"creation": 60}}, "timeouts.creation", id="an unknown limit"),
        pytest.param({"timeouts": {"delete": -1}}, "timeouts.delete", id="a limit below none"),
    ],
)
def test_the_life_of_a_server_is_checked(changes: dict[str, Any], path: str | None) -> None:
    assert [told for told, _ in problems(SERVER | changes, ServerArgs)] == ([] if path is None else [path])
