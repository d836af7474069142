"""What holds for every rule: it is in the table, it is tested in its three answers, it never raises."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.restrictions import catalogue
from policy.forms import BATCH, FORMS, INSTANCE, SERVER
from policy.judge import UNDETERMINED
from policy.native import NATIVE, NATIVE_BATCH
from policy.pack import policies
from policy.rule import Rule
from policy.rules import RULES, STACK_RULES
from policy.testing import UNKNOWN, Case, Pack, Resource, StackCase, body, instance, native, native_batch, secret

HERE = Path(__file__).parent
FOLDER = Path(importlib.util.find_spec("policy.rules").origin).parent  # type: ignore[union-attr,arg-type]
# Decided by what a request never holds (the restriction is a fact about queries, shown in the docs), or not decided by it alone.
WITHOUT_RULE = {"ECS-119"}

TABLES = {
    path.stem.removeprefix("test_"): importlib.import_module(f"tests.policy.rules.{path.stem}")
    for path in sorted((HERE / "rules").glob("test_*.py"))
}
OF_REQUESTS = [module for module, table in TABLES.items() if isinstance(table.RULE, Rule)]
OF_STACKS = [module for module, table in TABLES.items() if not isinstance(table.RULE, Rule)]
PARAMS = [pytest.param(rule, id=rule.id) for rule in RULES]


def test_every_file_is_in_the_table() -> None:
    files = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
    found = [importlib.import_module(f"policy.rules.{file}").RULE for file in files]
    assert {id(rule) for rule in found} == {id(rule) for rule in (*RULES, *STACK_RULES)}
    assert len(found) == len(RULES) + len(STACK_RULES)


def test_the_table_follows_the_catalogue_and_holds_every_row_that_the_request_decides() -> None:
    expected = [row.id for row in catalogue().values() if "request" in row.sees and row.id not in WITHOUT_RULE]
    assert [rule.id for rule in RULES] == expected
    others = [row.id for row in catalogue().values() if {"stack", "cloud"} & set(row.sees)]
    assert [rule.id for rule in STACK_RULES] == others


def test_every_file_has_a_table_of_its_own_rule() -> None:
    assert {module: id(table.RULE) for module, table in TABLES.items()} == {
        module: id(importlib.import_module(f"policy.rules.{module}").RULE) for module in TABLES
    }
    assert {id(table.RULE) for table in TABLES.values()} == {id(rule) for rule in (*RULES, *STACK_RULES)}


@pytest.mark.parametrize("module", OF_STACKS)
def test_a_rule_of_the_stack_has_a_passing_a_failing_and_an_undetermined_case(module: str) -> None:
    cases: list[StackCase] = TABLES[module].CASES
    assert any(not case.failing and not case.undecided for case in cases)
    assert any(case.failing for case in cases)
    assert any(case.unknown for case in cases)
    assert any(case.silent for case in cases)
    types = {one.type for case in cases for one in case.things}
    assert INSTANCE in types
    assert types & {SERVER, BATCH}
    assert types & {NATIVE, NATIVE_BATCH}


@pytest.mark.parametrize("module", OF_REQUESTS)
def test_a_rule_has_a_passing_a_failing_and_an_undetermined_case(module: str) -> None:
    cases: list[Case] = TABLES[module].CASES
    assert any(not case.failing and not case.unknown for case in cases)
    assert any(case.failing for case in cases)
    assert any(case.unknown for case in cases)
    assert {case.resource.type for case in cases} >= {SERVER, INSTANCE}


@pytest.mark.parametrize("rule", PARAMS)
@pytest.mark.parametrize("valid", [body(), instance(), native(), native_batch()], ids=lambda one: one.type)
def test_a_valid_request_passes(rule: Rule, valid: Resource) -> None:
    assert rule.answer(FORMS[valid.type](valid.inputs)).verdict.value == "pass"


LEAVES = st.one_of(
    st.just(UNKNOWN),
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["volume", "image", "blank", "0", "-1", "1", "False", "az1:host", "dedicated", "spot", "2.18", "abcd"]
    ),
    st.text("w", min_size=250, max_size=260),
)
KEYS = st.sampled_from(
    sorted(
        {
            *[
                "name",
                "flavorRef",
                "imageRef",
                "availability_zone",
                "networks",
                "block_device_mapping_v2",
                "security_groups",
                "key_name",
            ],
            *[
                "adminPass",
                "user_data",
                "metadata",
                "personality",
                "config_drive",
                "description",
                "min_count",
                "max_count",
                "host",
                "eip",
            ],
            *[
                "return_reservation_id",
                "uuid",
                "port",
                "fixed_ip",
                "source_type",
                "destination_type",
                "boot_index",
                "volume_size",
            ],
            *[
                "volume_type",
                "guest_format",
                "device_name",
                "delete_on_termination",
                "group",
                "tenancy",
                "dedicated_host_id",
                "query",
            ],
            *[
                "flavorId",
                "flavorName",
                "imageId",
                "imageName",
                "availabilityZone",
                "availabilityZoneHints",
                "blockDevices",
                "keyPair",
            ],
            *[
                "userData",
                "configDrive",
                "hypervisorHostname",
                "networkMode",
                "personalities",
                "securityGroups",
                "schedulerHints",
            ],
            *[
                "sourceType",
                "destinationType",
                "guestFormat",
                "bootIndex",
                "volumeSize",
                "volumeType",
                "deleteOnTermination",
            ],
            *[
                "fixedIpV4",
                "sameHosts",
                "differentHosts",
                "buildNearHostIp",
                "queries",
                "additionalProperties",
                "server",
            ],
            *[
                "same_host",
                "different_host",
                "cidr",
                "extendparam",
                "chargingMode",
                "marketType",
                "admin_pass",
                "contents",
                "content",
            ],
            *["boot", "disks", "scheduler_hints", "tags", "power_state", "remove"],
            "OS-DCF:diskConfig",
            "os:scheduler_hints",
            "microversion",
            "a key",
            "",
        }
    )
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=6), inner.map(secret)),
    max_leaves=30,
)
INPUTS = st.dictionaries(KEYS, ANYTHING, max_size=8)


@settings(max_examples=150, deadline=None)
@given(server=INPUTS, hints=ANYTHING)
def test_no_body_makes_a_rule_fail_itself(server: dict[str, object], hints: object) -> None:
    _decides(Resource(SERVER, {"server": server, "os:scheduler_hints": hints}))


@settings(max_examples=150, deadline=None)
@given(inputs=INPUTS)
def test_no_raw_instance_makes_a_rule_fail_itself(inputs: dict[str, object]) -> None:
    _decides(Resource(INSTANCE, inputs))


@settings(max_examples=150, deadline=None)
@given(inputs=INPUTS, token=st.sampled_from([NATIVE, NATIVE_BATCH]))
def test_no_native_resource_makes_a_rule_fail_itself(inputs: dict[str, object], token: str) -> None:
    _decides(Resource(token, inputs))


@settings(max_examples=50, deadline=None)
@given(inputs=INPUTS)
def test_no_inputs_at_all_make_a_rule_fail_itself(inputs: dict[str, object]) -> None:
    _decides(Resource(SERVER, inputs))


def _decides(resource: Resource) -> None:
    for report in Pack(policies()).analyze(resource):
        assert "defect of the policy pack" not in report.text, report.text
        if report.policy != UNDETERMINED:
            assert report.text.endswith(catalogue()[report.policy].citation)
