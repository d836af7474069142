"""What the pack knows of the cloud and of the whole stack, through the real CLI: asked once, said once, and decided in time."""

from __future__ import annotations

import json
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end import policy_events
from tests.end_to_end.broken_resources import IMAGE, PORT, VOLUME, Resource, documented, raw, raw_disk
from tests.end_to_end.broken_things import GENEVE
from tests.end_to_end.policy_events import cited, preview
from tests.end_to_end.project import ROOT, Project, Ran, fresh_cloud, program

pytestmark = pytest.mark.engine

GROUP = "openstack:networking/secGroup:SecGroup"
NOTHING_OF_A_SERVER: Resource = {"type": GROUP, "inputs": {"name": "apart"}}
NETWORK = "openstack:networking/network:Network"
SUBNET = "openstack:networking/subnet:Subnet"


@pytest.fixture
def wire(tmp_path: Path, cloud: Path) -> Project:
    """A program that states what a file lists."""
    fresh_cloud(cloud)
    return program("wire", tmp_path, cloud)


def stated(project: Project, **resources: Resource) -> Project:
    listed = [{"name": name, **resource} for name, resource in resources.items()]
    (project.folder / "resources.json").write_text(json.dumps(listed), encoding="utf-8")
    return project


def later(output: str, value: str) -> dict[str, str]:
    """A value that is known when another resource's output is."""
    return {"$ref": output, "then": value}


def configured(project: Project, levels: dict[str, Any]) -> Project:
    file = project.home.parent / "levels.json"
    file.write_text(json.dumps(levels), encoding="utf-8")
    project.extra["PULUMI_OPTION_POLICY_PACK_CONFIG"] = str(file)
    return project


def up(project: Project, *more: str) -> Ran:
    return project.pulumi("up", "--yes", "--skip-preview", "--json", *more)


def findings(ran: Ran) -> list[tuple[str, str, str]]:
    """What the pack said: each policy, resource and text, without the policy's description before it."""
    return sorted(
        (one["policyName"], name, one["message"].partition("\n")[2].strip())
        for name, policies in policy_events.said(ran.text).items()
        for one in policies
    )


def of(policy: str, ran: Ran) -> list[str]:
    return [text for name, _, text in findings(ran) if name == policy]


# --- a cloud that cannot be asked


THREE = {f"web-{place}": documented(name=f"web-{place}") for place in range(3)}


@pytest.fixture
def unheard(wire: Project) -> Project:
    """Three servers of a cloud that nobody has described; the plugin has nothing to do for a component."""
    assert wire.pulumi("config", "set", "openstack:cloud", "nowhere").code == 0
    return stated(wire, **THREE)


def test_a_cloud_that_is_not_described_is_told_once(unheard: Project) -> None:
    ran = preview(unheard)
    assert ran.code == 0, ran.text
    (told,) = of("cloud", ran)
    assert told.startswith("undetermined: the cloud 'nowhere' is not described in ")
    assert all(f"web-{place}" in told for place in range(3))
    assert of("undetermined", ran) == []
    assert cited([one for every in policy_events.said(ran.text).values() for one in every], "mandatory") == []


def test_a_pipeline_can_refuse_what_the_cloud_did_not_say(unheard: Project) -> None:
    ran = preview(configured(unheard, {"cloud": "mandatory"}))
    assert ran.code != 0
    assert len(of("cloud", ran)) == 1
    assert "Traceback" not in ran.text


def test_an_unreachable_cloud_is_told_once_also_of_raw_instances(wire: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/identity/v3"
    assert wire.pulumi("config", "rm", "openstack:cloud").code == 0
    for key, value in (("authUrl", address), ("userName", "u"), ("tenantName", "p"), ("userDomainId", "default")):
        assert wire.pulumi("config", "set", f"openstack:{key}", value).code == 0
    assert wire.pulumi("config", "set", "--secret", "openstack:password", "planted-password").code == 0
    ran = preview(stated(wire, one=raw(), two=raw(), three=raw()))
    assert "planted-password" not in ran.text
    assert len(of("cloud", ran)) == 1, ran.text
    assert f"the cloud at {address} cannot be reached" in of("cloud", ran)[0]


def test_a_cloud_that_is_not_to_be_asked_is_not_asked(wire: Project) -> None:
    ran = preview(configured(stated(wire, **THREE), {"cloud": {"read": False}}))
    assert ran.code == 0, ran.text
    (told,) = of("cloud", ran)
    assert "switched off" in told
    assert wire.requests() == []


# --- values that only the update tells


@pytest.mark.parametrize(
    ("restriction", "path", "late"),
    [
        ("ECS-121", "flavorId", raw(flavorId=later("apart.id", "s1.medium"))),
        ("ECS-120", "flavorId", raw(flavorId=later("apart.id", "s9.nothing"))),
        ("ECS-305", "networks[0].uuid", raw(networks=[{"uuid": later("apart.id", GENEVE)}])),
    ],
)
def test_what_nothing_explains_is_undetermined_and_refused_at_up(
    restriction: str, path: str, late: Resource, wire: Project
) -> None:
    ran = preview(stated(wire, apart=NOTHING_OF_A_SERVER, web=late))
    assert ran.code == 0, ran.text
    assert any(f"{path} is not known yet" in one and f"[{restriction}," in one for one in of("undetermined", ran))
    assert of(restriction, ran) == []
    assert of("cloud", ran) == []

    done = up(wire)
    assert done.code != 0
    assert cited(policy_events.said(done.text)["web"], "mandatory") == [restriction]
    assert of("undetermined", done) == []
    assert [one for one in wire.changes() if "/security-groups" in one], "the update did begin"
    assert [one for one in wire.changes() if "/servers" in one or "/os-volumes" in one] == []


def test_what_is_right_after_all_is_made(wire: Project) -> None:
    web = raw(flavorId=later("apart.id", "s3.medium"))
    done = up(stated(wire, apart=NOTHING_OF_A_SERVER, web=web))
    assert done.code == 0, done.text
    assert findings(done) == []


# --- the same words afterwards


WARNED: dict[str, Resource] = {
    "web": raw(
        blockDevices=[
            raw_disk(sourceType="image", uuid=IMAGE, bootIndex=0, deleteOnTermination=None),
            raw_disk(deleteOnTermination=None),
        ],
        imageId=None,
    ),
    "open": raw(name="open", keyPair=None),
    "soft": {
        "type": "openstack:compute/serverGroup:ServerGroup",
        "inputs": {"name": "soft", "policies": ["soft-anti-affinity"]},
    },
    "member": raw(name="member", schedulerHints=[{"group": {"$ref": "soft.id"}}]),
}


def warned() -> dict[str, Resource]:
    """The servers, with the group before its member."""
    return {name: WARNED[name] for name in ("soft", "web", "open", "member")}


def test_a_deployed_stack_is_told_what_its_preview_was(wire: Project) -> None:
    first = preview(stated(wire, **warned()))
    assert first.code == 0, first.text
    told = findings(first)
    assert {"ECS-110", "ECS-209", "ECS-211", "ECS-502"} == {policy for policy, _, _ in told}
    assert up(wire).code == 0
    wire.pack = False
    analyzed = wire.pulumi("policy", "analyze", "--stack", wire.stack, "--policy-pack", str(ROOT / "policy"), "--json")
    wire.pack = True
    assert analyzed.code == 0, analyzed.text
    assert findings(analyzed) == told
    assert findings(preview(wire)) == told, "and so is the next preview"


# --- a second update


def test_an_unchanged_stack_is_refused_for_nothing_that_it_has(wire: Project) -> None:
    lan: Resource = {"type": NETWORK, "inputs": {"name": "lan"}}
    subnet = {
        "type": SUBNET,
        "inputs": {"name": "lan", "networkId": {"$ref": "lan.id"}, "cidr": "10.50.0.0/24", "ipVersion": 4},
    }
    # The address waits for the subnet: a port that is made before it has none, and its server is then replaced.
    address = {"subnetId": {"$ref": "subnet.id"}}
    nic = {"type": PORT, "inputs": {"name": "nic", "networkId": {"$ref": "lan.id"}, "fixedIps": [address]}}
    disk = {
        "type": VOLUME,
        "inputs": {"name": "data", "size": 40, "imageId": IMAGE, "availabilityZone": "az1-dc1"},
    }
    boot = raw_disk(sourceType="volume", volumeSize=None, uuid={"$ref": "disk.id"}, bootIndex=0)
    web = raw(imageId=None, blockDevices=[boot], networks=[{"port": {"$ref": "nic.id"}}])
    stated(wire, lan=lan, subnet=subnet, nic=nic, disk=disk, web=web)
    for run in (up, up, preview, up):
        done = run(wire)
        assert done.code == 0, done.text
        assert findings(done) == []
    changed = raw(**{**web["inputs"], "imageId": None, "name": "other", "metadata": {"tier": "web"}})
    done = up(stated(wire, lan=lan, subnet=subnet, nic=nic, disk=disk, web=changed))
    assert done.code == 0, done.text
    assert findings(done) == []


def test_our_own_stack_is_updated_twice_without_a_finding_more(ours: Project) -> None:
    ours.state((ROOT / "stacks" / "Pulumi.sandbox.yaml").read_text(encoding="utf-8"))
    first = up(ours)
    assert first.code == 0, first.text
    second = up(ours)
    assert second.code == 0, second.text
    assert findings(second) == findings(first)
    assert findings(preview(ours)) == findings(first)


# --- exemptions


def test_an_exemption_lets_a_warning_pass_and_is_counted(wire: Project, tmp_path: Path) -> None:
    copy = tmp_path / "copied" / "policy"
    shutil.copytree(ROOT / "policy", copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy.parent / ".venv").symlink_to(ROOT / ".venv")
    entry = {"reason": "kept for the migration", "approver": "j.doe", "stacks": ["dev"]}
    today = datetime.now(UTC).date()
    ahead, past = str(today + timedelta(days=30)), str(today - timedelta(days=1))
    entries = [
        {"rule": "ECS-110", "resource": "open*", **entry, "expires": ahead},
        {"rule": "ECS-211", "resource": "web", **entry, "expires": past},
        {"rule": "ECS-502", "resource": "nobody", **entry, "expires": ahead},
        {"rule": "ECS-502", "resource": "elsewhere", **entry, "expires": ahead, "stacks": ["prod"]},
    ]
    (copy / "exemptions.yaml").write_text(json.dumps({"exemptions": entries}), encoding="utf-8")
    wire.extra |= {"PULUMI_OPTION_POLICY_PACK": str(copy), "PYTHONPATH": str(copy.parent)}
    ran = preview(stated(wire, **warned()))
    assert ran.code == 0, ran.text
    assert of("ECS-110", ran) == []
    assert of("ECS-211", ran), "an exemption that has expired lets nothing pass"
    (listed,) = of("exempted", ran)
    assert "ECS-110 on open*: kept for the migration, approved by j.doe" in listed
    assert "(1 resource)" in listed
    told = of("exemptions", ran)
    assert len(told) == 2, told
    assert any("has expired" in one and "ECS-211 on web" in one for one in told)
    assert any("did not need it" in one and "ECS-502 on nobody" in one for one in told)


# --- how often the cloud is asked


def asked(project: Project, **servers: Resource) -> list[str]:
    """The requests of one preview."""
    before = len(project.requests())
    ran = preview(stated(project, **servers))
    assert ran.code == 0, ran.text
    assert findings(ran) == []
    return sorted(f"{one['method']} {one['path']}" for one in project.requests()[before:])


def test_twenty_equal_servers_cost_the_reads_of_one(wire: Project) -> None:
    one = asked(wire, web=raw())
    assert any("/flavors/s3.medium" in path for path in one)
    assert any("/limits" in path for path in one)
    assert asked(wire, **{f"web-{place}": raw(name=f"web-{place}") for place in range(20)}) == one
    assert len(set(one)) == len(one), "and none of them twice"
