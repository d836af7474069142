"""Ten restrictions that a request alone decides: servers that break each, and what our pack, OPA and Checkov say of them."""

import argparse
import copy
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.engine import FailedError

PEERS = Path(__file__).parent / "peers"
OPA = "github.com/open-policy-agent/opa"

Inputs = dict[str, Any]
Found = set[tuple[str, str]]
"""Pairs of a server's name and the restriction that it breaks."""

IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "51bead38-d1a3-4d08-be20-0970c24b7cab"
BOOT = {
    "sourceType": "image", "uuid": IMAGE, "destinationType": "volume", "volumeSize": 40, "bootIndex": 0,
    "deleteOnTermination": True,
}  # fmt: skip
DATA = {
    "sourceType": "blank",
    "destinationType": "volume",
    "volumeSize": 10,
    "bootIndex": -1,
    "deleteOnTermination": True,
}
GOOD: Inputs = {
    "name": "web", "flavorId": "s3.medium", "availabilityZone": "az1-dc1", "keyPair": "test", "metadata": {"tier": "web"},
    "networks": [{"uuid": NETWORK}], "blockDevices": [BOOT, DATA],
}  # fmt: skip
"""A server that breaks none: a raw instance with a system disk and a data disk, as `bench/servers` makes it."""

ADVISED = "ECS-209"
"""What all rules advise of it: its system disk has no type, which `openstack.compute.Instance` can give on newer clouds only."""

BROKEN: dict[str, Inputs] = {
    "ECS-101": {"name": "x" * 256},
    "ECS-103": {"availabilityZone": None},
    "ECS-104": {"imageId": IMAGE},
    "ECS-105": {"configDrive": True},
    "ECS-110": {"keyPair": None},
    "ECS-118": {"metadata": {"tier": "x" * 256}},
    "ECS-203": {"blockDevices": [BOOT, {**DATA, "guestFormat": "ext4"}]},
    "ECS-211": {"blockDevices": [BOOT, {key: value for key, value in DATA.items() if key != "deleteOnTermination"}]},
    "ECS-302": {"networks": [{"uuid": NETWORK}, {"accessNetwork": True}]},
    "ECS-303": {"networks": [{"fixedIpV4": "10.0.0.9"}]},
}
"""What is changed of the good server so that it breaks each of the ten, and only that one; None takes a key away."""


def planted() -> tuple[list[Inputs], Found]:
    """Return a good server and one that breaks each of the ten, and what has to be found in them."""
    servers, expected = [copy.deepcopy(GOOD)], set()
    for restriction, change in BROKEN.items():
        server = {key: value for key, value in (GOOD | {"name": restriction} | change).items() if value is not None}
        servers.append(copy.deepcopy(server))
        expected.add((server["name"], restriction))
    return servers, expected


def ours(servers: Iterable[Inputs], rules: Sequence[Any]) -> Found:
    """Return what these rules of the pack find: each request is read, then each rule asked."""
    from policy.forms import FORMS, INSTANCE

    read = FORMS[INSTANCE]
    found = set()
    for server in servers:
        request = read(server)
        for rule in rules:
            if rule.answer(request).findings:
                found.add((server["name"], rule.id))
    return found


def ten() -> list[Any]:
    """Return the pack's rules for the ten."""
    from policy.rules import RULES

    return [rule for rule in RULES if rule.id in BROKEN]


def opa_command(program: Path, verb: str, file: Path, *options: str) -> list[str]:
    """Return the command that lets OPA evaluate (`eval`, or `bench` many times) the ten on the servers in a file."""
    return [
        str(program),
        verb,
        "--format=json",
        *options,
        f"--data={PEERS / 'opa' / 'servers.rego'}",
        f"--input={file}",
        "data.servers.findings",
    ]


def opa_found(said: dict[str, Any]) -> Found:
    """Return the findings in what `opa eval` said."""
    return {(name, restriction) for name, restriction in said["result"][0]["expressions"][0]["value"]}


def checkov_command(program: Path, servers: Path, report: Path) -> list[str]:
    """Return the command that lets Checkov run the ten, and only them, on a program of Terraform; both are folders."""
    ids = ",".join(f"CKV_ECS_{one.removeprefix('ECS-')}" for one in BROKEN)
    return [
        str(program), f"--directory={servers}", "--framework=terraform", f"--external-checks-dir={PEERS / 'checkov' / 'checks'}",
        f"--check={ids}", "--quiet", "--compact", "--soft-fail", "--skip-download", "--output=json", f"--output-file-path={report}",
    ]  # fmt: skip


def checkov_found(report: Path) -> tuple[Found, int]:
    """Return the findings in Checkov's report by the names of the servers' addresses, and how many answers it gave."""
    said = json.loads((report / "results_json.json").read_text(encoding="utf-8"))
    if "results" not in said:
        raise FailedError(f"Checkov judged nothing: {json.dumps(said)[:500]}")
    found = {
        (one["resource"].partition(".")[2], one["check_id"].replace("CKV_", "").replace("_", "-"))
        for one in said["results"]["failed_checks"]
    }
    return found, said["summary"]["passed"] + said["summary"]["failed"]


_RESOURCE = "openstack_compute_instance_v2"
_TERRAFORM = {
    "flavorId": "flavor_id", "imageId": "image_id", "availabilityZone": "availability_zone", "keyPair": "key_pair",
    "networks": "network", "blockDevices": "block_device", "configDrive": "config_drive", "fixedIpV4": "fixed_ip_v4",
    "accessNetwork": "access_network", "sourceType": "source_type", "destinationType": "destination_type",
    "volumeSize": "volume_size", "bootIndex": "boot_index", "deleteOnTermination": "delete_on_termination",
    "guestFormat": "guest_format", "powerState": "power_state",
}  # fmt: skip


def terraform(value: Any) -> Any:
    """Return inputs as Terraform spells them: the provider is the same."""
    if isinstance(value, dict):
        return {_TERRAFORM.get(key, key): terraform(one) for key, one in value.items()}
    return [terraform(one) for one in value] if isinstance(value, list) else value


def written(servers: Iterable[Inputs]) -> str:
    """Return the servers as a program of Terraform, which Checkov reads faster than the plan of one."""
    lines = []
    for server in servers:
        lines.append(f'resource "{_RESOURCE}" "{server["name"]}" {{')
        for key, value in terraform(server).items():
            if isinstance(value, list):
                for block in value:
                    lines += [f"  {key} {{", *(f"    {inner} = {_hcl(one)}" for inner, one in block.items()), "  }"]
            else:
                lines.append(f"  {key} = {_hcl(value)}")
        lines.append("}")
    return "\n".join(lines) + "\n"


def _hcl(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_hcl(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)


def main() -> None:
    """Judge the servers of a file as one command, beside `opa eval`: decode, read, judge, print, with how long the judging took."""
    from policy.rules import RULES

    given = argparse.ArgumentParser(prog="python -m bench.ten", description=main.__doc__)
    given.add_argument("file", type=Path, help='`{"servers": [inputs, ...]}`')
    given.add_argument("--all", action="store_true", help="all rules on a request, instead of the ten")
    asked = given.parse_args()
    servers = json.loads(asked.file.read_text(encoding="utf-8"))["servers"]
    rules = RULES if asked.all else ten()
    begun = time.perf_counter()
    found = ours(servers, rules)
    took = time.perf_counter() - begun
    sys.stdout.write(json.dumps({"result": sorted(found), "seconds": took}) + "\n")


if __name__ == "__main__":
    main()
