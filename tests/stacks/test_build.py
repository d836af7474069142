"""From settings to arguments: what is protected, what there is consent for, and what a preview looks up."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from stacks.build import Made
from stacks.load import hide_encrypted
from stacks.preflight import named
from stacks.settings import Settings, read

ID = "12345678-1234-4234-8234-123456789012"
COMMON: dict[str, Any] = {
    "flavor_ref": "s3.medium",
    "availability_zone": "az1",
    "networks": [{"uuid": ID}],
}
SERVER = COMMON | {"boot": {"image_ref": ID}}
BATCH = COMMON | {"image_ref": ID, "min_count": 2}


class Nothing(mocks.Mocks):
    def new_resource(self, args: Any) -> tuple[str, dict[str, Any]]:
        raise AssertionError(args)

    def call(self, args: Any) -> Any:
        raise AssertionError(args)


def test_a_value_of_the_metadata_that_is_encrypted_in_the_file_is_secret_to_the_engine() -> None:
    inside = {"metadata": {"role": "web", "db.conn": "planted-1234"}}
    stated = {"role": "web", "db.conn": {"secure": "v1:x:y"}}
    document = {
        "config": {
            "ecs-stacks:servers": {"web": {"metadata": stated}, "bare": None},
            "ecs-stacks:batches": {"many": {"metadata": stated}},
        }
    }

    async def run() -> list[dict[str, bool]]:
        mocks.set_mocks(Nothing(), stack="dev")
        whole = read({"servers": {"web": SERVER | inside}, "batches": {"many": BATCH | inside}}, "s:")
        hide_encrypted(whole, document)
        return [
            {key: isinstance(value, pulumi.Output) and await value.is_secret() for key, value in one.metadata.items()}
            for one in (whole.servers["web"], whole.batches["many"])
        ]

    assert asyncio.run(run()) == 2 * [{"role": False, "db.conn": True}]


def life(settings: dict[str, Any], stack: str = "dev") -> tuple[dict[str, bool], dict[str, tuple[str, ...]]]:
    """Of each server and batch: whether it is protected, and what there is consent for."""

    async def run() -> list[tuple[str, Any]]:
        mocks.set_mocks(Nothing(), stack=stack)
        whole = read(settings, "s:")
        made = Made(whole)
        servers = [(name, made.server_args(name, one)) for name, one in whole.servers.items()]
        return servers + [(name, made.batch_args(name, one)) for name, one in whole.batches.items()]

    built = asyncio.run(run())
    return {name: one.deletion_protection for name, one in built}, {name: one.consent for name, one in built}


@pytest.mark.parametrize(
    ("stack", "protected"),
    [
        ("prod", True),
        ("staging", True),
        ("dev", False),
        ("sandbox", False),
        ("production", False),
        ("prod.a", True),
        ("dev.prod", False),
    ],
)
def test_what_runs_for_others_is_protected_by_default(stack: str, protected: bool) -> None:
    said, _ = life({"servers": {"web": SERVER}, "batches": {"pool": BATCH}}, stack)
    assert said == {"web": protected, "pool": protected}


@pytest.mark.parametrize("stack", ["prod", "dev"])
@pytest.mark.parametrize("protected", [True, False])
def test_the_stack_says_it_for_all(stack: str, protected: bool) -> None:
    settings = {"servers": {"web": SERVER}, "batches": {"pool": BATCH}, "protection": {"servers": protected}}
    assert life(settings, stack)[0] == {"web": protected, "pool": protected}


def test_what_a_server_says_itself_wins() -> None:
    settings = {
        "servers": {"web": SERVER | {"deletion_protection": False}, "db": SERVER},
        "batches": {"pool": BATCH | {"deletion_protection": False}},
    }
    assert life(settings, "prod")[0] == {"web": False, "db": True, "pool": False}
    settings["servers"]["web"] = SERVER | {"deletion_protection": True}
    assert life(settings | {"protection": {"servers": False}}, "prod")[0] == {"web": True, "db": False, "pool": False}


def test_consent_is_what_the_server_and_the_stack_say_together() -> None:
    settings = {
        "servers": {"web": SERVER | {"consent": ["rebuild"]}, "db": SERVER},
        "batches": {"pool": BATCH},
        "consent": {"web": ["replace"], "pool": ["replace"]},
    }
    assert life(settings)[1] == {"web": ("rebuild", "replace"), "db": (), "pool": ("replace",)}


def test_everything_that_a_batch_names_by_id_is_looked_up() -> None:
    batch = BATCH | {"security_groups": ["web"], "key_name": "ops", "scheduler_hints": {"group": ID}}
    settings = Settings.model_validate({"batches": {"pool": batch}})
    assert {(path, thing.kind) for path, thing in named(settings)} == {
        ("batches.pool.flavor_ref", "flavor"),
        ("batches.pool.image_ref", "image"),
        ("batches.pool.networks[0].uuid", "network"),
        ("batches.pool.security_groups[0]", "security group"),
        ("batches.pool.key_name", "key pair"),
        ("batches.pool.scheduler_hints.group", "server group"),
    }


def test_what_the_stack_makes_itself_is_not_looked_up() -> None:
    settings = Settings.model_validate(
        {
            "networks": {"lan": {"cidr": "10.0.0.0/24"}},
            "security_groups": {"web": {"rules": []}},
            "key_pairs": {"ops": {"public_key": "ssh-ed25519 AAAA ops"}},
            "server_groups": {"spread": {}},
            "batches": {
                "pool": BATCH
                | {
                    "networks": [{"network": "lan"}],
                    "security_groups": ["web"],
                    "key_name": "ops",
                    "scheduler_hints": {"server_group": "spread"},
                }
            },
        }
    )
    assert {thing.kind for _, thing in named(settings)} == {"flavor", "image"}
