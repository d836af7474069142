"""What the catalogue says about where a restriction is enforced is what the code does: types, rules, sandbox, components."""

from __future__ import annotations

import ast
import base64
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, get_args

import pytest
from pydantic import ValidationError

import components
import policy.rules
import stacks.settings
from components.ecs import wire
from components.ecs.server import Server
from components.ecs.server_args import ServerArgs
from components.inputs import Args, Cites, LaterOf, Refused
from components.problems import explain
from components.restrictions import Place, Restriction, catalogue
from provider.context import Subject
from provider.server.create import Creation
from provider.server.update import Update
from sandbox.nova.restrictions import BY_REQUEST
from stacks.preflight import named
from stacks.settings import Settings

ROOT = Path(__file__).parents[2]
ROWS = [pytest.param(row, id=row.id) for row in catalogue().values()]
ID = "12345678-1234-4234-8234-123456789012"
LEAST: dict[str, Any] = {
    "flavor_ref": "s3.medium",
    "availability_zone": "az1",
    "boot": {"image_ref": ID},
    "networks": [{"uuid": ID}],
}

CANNOT_BE_STATED: dict[str, dict[str, Any]] = {
    "ECS-114": {"publicip": {"id": ID}},
    "ECS-116": {"extendparam": {"marketType": "spot"}},
    "ECS-117": {"extendparam": {"chargingMode": "prePaid"}},
    "ECS-205": {"disks": [{"source_type": "blank", "volume_size": 1, "boot_index": 1}]},
}
"""What would break a restriction that no message of the arguments names, since there is no way to say it."""

DONE_BY_THE_SANDBOX = {
    "ECS-109": "tests/sandbox/test_compute_sdk.py::test_an_existing_port_keeps_its_own_security_groups",
    "ECS-119": "tests/sandbox/test_restrictions.py::test_the_image_filter_finds_no_ecs_created_from_an_image",
    "ECS-120": "tests/sandbox/test_compute_sdk.py::test_what_is_not_there_is_named",
    "ECS-121": "tests/sandbox/test_facts.py::test_a_flavor_that_is_no_longer_on_sale_is_refused",
    "ECS-122": "tests/sandbox/test_compute_sdk.py::test_quota_cuts_a_batch_and_refuses_below_the_minimum",
    "ECS-211": "tests/sandbox/test_compute_sdk.py::test_boot_from_a_disk",
    "ECS-213": "tests/sandbox/test_restrictions.py::test_a_system_disk_from_an_image_counts_in_the_disk_quota",
    "ECS-217": "tests/contract/test_create_disks.py::test_existing_disks",
    "ECS-306": "tests/sandbox/test_compute_sdk.py::test_an_existing_port_keeps_its_own_security_groups",
    "ECS-603": "tests/sandbox/test_restrictions.py::test_tenancy_and_dedicated_host_filter_a_query",
}
"""What the sandbox does, or refuses in Nova's own words and so without the id, and the test that proves it."""

PROVEN_WITH_THE_ENGINE = {
    "ECS-211": "tests/end_to_end/test_changes.py::test_a_disk_that_is_to_outlive_its_server_does",
    "ECS-602": "tests/end_to_end/test_failed_creation.py::test_the_next_run_is_not_green_over_a_server_in_error",
}


def groups_are_left_out_beside_ports_alone() -> bool:
    """They are sent where the cloud makes a port, and not where a port that is there keeps its own."""
    on_a_network = ServerArgs.model_validate(LEAST | {"security_groups": ["web"]})
    on_a_port = ServerArgs.model_validate(LEAST | {"security_groups": ["web"], "networks": [{"port": ID}]})
    sent = [wire.server_inputs(args, "web").get("security_groups") for args in (on_a_network, on_a_port)]
    return sent == [["web"], None]


def text_is_always_encoded() -> bool:
    looks_encoded = "YWJj"
    return base64.b64decode(wire.encoded(looks_encoded)).decode() == looks_encoded


def ids_are_looked_up_before_a_preview() -> bool:
    disks = [{"name": kind, "source_type": kind, "uuid": ID, "volume_size": 1} for kind in ("image", "snapshot")]
    disks.append({"source_type": "volume", "uuid": ID})
    server = LEAST | {
        "networks": [{"uuid": ID}, {"port": ID}],
        "disks": disks,
        "key_name": "nobody",
        "scheduler_hints": {"group": ID},
    }
    kinds = {thing.kind for _, thing in named(Settings.model_validate({"servers": {"web": server}}))}
    return kinds >= {"flavor", "image", "key pair", "network", "port", "volume", "snapshot", "server group"}


def boot_index_is_always_sent() -> bool:
    disk = {"source_type": "blank", "volume_size": 1}
    boot = {"source_type": "image", "uuid": ID, "volume_size": 1}
    body = wire.request_body(ServerArgs.model_validate(LEAST | {"boot": boot, "disks": [disk]}), "web")
    return [one["boot_index"] for one in body["server"]["block_device_mapping_v2"]] == [0, -1]


def a_disk_is_made_in_the_zone_of_its_server() -> bool:
    """The provider asks for each disk, at creation and later, in the server's own AZ."""
    asked: list[Any] = []
    inputs = {"name": "web", "availability_zone": "az1", "networks": [], "boot": {}, "flavorRef": "f"}

    def make(_marker: Any, _name: str, zone: str, *_rest: Any) -> tuple[str, bool]:
        asked.append(zone)
        return "id", True

    run: Any = SimpleNamespace(disks=SimpleNamespace(make=make))
    subject = Subject("urn:pulumi:s::p::t::web", None, "id")
    disk = {"name": "data", "source_type": "blank", "volume_size": 1}
    Creation(run, subject, inputs)._data_disk(disk)
    Update(run, subject, {}, inputs)._new_disk("data", disk)
    return asked == ["az1", "az1"]


def the_disks_are_an_output() -> bool:
    """The component has them, and registers them."""
    made = Server.__init__.__code__
    return "disk_ids" in made.co_names and any(
        "disk_ids" in const for const in made.co_consts if isinstance(const, tuple)
    )


DONE_BY_THE_COMPONENTS: dict[str, Callable[[], bool]] = {
    "ECS-109": groups_are_left_out_beside_ports_alone,
    "ECS-111": text_is_always_encoded,
    "ECS-120": ids_are_looked_up_before_a_preview,
    "ECS-205": boot_index_is_always_sent,
    "ECS-212": a_disk_is_made_in_the_zone_of_its_server,
    "ECS-214": the_disks_are_an_output,
}


def declared(place: Place) -> set[str]:
    return {row.id for row in catalogue().values() if place in row.enforced}


def modules() -> Iterator[ModuleType]:
    """Every module that defines arguments."""
    for found in pkgutil.walk_packages(components.__path__, "components."):
        yield importlib.import_module(found.name)
    yield stacks.settings


def annotated(annotation: Any) -> Iterator[Any]:
    """Everything that is written into an annotation, at any depth."""
    for item in getattr(annotation, "__metadata__", ()):
        yield item
        if isinstance(item, LaterOf):
            yield from annotated(item.plain)
    for member in get_args(annotation):
        yield from annotated(member)


def cited_by_a_field() -> Iterator[str]:
    models = {
        value for module in modules() for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Args)
    }  # fmt: skip
    for model in models:
        for field in model.model_fields.values():
            for item in (*field.metadata, *annotated(field.annotation)):
                if isinstance(item, Cites):
                    yield item.restriction
                elif isinstance(item, Refused) and item.error.context and item.error.context["restriction"]:
                    yield item.error.context["restriction"]


def raised() -> Iterator[str]:
    """The ids with which the code of the arguments refuses: `refuse("ECS-...")` and `Problem(..., "ECS-...")`."""
    for module in modules():
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"refuse", "Problem"}:
                for given in node.args:
                    if isinstance(given, ast.Constant) and re.fullmatch(r"ECS-\d{3}", str(given.value)):
                        yield str(given.value)


def test_types() -> None:
    assert declared("type") == {*cited_by_a_field(), *raised(), *CANNOT_BE_STATED}


@pytest.mark.parametrize("restriction", CANNOT_BE_STATED)
def test_what_cannot_be_stated(restriction: str) -> None:
    ServerArgs.model_validate(LEAST)
    with pytest.raises(ValidationError) as refused:
        ServerArgs.model_validate(LEAST | CANNOT_BE_STATED[restriction])
    (first, *_) = CANNOT_BE_STATED[restriction]
    assert {problem.path.split("[")[0] for problem in explain(refused.value, ServerArgs)} == {first}


def test_rules() -> None:
    assert declared("rule") == {rule.id for rule in (*policy.rules.RULES, *policy.rules.STACK_RULES)}


def test_sandbox() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "sandbox").rglob("*.py"))
    refused = {restriction for restriction, _ in BY_REQUEST} | set(re.findall(r"\[(ECS-\d{3})\]", text))
    assert declared("sandbox") == refused | set(DONE_BY_THE_SANDBOX)


def test_components_and_commands() -> None:
    assert declared("engine") == set(DONE_BY_THE_COMPONENTS) | set(PROVEN_WITH_THE_ENGINE)


@pytest.mark.parametrize("restriction", DONE_BY_THE_COMPONENTS)
def test_what_the_components_do(restriction: str) -> None:
    assert DONE_BY_THE_COMPONENTS[restriction]()


@pytest.mark.parametrize("test", sorted({*DONE_BY_THE_SANDBOX.values(), *PROVEN_WITH_THE_ENGINE.values()}))
def test_the_test_that_is_named_is_there(test: str) -> None:
    file, name = test.split("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS)
def test_nothing_is_left_to_nobody(row: Restriction) -> None:
    assert row.enforced
    assert list(row.enforced) == [place for place in get_args(Place) if place in row.enforced]
    assert row.level == "info" or set(row.enforced) & {"type", "rule"} or row.met


@pytest.mark.parametrize("row", ROWS)
def test_an_exemption_is_for_what_the_cloud_would_let_pass(row: Restriction) -> None:
    expected = "rule" in row.enforced and (row.level == "warn" or "sandbox" not in row.enforced)
    assert row.exemptable == expected
