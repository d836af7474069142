"""A stack's YAML: what it may say, and how its mistakes are told."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from commands.schema import FILE, text
from components.problems import ArgumentError
from stacks.cells import settings_of
from stacks.load import in_clear, misplaced, stated
from stacks.settings import Settings, read

STACKS = Path(__file__).parents[2] / "stacks"
IMAGE = "b023fe17-11db-4efb-b800-78882a0e394b"
GOOD: dict[str, Any] = {
    "networks": {"lan": {"cidr": "10.0.0.0/24"}},
    "security_groups": {"web": {"rules": [{"protocol": "tcp", "port": 80, "last_port": 90, "remote": "10.0.0.0/8"}]}},
    "server_groups": {"spread": {}},
    "key_pairs": {"ops": {"public_key": "ssh-ed25519 AAAA ops"}},
    "disks": {"data": {"volume_size": 10, "availability_zone": "az1"}},
    "servers": {
        "web": {
            "flavor_ref": "s3.medium",
            "availability_zone": "az1",
            "boot": {"image_ref": IMAGE},
            "networks": [{"network": "lan", "fixed_ip": "10.0.0.9"}],
            "disks": [{"disk": "data"}, {"source_type": "blank", "volume_size": 1}],
            "scheduler_hints": {"server_group": "spread"},
            "security_groups": ["web", "default"],
            "key_name": "ops",
        }
    },
    "batches": {
        "pool": {
            "flavor_ref": "s3.medium",
            "availability_zone": "az1",
            "image_ref": IMAGE,
            "networks": [{"network": "lan"}],
            "min_count": 2,
            "scheduler_hints": {"server_group": "spread"},
        }
    },
    "protection": {"servers": False},
    "consent": {"web": ["replace"], "pool": ["replace"]},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """GOOD with the value at `a/b/0/c` set."""
    result: Any = copy.deepcopy(GOOD)
    *way, last = path.split("/")
    here = result
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    here[int(last) if isinstance(here, list) else last] = value
    return result  # type: ignore[no-any-return]


def test_a_whole_stack_is_read() -> None:
    settings = read(GOOD, "s:")
    assert isinstance(settings, Settings)
    assert set(settings.servers) == {"web"}
    assert set(settings.batches) == {"pool"}
    assert settings.protection.servers is False
    assert settings.consent == {"web": ("replace",), "pool": ("replace",)}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param(changed("server", {}), "s:server: is not a known key", id="an unknown section"),
        pytest.param(
            changed("servers/web/networks/0/network", "wan"),
            "s:servers.web.networks[0].network: this stack has no network 'wan'. State it, or name one of its own (lan)",
            id="a network of another stack",
        ),
        pytest.param(
            changed("servers/web/disks/0/disk", "logs"),
            "s:servers.web.disks[0].disk: this stack has no disk 'logs'",
            id="a disk of another stack",
        ),
        pytest.param(
            changed("servers/web/scheduler_hints/server_group", "x"),
            "s:servers.web.scheduler_hints.server_group: this stack has no server group 'x'",
            id="a group of another stack",
        ),
        pytest.param(
            changed("servers/web/scheduler_hints/group", IMAGE),
            "s:servers.web.scheduler_hints.group: is a second group",
            id="two groups",
        ),
        pytest.param(changed("servers/a b", GOOD["servers"]["web"]), "s:servers.a b", id="a name with a space"),
        pytest.param(
            changed("networks/lan/cidr", "10.0.0.1/24"), "s:networks.lan.cidr: ", id="a network with host bits"
        ),
        pytest.param(changed("networks/lan/cdir", "x"), "s:networks.lan.cdir: is not a known key", id="a misspelt key"),
        pytest.param(
            changed("key_pairs/ops/public_key", "-----BEGIN OPENSSH PRIVATE KEY-----"),
            "s:key_pairs.ops.public_key: is a private key",
            id="a private key",
        ),
        pytest.param(
            changed("security_groups/web/rules/0/protocol", None),
            "s:security_groups.web.rules[0].port: needs a protocol",
            id="a port without a protocol",
        ),
        pytest.param(
            changed("security_groups/web/rules/0/last_port", 70),
            "s:security_groups.web.rules[0].last_port: is below",
            id="a range that goes down",
        ),
        pytest.param(
            changed("disks/data/snapshot", "x"), "s:disks.data.snapshot: is not a UUID", id="a snapshot by name"
        ),
        pytest.param(
            changed("servers/web/networks/0", {}),
            "s:servers.web.networks[0]: names neither a port nor a network",
            id="no network",
        ),
        pytest.param(
            changed("batches/pool/networks/0/network", "wan"),
            "s:batches.pool.networks[0].network: this stack has no network 'wan'. State it, or name one of its own (lan)",
            id="a batch on a network of another stack",
        ),
        pytest.param(
            changed("batches/pool/networks/0/fixed_ip", "10.0.0.2"),
            "s:batches.pool.networks[0].fixed_ip: cannot be shared",
            id="a batch with an address",
        ),
        pytest.param(
            changed("batches/pool/scheduler_hints/server_group", "x"),
            "s:batches.pool.scheduler_hints.server_group: this stack has no server group 'x'",
            id="a batch in a group of another stack",
        ),
        pytest.param(
            changed("batches/web", GOOD["batches"]["pool"]),
            "s:batches.web: is the name of a server too",
            id="a batch by the name of a server",
        ),
        pytest.param(changed("batches/pool/max_count", 1), "s:batches.pool.max_count: is below", id="from many to few"),
        pytest.param(
            changed("consent/db", ["replace"]),
            "s:consent.db: this stack has no server or batch 'db'. State it, or name one of its own (pool, web)",
            id="consent for nobody",
        ),
        pytest.param(changed("consent/web", ["delete"]), "s:consent.web[0]: ", id="consent to what has none"),
        pytest.param(changed("protection/servers", "maybe"), "s:protection.servers: ", id="half a protection"),
        pytest.param(changed("protection/disks", True), "s:protection.disks: is not a known key", id="another one"),
    ],
)
def test_a_mistake_is_told_with_its_path(value: dict[str, Any], says: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read(value, "s:")
    assert [problem for problem in map(str, caught.value.problems) if problem.startswith(says)], str(caught.value)
    assert len(caught.value.problems) == 1, str(caught.value)


def test_a_section_that_is_no_map_is_told_with_its_file() -> None:
    config = {"ecs-stacks:servers": "web", "ecs-stacks:networks": "[]", "openstack:cloud": "sandbox"}
    with pytest.raises(ArgumentError) as caught:
        stated(config, "dev")
    assert [problem.path for problem in caught.value.problems] == [
        "stacks/Pulumi.dev.yaml: ecs-stacks:servers",
        "stacks/Pulumi.dev.yaml: ecs-stacks:networks",
    ]


def test_the_schema_for_editors_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run: make schema"


@pytest.mark.parametrize("file", sorted(STACKS.glob("Pulumi.*.yaml")), ids=lambda file: file.name)
def test_a_committed_stack_can_be_read_and_fits_the_schema(file: Path) -> None:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(json.loads(FILE.read_text(encoding="utf-8"))).validate(document)
    assert settings_of(file.stem.removeprefix("Pulumi."), STACKS).servers


@pytest.mark.parametrize(
    "server",
    [
        pytest.param({"admin_pass": {"secure": "v1:abc"}}, id="an encrypted password"),
        pytest.param({"user_data": "#cloud-config"}, id="user data"),
    ],
)
def test_the_schema_takes_secrets_plain_or_encrypted(server: dict[str, Any]) -> None:
    document = {"config": {"ecs-stacks:servers": {"web": GOOD["servers"]["web"] | server}}}
    jsonschema.Draft202012Validator(json.loads(text())).validate(document)


@pytest.mark.parametrize("server", [{"config_drive": True}, {"flavour": "x"}, {"networks": [{"fixed_ip": "10.0.0.1"}]}])
def test_the_schema_refuses_what_the_settings_refuse(server: dict[str, Any]) -> None:
    document = {"config": {"ecs-stacks:servers": {"web": GOOD["servers"]["web"] | server}}}
    assert not jsonschema.Draft202012Validator(json.loads(text())).is_valid(document)


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ({"config": {"ecs-stacks:servers": {}, "openstack:cloud": "x"}, "encryptionsalt": "v1"}, []),
        ({"config": {"ecs-stack:servers": {}}}, ["f: ecs-stack:servers"]),
        ({"config": {}, "ecs-stacks:servers": {}}, ["f: ecs-stacks:servers"]),
        (None, ["f"]),
    ],
)
def test_what_nothing_would_read_is_refused(document: Any, paths: list[str]) -> None:
    assert [problem.path for problem in misplaced(document, "f")] == paths


def test_a_secret_in_clear_is_found() -> None:
    servers = {"a": {"admin_pass": "x", "metadata": {"admin_pass": "y"}}, "b": {"user_data": {"secure": "v1"}}}
    assert in_clear({"config": {"ecs-stacks:servers": servers}}) == [
        "servers.a.admin_pass",
        "servers.a.metadata.admin_pass",
    ]


def test_a_secret_of_a_batch_in_clear_is_found() -> None:
    batches = {"a": {"user_data": "x", "metadata": {"admin_pass": {"secure": "v1"}}}, "b": {"user_data_base64": "eA=="}}
    config = {"ecs-stacks:batches": batches, "ecs-stacks:servers": {"c": {"admin_pass": {"secure": "v1"}}}}
    assert in_clear({"config": config}) == ["batches.a.user_data", "batches.b.user_data_base64"]
