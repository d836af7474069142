"""From arguments to what is sent, without an engine."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from components.accepted import deferred
from components.ecs import wire
from components.ecs.batch_args import BatchArgs
from components.ecs.server_args import ServerArgs
from components.problems import ArgumentError

IMAGE = "b023fe17-11db-4efb-b800-78882a0e394b"
NETWORK = "fd40e6f8-942d-4b4e-a7ae-465287b02a2c"
LEAST: dict[str, Any] = {
    "flavor_ref": "http://cloud/v2.1/flavors/s3.medium",
    "availability_zone": "az1",
    "boot": {"image_ref": IMAGE.upper()},
    "networks": [{"uuid": NETWORK, "fixed_ip": "10.0.0.2"}],
}


class Nothing(mocks.Mocks):
    def new_resource(self, args: Any) -> tuple[str, dict[str, Any]]:
        raise AssertionError(args)

    def call(self, args: Any) -> dict[str, Any]:
        raise AssertionError(args)


def known(make: Any) -> Any:
    """What `make()` comes to when all Outputs in it are known, and whether each is a secret."""

    async def run() -> Any:
        mocks.set_mocks(Nothing())
        value = make()
        return await settle(value)

    return asyncio.run(run())


async def settle(value: Any) -> Any:
    if isinstance(value, pulumi.Output):
        inner = await value.future()
        return {"secret": inner} if await value.is_secret() else inner
    if isinstance(value, dict):
        return {key: await settle(item) for key, item in value.items()}
    if isinstance(value, list):
        return [await settle(item) for item in value]
    return value


def args(**changes: Any) -> ServerArgs:
    return ServerArgs.model_validate(LEAST | changes)


def test_the_request_of_the_least_arguments() -> None:
    assert known(lambda: wire.request_body(args(), "web")) == {
        "server": {
            "name": "web",
            "flavorRef": "s3.medium",
            "imageRef": IMAGE,
            "availability_zone": "az1",
            "networks": [{"uuid": NETWORK, "fixed_ip": "10.0.0.2"}],
        }
    }


def test_the_request_of_all_arguments() -> None:
    full = {
        "name": "w",
        "boot": {"source_type": "image", "uuid": IMAGE, "volume_size": 40, "volume_type": "SAS"},
        "disks": [{"source_type": "blank", "volume_size": 5, "delete_on_termination": True}],
        "networks": [{"port": NETWORK}],
        "security_groups": ["web"],
        "key_name": "ops",
        "admin_pass": "pw",
        "user_data": "#!/bin/sh",
        "metadata": {"role": "web", "admin_pass": "pw2"},
        "scheduler_hints": {"group": IMAGE, "tenancy": "dedicated", "dedicated_host_id": "deh"},
    }
    assert known(lambda: wire.request_body(args(**full), "web")) == {
        "server": {
            "name": "w",
            "flavorRef": "s3.medium",
            "availability_zone": "az1",
            "block_device_mapping_v2": [
                {
                    "source_type": "image",
                    "destination_type": "volume",
                    "boot_index": 0,
                    "uuid": IMAGE,
                    "volume_size": 40,
                    "volume_type": "SAS",
                },
                {
                    "source_type": "blank",
                    "destination_type": "volume",
                    "boot_index": -1,
                    "volume_size": 5,
                    "delete_on_termination": True,
                },
            ],
            "networks": [{"port": NETWORK}],
            "security_groups": [{"name": "web"}],
            "key_name": "ops",
            "adminPass": {"secret": "pw"},
            "user_data": {"secret": "IyEvYmluL3No"},
            "metadata": {"role": "web", "admin_pass": {"secret": "pw2"}},
        },
        "os:scheduler_hints": {"group": IMAGE, "tenancy": "dedicated", "dedicated_host_id": "deh"},
    }


@pytest.mark.parametrize("text", ["abcd", "true", "plain text", "", "ICAg"])
def test_user_data_is_encoded_also_where_it_looks_encoded(text: str) -> None:
    sent = known(lambda: wire.user_data(args(user_data=text)))
    assert base64.b64decode(sent["secret"]).decode() == text


def test_user_data_that_is_encoded_already_is_sent_as_it_is() -> None:
    assert known(lambda: wire.user_data(args(user_data_base64="YWJj\nZA=="))) == {"secret": "YWJjZA=="}


OURS = {"on_failure": "rollback", "on_image_change": "replace", "deletion_protection": False, "consent": []}


def test_the_native_inputs_of_the_least_arguments() -> None:
    assert known(lambda: wire.server_inputs(args(), "web")) == {
        "name": "web",
        "flavorRef": "s3.medium",
        "availability_zone": "az1",
        "imageRef": IMAGE,
        "networks": [{"uuid": NETWORK, "fixed_ip": "10.0.0.2"}],
        **OURS,
    }


def test_the_native_inputs_of_all_arguments() -> None:
    full = {
        "name": "w",
        "boot": {"source_type": "image", "uuid": IMAGE, "volume_size": 40, "volume_type": "SAS"},
        "disks": [
            {"name": "data", "source_type": "blank", "volume_size": 5, "delete_on_termination": True},
            {"name": "old", "source_type": "volume", "uuid": NETWORK},
        ],
        "networks": [{"port": NETWORK}, {"uuid": NETWORK}],
        "security_groups": ["web"],
        "key_name": "ops",
        "admin_pass": "pw",
        "user_data": "#!/bin/sh",
        "metadata": {"role": "web", "admin_pass": "pw2"},
        "description": "a web server",
        "tags": ["blue"],
        "power_state": "shutoff",
        "scheduler_hints": {"group": IMAGE, "tenancy": "dedicated", "dedicated_host_id": "deh"},
        "on_failure": "keep",
        "on_image_change": "rebuild",
        "deletion_protection": True,
        "consent": ["rebuild"],
    }
    assert known(lambda: wire.server_inputs(args(**full), "web")) == {
        "name": "w",
        "flavorRef": "s3.medium",
        "availability_zone": "az1",
        "boot": {
            "source_type": "image",
            "uuid": IMAGE,
            "volume_size": 40,
            "volume_type": "SAS",
            "delete_on_termination": False,
        },
        "disks": [
            {"name": "data", "source_type": "blank", "volume_size": 5, "delete_on_termination": True},
            {"name": "old", "source_type": "volume", "uuid": NETWORK, "delete_on_termination": False},
        ],
        "networks": [{"port": NETWORK}, {"uuid": NETWORK}],
        "security_groups": ["web"],
        "key_name": "ops",
        "adminPass": {"secret": "pw"},
        "user_data": {"secret": "IyEvYmluL3No"},
        "metadata": {"role": "web", "admin_pass": {"secret": "pw2"}},
        "description": "a web server",
        "tags": ["blue"],
        "power_state": "shutoff",
        "scheduler_hints": {"group": IMAGE, "tenancy": "dedicated", "dedicated_host_id": "deh"},
        "on_failure": "keep",
        "on_image_change": "rebuild",
        "deletion_protection": True,
        "consent": ["rebuild"],
    }


def test_one_disk_needs_no_name_in_the_stack_and_always_has_one_on_the_wire() -> None:
    (sent,) = wire.server_inputs(args(disks=[{"source_type": "blank", "volume_size": 5}]), "web")["disks"]
    assert sent["name"] == "0"


def test_security_groups_beside_ports_alone_are_left_out() -> None:
    assert "security_groups" not in wire.server_inputs(args(networks=[{"port": NETWORK}], security_groups=["web"]), "w")


@pytest.mark.parametrize("is_known", [True, False])
def test_a_network_is_known_no_sooner_than_its_subnet(is_known: bool) -> None:
    """Else a NIC could be made on a network that has no address to give yet."""

    def sent() -> Any:
        subnet = pulumi.Output(set(), _later(IMAGE), _later(is_known), _later(False))
        (nic,) = wire.server_inputs(args(networks=[{"uuid": NETWORK, "subnet_id": subnet}]), "w")["networks"]
        return pulumi.Output.from_input(nic["uuid"].is_known())

    assert known(sent) is is_known


async def _later(value: Any) -> Any:
    return value


BATCH: dict[str, Any] = {
    "flavor_ref": "s3.medium",
    "availability_zone": "az1",
    "image_ref": IMAGE.upper(),
    "networks": [{"uuid": NETWORK}],
    "min_count": 2,
}


def batch(**changes: Any) -> BatchArgs:
    return BatchArgs.model_validate(BATCH | changes)


def test_the_request_of_a_batch() -> None:
    assert known(lambda: wire.batch_body(batch(max_count=5, scheduler_hints={"group": IMAGE}), "pool")) == {
        "server": {
            "name": "pool",
            "flavorRef": "s3.medium",
            "availability_zone": "az1",
            "imageRef": IMAGE,
            "networks": [{"uuid": NETWORK}],
            "min_count": 2,
            "max_count": 5,
            "return_reservation_id": True,
        },
        "os:scheduler_hints": {"group": IMAGE},
    }


def test_the_native_inputs_of_a_batch() -> None:
    full = {
        "max_count": 5,
        "remove": ["pool-1"],
        "security_groups": ["web"],
        "admin_pass": "pw",
        "user_data": "#!/bin/sh",
        "metadata": {"role": "pool"},
        "description": "a pool",
        "key_name": "ops",
        "scheduler_hints": {"group": IMAGE},
        "deletion_protection": True,
        "consent": ["replace"],
    }
    assert known(lambda: wire.batch_inputs(batch(**full), "pool")) == {
        "name": "pool",
        "flavorRef": "s3.medium",
        "availability_zone": "az1",
        "imageRef": IMAGE,
        "networks": [{"uuid": NETWORK}],
        "security_groups": ["web"],
        "key_name": "ops",
        "adminPass": {"secret": "pw"},
        "user_data": {"secret": "IyEvYmluL3No"},
        "metadata": {"role": "pool"},
        "description": "a pool",
        "scheduler_hints": {"group": IMAGE},
        "min_count": 2,
        "max_count": 5,
        "remove": ["pool-1"],
        "on_failure": "rollback",
        "deletion_protection": True,
        "consent": ["replace"],
    }


def test_a_batch_without_a_most_has_its_least() -> None:
    sent = wire.batch_inputs(batch(), "pool")
    assert (sent["min_count"], sent["max_count"]) == (2, 2)
    assert wire.batch_body(batch(), "pool")["server"]["max_count"] == 2


def test_an_output_is_let_through_and_checked_when_it_is_known() -> None:
    def later(**changes: Any) -> Any:
        outputs = {key: pulumi.Output.from_input(value) for key, value in changes.items()}
        return deferred(args(**outputs), "server 'web'")

    good = known(lambda: wire.request_body(later(name="w", flavor_ref="x/s3.medium", admin_pass="pw"), "web"))
    assert (good["server"]["name"], good["server"]["flavorRef"], good["server"]["adminPass"]) == (
        "w",
        "s3.medium",
        {"secret": "pw"},
    )
    with pytest.raises(ArgumentError, match=r"server 'web'\.name: has 256 characters.*ECS-101"):
        known(lambda: later(name="n" * 256).name)


@pytest.mark.parametrize(
    ("changes", "path", "restriction"),
    [
        ({"networks": [{"uuid": "no"}]}, "networks[0].uuid", "ECS-302"),
        ({"boot": {"image_ref": "no"}}, "boot.image_ref", "ECS-104"),
        ({"boot": {"source_type": "image", "uuid": IMAGE, "volume_size": 0}}, "boot.volume_size", "ECS-208"),
        ({"metadata": {"a": "v" * 256}}, "metadata.a", "ECS-118"),
        ({"scheduler_hints": {"group": "no"}}, "scheduler_hints.group", "ECS-501"),
        ({"availability_zone": "az:host"}, "availability_zone", "ECS-113"),
    ],
)
def test_a_wrong_output_is_told_with_its_path_and_restriction(
    changes: dict[str, Any], path: str, restriction: str
) -> None:
    def outputs(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: item if key == "source_type" else outputs(item) for key, item in value.items()}
        return [outputs(item) for item in value] if isinstance(value, list) else pulumi.Output.from_input(value)

    with pytest.raises(ArgumentError) as caught:
        known(lambda: wire.request_body(deferred(args(**outputs(changes)), "web"), "web"))
    assert [(problem.path, problem.restriction) for problem in caught.value.problems] == [(f"web.{path}", restriction)]
