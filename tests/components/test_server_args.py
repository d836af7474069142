"""Mistakes in the arguments of a server: each is told with its path and its restriction, and all at once."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ecs.server_args import ServerArgs
from components.problems import ArgumentError, checked
from components.restrictions import catalogue

IMAGE = "b023fe17-11db-4efb-b800-78882a0e394b"
NETWORK = "fd40e6f8-942d-4b4e-a7ae-465287b02a2c"
GOOD: dict[str, Any] = {
    "flavor_ref": "s3.medium",
    "availability_zone": "az1-dc1",
    "boot": {"image_ref": IMAGE},
    "networks": [{"uuid": NETWORK}],
}


def problems(value: dict[str, Any]) -> list[tuple[str, str | None]]:
    try:
        checked(ServerArgs.model_validate, value, "web", ServerArgs)
    except ArgumentError as error:
        return [(problem.path, problem.restriction) for problem in error.problems]
    return []


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != key}


DISK = {"source_type": "image", "uuid": IMAGE, "volume_size": 40}
BLANK = {"source_type": "blank", "volume_size": 10}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(GOOD, [], id="the least that works"),
        pytest.param(GOOD | {"boot": DISK, "disks": [BLANK]}, [], id="a disk from an image and a data disk"),
        pytest.param(GOOD | {"boot": {"image_ref": f"http://cloud/images/{IMAGE}"}}, [], id="an image by its URL"),
        pytest.param(GOOD | {"scheduler_hints": {"tenancy": "dedicated", "dedicated_host_id": "h"}}, [], id="a DeH"),
        pytest.param(GOOD | {"name": "n" * 255}, [], id="a name of 255 characters"),
        pytest.param(GOOD | {"metadata": {"k" * 255: "v" * 255}}, [], id="the longest metadata"),
        pytest.param(GOOD | {"description": ""}, [], id="the default description"),
        pytest.param(GOOD | {"networks": [{"uuid": NETWORK, "fixed_ip": ""}]}, [], id="an empty address"),
        pytest.param(GOOD | {"networks": [{"uuid": NETWORK, "fixed_ip": "fd00::2"}]}, [], id="an address of IPv6"),
        pytest.param(GOOD | {"flavor_ref": 2}, [("web.flavor_ref", "ECS-102")], id="a number for a flavor"),
        pytest.param(
            GOOD | {"networks": {"uuid": NETWORK}}, [("web.networks", "ECS-301")], id="a map for the networks"
        ),
        pytest.param(GOOD | {"name": "n" * 256}, [("web.name", "ECS-101")], id="a name of 256 characters"),
        pytest.param(GOOD | {"name": ""}, [("web.name", "ECS-101")], id="an empty name"),
        pytest.param(without("flavor_ref"), [("web.flavor_ref", "ECS-102")], id="no flavor"),
        pytest.param(without("availability_zone"), [("web.availability_zone", "ECS-103")], id="no AZ"),
        pytest.param(GOOD | {"availability_zone": ""}, [("web.availability_zone", "ECS-103")], id="an empty AZ"),
        pytest.param(without("boot"), [("web.boot", "ECS-104")], id="no boot source"),
        pytest.param(GOOD | {"boot": BLANK}, [("web.boot", "ECS-104")], id="a blank boot disk"),
        pytest.param(GOOD | {"boot": DISK | {"image_ref": IMAGE}}, [("web.boot", "ECS-104")], id="two boot sources"),
        pytest.param(
            GOOD | {"boot": DISK | {"boot_index": -1}}, [("web.boot", "ECS-104")], id="a boot disk that does not boot"
        ),
        pytest.param(GOOD | {"config_drive": False}, [("web.config_drive", "ECS-105")], id="a config drive"),
        pytest.param(GOOD | {"disk_config": "AUTO"}, [("web.disk_config", "ECS-106")], id="a disk config"),
        pytest.param(GOOD | {"auto_terminate_time": "x"}, [("web.auto_terminate_time", "ECS-107")], id="an end"),
        pytest.param(GOOD | {"description": "d" * 255}, [], id="a description"),
        pytest.param(GOOD | {"description": "d" * 256}, [("web.description", "ECS-108")], id="a long description"),
        pytest.param(GOOD | {"description": 7}, [("web.description", "ECS-108")], id="a description that is no text"),
        pytest.param(GOOD | {"user_data_base64": "***"}, [("web.user_data_base64", "ECS-111")], id="no base64"),
        pytest.param(
            GOOD | {"user_data": "a", "user_data_base64": "YQ=="},
            [("web.user_data_base64", "ECS-111")],
            id="user data twice",
        ),
        pytest.param(GOOD | {"personality": []}, [("web.personality", "ECS-112")], id="file injection"),
        pytest.param(GOOD | {"availability_zone": "az:h"}, [("web.availability_zone", "ECS-113")], id="az:host"),
        pytest.param(GOOD | {"metadata": {"a": 1}}, [("web.metadata.a", "ECS-118")], id="a number as metadata"),
        pytest.param(GOOD | {"metadata": {"a": "v" * 256}}, [("web.metadata.a", "ECS-118")], id="a long value"),
        pytest.param(GOOD | {"disks": [{"source_type": "x"}]}, [("web.disks[0]", "ECS-201")], id="an unknown source"),
        pytest.param(GOOD | {"disks": [{}]}, [("web.disks[0]", "ECS-201")], id="no source"),
        pytest.param(
            GOOD | {"boot": DISK | {"destination_type": "local"}},
            [("web.boot.destination_type", "ECS-202")],
            id="local",
        ),
        pytest.param(
            GOOD | {"disks": [BLANK | {"guest_format": "swap"}]}, [("web.disks[0].guest_format", "ECS-203")], id="swap"
        ),
        pytest.param(
            GOOD | {"disks": [BLANK | {"device_name": "vdb"}]},
            [("web.disks[0].device_name", "ECS-204")],
            id="a device name",
        ),
        pytest.param(GOOD | {"disks": [DISK | {"boot_index": 0}]}, [("web.disks[0]", "ECS-206")], id="two boot disks"),
        pytest.param(
            GOOD | {"disks": [{"source_type": "blank"}]},
            [("web.disks[0].volume_size", "ECS-208")],
            id="a blank disk without a size",
        ),
        pytest.param(
            GOOD | {"disks": [BLANK | {"volume_size": 0}]}, [("web.disks[0].volume_size", "ECS-208")], id="0 GB"
        ),
        pytest.param(
            GOOD | {"disks": [BLANK | {"uuid": IMAGE}]},
            [("web.disks[0].uuid", "ECS-210")],
            id="a source of a blank disk",
        ),
        pytest.param(without("networks"), [("web.networks", "ECS-301")], id="no networks"),
        pytest.param(GOOD | {"networks": []}, [("web.networks", "ECS-301")], id="empty networks"),
        pytest.param(GOOD | {"networks": [{}]}, [("web.networks[0]", "ECS-302")], id="neither port nor network"),
        pytest.param(
            GOOD | {"networks": [{"fixed_ip": "10.0.0.2"}]}, [("web.networks[0]", "ECS-303")], id="an address alone"
        ),
        pytest.param(
            GOOD | {"networks": [{"port": IMAGE, "fixed_ip": "10.0.0.2"}]},
            [("web.networks[0].fixed_ip", "ECS-304")],
            id="an address beside a port",
        ),
        pytest.param(GOOD | {"min_count": 2}, [("web.min_count", "ECS-401")], id="a batch"),
        pytest.param(
            GOOD | {"scheduler_hints": {"group": "g"}}, [("web.scheduler_hints.group", "ECS-501")], id="no UUID"
        ),
        pytest.param(
            GOOD | {"scheduler_hints": {"same_host": ["h"]}},
            [("web.scheduler_hints.same_host", "ECS-503")],
            id="a reserved hint",
        ),
        pytest.param(
            GOOD | {"scheduler_hints": {"tenancy": "mine"}},
            [("web.scheduler_hints.tenancy", "ECS-504")],
            id="an unknown tenancy",
        ),
        pytest.param(
            GOOD | {"scheduler_hints": {"dedicated_host_id": "h"}},
            [("web.scheduler_hints.dedicated_host_id", "ECS-505")],
            id="a DeH in the shared pool",
        ),
        pytest.param(GOOD | {"flavour": "x"}, [("web.flavour", None)], id="a misspelt key"),
    ],
)
def test_a_mistake_has_its_path_and_restriction(value: dict[str, Any], expected: list[tuple[str, str | None]]) -> None:
    assert problems(value) == expected


def test_several_mistakes_are_told_at_once() -> None:
    value = {
        "name": "n" * 256,
        "networks": [],
        "boot": BLANK,
        "config_drive": True,
        "scheduler_hints": {"cidr": "x", "group": "g"},
    }
    assert {restriction for _, restriction in problems(value)} == {
        "ECS-101", "ECS-102", "ECS-103", "ECS-104", "ECS-105", "ECS-301", "ECS-501", "ECS-503",
    }  # fmt: skip


def test_no_secret_is_in_an_error() -> None:
    planted = "correct-horse-battery"
    value = GOOD | {
        "admin_pass": [planted],
        "user_data": {"x": planted},
        "user_data_base64": f"!{planted}!",
        "extra": planted,
    }
    with pytest.raises(ArgumentError) as caught:
        checked(ServerArgs.model_validate, value, "web", ServerArgs)
    assert planted not in str(caught.value)
    assert planted not in repr(caught.value.problems)


def test_a_secret_is_not_in_the_text_of_the_arguments() -> None:
    args = ServerArgs.model_validate(GOOD | {"admin_pass": "correct-horse", "user_data": "battery-staple"})
    assert "correct-horse" not in repr(args)
    assert "battery-staple" not in repr(args)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([IMAGE, "image", "volume", "10.0.0.1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*ServerArgs.model_fields, "uuid", "port", "fixed_ip", "source_type", "volume_size"]), inner
        )
    ),
    max_leaves=12,
)


@given(change=st.dictionaries(st.sampled_from(list(ServerArgs.model_fields)), json_values, max_size=4))
def test_any_input_is_accepted_or_explained(change: dict[str, Any]) -> None:
    for path, restriction in problems(copy.deepcopy(GOOD) | change):
        assert path.startswith("web")
        assert restriction is None or restriction in catalogue()
