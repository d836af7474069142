"""The pack as a whole: the document's examples, broken requests, one mistake one finding, a rule that fails itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from components.restrictions import catalogue
from policy.judge import UNDETERMINED
from policy.native import NATIVE
from policy.pack import policies
from policy.rule import Finding, Rule
from policy.rules import RULES, STACK_RULES
from policy.testing import ABSENT, UNKNOWN, Pack, Report, Resource, body, instance, native
from policy.testing.servicer import urn
from policy.view import Request

DOCUMENT = Path(__file__).parents[2] / "docs" / "creating-an-ecs.txt"


def example(place: int) -> Resource:
    """One of the document's five requests, with its comment taken out as a reader of the document would."""
    requests = [
        line
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if re.match(r'\{ ?"server": ?\{ "(?!security)', line)
    ]
    text = re.sub(r'//.*?(?="destination_type")', "", requests[place])
    return Resource("ecs:index:Server", json.loads(text))


def said(reports: list[Report]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(report.policy, report.level, report.paths) for report in reports]


PORT = [
    ("ECS-109", "advisory", ("server.security_groups",)),
    ("ECS-304", "advisory", ("server.networks[0].uuid",)),
]
NO_LOGIN = ("ECS-110", "advisory", ("server.key_name",))
STAYS = ("ECS-211", "advisory", ("server.block_device_mapping_v2[0].delete_on_termination",))


@pytest.mark.parametrize(
    ("place", "foreseen"),
    [
        pytest.param(0, PORT, id="image on a disk"),
        pytest.param(1, [NO_LOGIN, STAYS], id="snapshot"),
        pytest.param(2, PORT, id="volume"),
        pytest.param(3, [PORT[0], NO_LOGIN, PORT[1]], id="image"),
        pytest.param(4, [NO_LOGIN], id="batch"),
    ],
)
def test_the_documents_examples_give_the_foreseen_warnings_and_no_others(place: int, foreseen: list[object]) -> None:
    assert said(Pack(policies()).analyze(example(place))) == foreseen


DISK = {"source_type": "blank", "volume_size": 40, "boot_index": -1, "delete_on_termination": True}
BOOT = {**DISK, "source_type": "volume", "uuid": "v-1", "boot_index": 0}
RAW_DISK = {
    "sourceType": "blank",
    "destinationType": "volume",
    "volumeSize": 40,
    "bootIndex": -1,
    "deleteOnTermination": True,
}
RAW_BOOT = {**RAW_DISK, "sourceType": "volume", "uuid": "v-1", "bootIndex": 0}
DEH = "7b9f1d0c-2c41-4a6e-9d0b-0f5f2b3d8a11"
BROKEN = {
    "zone missing": ("ECS-103", body(availability_zone=ABSENT), instance(availabilityZone=ABSENT)),
    "two boot disks": (
        "ECS-206",
        body(imageRef=ABSENT, block_device_mapping_v2=[BOOT] * 2),
        instance(imageId=ABSENT, blockDevices=[RAW_BOOT] * 2),
    ),
    "a host": ("ECS-113", body(availability_zone="az1:host-1"), instance(availabilityZone="az1:host-1")),
    "a fixed IP beside a port": (
        "ECS-303",
        body(networks=[{"port": "p-1", "fixed_ip": "10.0.0.2"}]),
        instance(networks=[{"port": "p-1", "fixedIpV4": "10.0.0.2"}]),
    ),
    "a config drive": ("ECS-105", body(config_drive="true"), instance(configDrive=True)),
    "a guest format": (
        "ECS-203",
        body(block_device_mapping_v2=[{**DISK, "guest_format": "swap"}]),
        instance(imageId=ABSENT, blockDevices=[RAW_BOOT, {**RAW_DISK, "guestFormat": "swap"}]),
    ),
    "a blank disk without a size": (
        "ECS-208",
        body(block_device_mapping_v2=[{**DISK, "volume_size": None}]),
        instance(imageId=ABSENT, blockDevices=[RAW_BOOT, {**RAW_DISK, "volumeSize": None}]),
    ),
    "a reserved hint": (
        "ECS-503",
        body(hints={"same_host": ["s-1"]}),
        instance(schedulerHints=[{"sameHosts": ["s-1"]}]),
    ),
    "a DeH in the shared pool": (
        "ECS-505",
        body(hints={"tenancy": "shared", "dedicated_host_id": DEH}),
        instance(schedulerHints=[{"additionalProperties": {"tenancy": "shared", "dedicated_host_id": DEH}}]),
    ),
    "a name of 256 characters": ("ECS-101", body(name="w" * 256), instance(name="w" * 256)),
    "no NIC": ("ECS-301", body(networks=[]), instance(networks=[])),
    "a local disk": (
        "ECS-202",
        body(block_device_mapping_v2=[{**DISK, "destination_type": "local"}]),
        instance(imageId=ABSENT, blockDevices=[RAW_BOOT, {**RAW_DISK, "destinationType": "local"}]),
    ),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_one_mistake_is_one_mandatory_finding_in_both_forms(mistake: str) -> None:
    restriction, documented, raw = BROKEN[mistake]
    for resource in (documented, raw):
        found = [report for report in Pack(policies()).analyze(resource) if report.level == "mandatory"]
        assert [report.policy for report in found] == [restriction]
        assert found[0].restriction == restriction


def made_by(component: Resource, **inputs: object) -> Resource:
    return Resource(NATIVE, native(**inputs).inputs, parent=urn(component))


def test_what_the_component_was_told_is_not_told_again_for_what_it_makes() -> None:
    pack, component = Pack(policies()), body(availability_zone="az1:host-1", key_name=ABSENT)
    child = made_by(component, availability_zone="az1:host-1", key_name=ABSENT)
    assert [report.policy for report in pack.analyze(component)] == ["ECS-110", "ECS-113"]
    assert pack.analyze(child) == []


def test_a_mistake_that_the_component_did_not_have_is_told_for_what_it_makes() -> None:
    pack, component = Pack(policies()), body()
    assert pack.analyze(component) == []
    assert [report.policy for report in pack.analyze(made_by(component, config_drive=True))] == ["ECS-105"]


def test_an_unknown_that_the_component_brings_in_is_not_told() -> None:
    pack, component = Pack(policies()), body()
    assert pack.analyze(component) == []
    made = made_by(component, name=UNKNOWN, networks=[{"port": UNKNOWN}], metadata={"made": UNKNOWN})
    assert pack.analyze(made) == []


def test_a_component_that_was_mended_is_judged_afresh() -> None:
    pack = Pack(policies())
    broken, mended = body(availability_zone="az1:host-1"), body()
    pack.analyze(broken)
    pack.analyze(mended)
    assert [report.policy for report in pack.analyze(made_by(mended, availability_zone="az1:host-1"))] == ["ECS-113"]


def test_a_native_server_whose_component_was_never_seen_is_judged_alone() -> None:
    child = made_by(body(), availability_zone="az1:host-1", name=UNKNOWN)
    assert [report.policy for report in Pack(policies()).analyze(child)] == ["ECS-113", UNDETERMINED]


def test_the_same_resource_is_read_again_when_it_comes_again() -> None:
    pack = Pack(policies())
    assert [report.policy for report in pack.analyze(body(networks=[]))] == ["ECS-301"]
    assert pack.analyze(body()) == []


def test_an_undetermined_rule_is_advisory_named_and_decided_when_the_value_is_known() -> None:
    pack = Pack(policies())
    (report,) = pack.analyze(instance(name=UNKNOWN))
    assert (report.policy, report.level) == (UNDETERMINED, "advisory")
    assert report.text == "name: undetermined until apply: name is not known yet [ECS-101, Table 3, name]"
    assert said(pack.analyze(instance(name=""))) == [("ECS-101", "mandatory", ("name",))]


def crashing(request: Request) -> list[Finding]:
    raise KeyError(f"{request.server.value('flavorRef')} hunter2-hunter2")


def test_a_rule_that_fails_itself_says_so_and_hides_no_other() -> None:
    rules = [Rule("ECS-101", check=crashing, fix="Never shown"), *RULES[1:]]
    reports = Pack(policies(rules)).analyze(body(networks=[]))
    assert [report.policy for report in reports] == ["ECS-301", UNDETERMINED]
    crash = reports[1]
    assert crash.level == "advisory"
    assert crash.text.startswith("web: undetermined: the rule ECS-101 itself failed (KeyError in test_pack.py, line ")
    assert "hunter2" not in crash.text
    assert "s3.large.2" not in crash.text


def test_other_resources_are_left_alone() -> None:
    assert Pack(policies()).analyze(Resource("openstack:networking/port:Port", {"networkId": UNKNOWN})) == []


def test_every_policy_is_named_by_its_restriction_and_described_by_the_catalogue() -> None:
    named = list(dict.fromkeys(rule.id for rule in (*RULES, *STACK_RULES)))
    built = policies()
    assert [policy.name for policy in built] == [*named, UNDETERMINED, "cloud", "exempted", "exemptions"]
    assert [policy.description for policy in built[: len(named)]] == [catalogue()[one].summary for one in named]
