"""The ten restrictions that three tools decide: each of our rules and of Checkov's checks finds just what is planted for it."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bench import rules, state, ten
from bench.engine import FailedError
from bench.peers import go, python
from policy.rules import RULES

NUMBERS = {one.removeprefix("ECS-") for one in ten.BROKEN}


class Check:
    """As much of Checkov's base class as the checks use."""

    made: list[Check]

    def __init__(self, **about: Any) -> None:
        self.id = about["id"]
        type(self).made.append(self)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The checks of Checkov, without Checkov."""
    Check.made = []
    for name in ("checkov", "checkov.common", "checkov.common.models", "checkov.terraform", "checkov.terraform.checks",
                 "checkov.terraform.checks.resource"):  # fmt: skip
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    answers = SimpleNamespace(PASSED="passed", FAILED="failed")
    enums = SimpleNamespace(CheckCategories=SimpleNamespace(GENERAL_SECURITY="general"), CheckResult=answers)
    monkeypatch.setitem(sys.modules, "checkov.common.models.enums", enums)
    base = SimpleNamespace(BaseResourceCheck=Check)
    monkeypatch.setitem(sys.modules, "checkov.terraform.checks.resource.base_resource_check", base)
    spec = importlib.util.spec_from_file_location("checks", ten.PEERS / "checkov" / "checks" / "servers.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    yield Check.made
    Check.made = []


def as_checkov_reads(value: Any) -> Any:
    """A resource as Checkov hands it to a check: each value in a list, with keys of its own in an object."""
    if isinstance(value, dict):
        return {**{key: as_checkov_reads(one) for key, one in value.items()}, "__startline__": 1, "start_line": 1}
    return value if isinstance(value, list) else [value]


def resource(inputs: ten.Inputs) -> dict[str, Any]:
    read = {}
    for key, value in ten.terraform(inputs).items():
        blocks = value if isinstance(value, list) else None
        read[key] = [as_checkov_reads(one) for one in blocks] if blocks else as_checkov_reads([value])
    if "metadata" in read:
        read["metadata"] = [{**read["metadata"][0], "__startline__": 1, "end_line": 3}]
    return read


def test_our_rules_find_just_what_is_planted() -> None:
    servers, expected = ten.planted()
    assert {restriction for _, restriction in expected} == set(ten.BROKEN)
    assert len(ten.ten()) == len(ten.BROKEN) == 10
    assert ten.ours(servers, ten.ten()) == expected
    assert ten.ours([ten.GOOD], RULES) == {("web", ten.ADVISED)}


def test_checkovs_checks_find_just_what_is_planted(checks: list[Any]) -> None:
    servers, expected = ten.planted()
    found = {
        (server["name"], check.id.replace("CKV_", "").replace("_", "-"))
        for server in servers
        for check in checks
        if check.scan_resource_conf(resource(server)) == "failed"
    }
    assert found == expected


def test_each_tool_has_the_ten_and_no_other(checks: list[Any]) -> None:
    assert {check.id.removeprefix("CKV_ECS_") for check in checks} == NUMBERS
    rego = (ten.PEERS / "opa" / "servers.rego").read_text(encoding="utf-8")
    assert set(re.findall(r'"ECS-(\d+)"', rego)) == NUMBERS
    (asked,) = [
        one for one in ten.checkov_command(Path("checkov"), Path("in"), Path("out")) if one.startswith("--check=")
    ]
    assert {one.removeprefix("CKV_ECS_") for one in asked.removeprefix("--check=").split(",")} == NUMBERS


def test_nothing_is_measured_where_a_tool_finds_less(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rules.equivalent(None, None, tmp_path)
    fewer = ten.ten()[1:]
    monkeypatch.setattr(ten, "ten", lambda: fewer)
    with pytest.raises(FailedError, match=r"ours finds other than what was planted: .*ECS-101"):
        rules.equivalent(None, None, tmp_path)


def test_a_program_of_terraform_states_what_the_inputs_do() -> None:
    text = ten.written([{**ten.GOOD, "flavorId": 'a"b'}])
    assert text.startswith('resource "openstack_compute_instance_v2" "web" {\n  name = "web"\n  flavor_id = "a\\"b"\n')
    assert text.count("  block_device {\n") == 2
    assert "    delete_on_termination = true\n" in text
    assert '  metadata = { tier = "web" }\n' in text


def test_a_state_of_many_is_one_server_with_names_and_ids_of_their_own(tmp_path: Path) -> None:
    urn = "urn:pulumi:bench::bench::openstack:compute/instance:Instance::web-00000"
    inputs = {"__defaults": [], "name": "web-00000", "networks": [{"__defaults": [], "uuid": "u"}]}
    server = {"urn": urn, "id": "i-1", "inputs": inputs, "outputs": {"id": "i-1", "name": "web-00000"}}
    whole = {
        "version": 3,
        "deployment": {"resources": [{"urn": "urn:stack"}, server], "secrets_providers": {"type": "passphrase"}},
    }
    made = json.loads(state.multiplied(whole, 3, tmp_path / "state.json").read_text(encoding="utf-8"))
    assert made["deployment"]["secrets_providers"] == {"type": "passphrase"}
    first, *many = made["deployment"]["resources"]
    assert first == {"urn": "urn:stack"}
    assert [one["urn"].rpartition("::")[2] for one in many] == ["web-00000", "web-00001", "web-00002"]
    assert [one["inputs"]["name"] for one in many] == [one["outputs"]["name"] for one in many]
    assert len({one["id"] for one in many}) == 3
    assert all(one["id"] == one["outputs"]["id"] for one in many)
    assert state.inputs(whole, 2) == [{"name": f"web-0000{number}", "networks": [{"uuid": "u"}]} for number in range(2)]


def test_the_growth_of_a_servers_cost_leaves_the_start_aside() -> None:
    start, each = 3.0, 0.001
    linear = {servers: [start + each * servers] * 2 for servers in (rules.FEW, rules.SERVERS, rules.MANY)}
    assert rules._growth(linear, 0) == pytest.approx(1.0)
    linear[rules.MANY][1] = start + each * (rules.SERVERS + 2 * (rules.MANY - rules.SERVERS))
    assert rules._growth(linear, 1) == pytest.approx(2.0)


def test_a_version_is_that_of_the_module_that_holds_the_package(tmp_path: Path) -> None:
    pins = ("github.com/a/b v1.2.3", "github.com/a/b/v2 v2.0.1", "github.com/a/bc v9.0.0 // indirect")
    text = "\n".join(["module a", "", "go 1.26.0", "", "require (", *(f"\t{pin}" for pin in pins), ")", ""])
    (tmp_path / "go.mod").write_text(text, encoding="utf-8")
    assert go.version(tmp_path, "github.com/a/b/cmd/x") == "v1.2.3"
    assert go.version(tmp_path, "github.com/a/b/v2/cmd/x") == "v2.0.1"
    with pytest.raises(FailedError, match="pins no module"):
        go.version(tmp_path, "github.com/a/d/cmd/x")


def test_the_peers_are_pinned() -> None:
    pins = (ten.PEERS / "checkov" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert all("==" in line for line in pins if not line.startswith("#"))
    assert re.fullmatch(r"3\.\d+\.\d+", python.version("checkov"))
    assert go.version(ten.PEERS / "opa", ten.OPA).startswith("v1.")
