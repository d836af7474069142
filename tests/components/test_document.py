"""The document's examples, word for word, as arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.document.text import parse
from components.document.to_args import convert
from components.problems import ArgumentError

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PORT = "e730a11c-1a19-49cc-8797-cee2ad67af6f"


def read(name: str) -> dict[str, Any]:
    return parse((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"), name)


@pytest.mark.parametrize("name", ["image-on-disk", "snapshot", "volume", "image", "batch"])
def test_an_example_stands_in_the_document_word_for_word(name: str) -> None:
    document = (ROOT / "docs" / "creating-an-ecs.txt").read_text(encoding="utf-8")
    assert (EXAMPLES / f"{name}.json").read_text(encoding="utf-8").strip() in document


@pytest.mark.parametrize(
    ("name", "boot", "networks", "secrets"),
    [
        pytest.param(
            "image-on-disk",
            {
                "source_type": "image",
                "uuid": "b023fe17-11db-4efb-b800-78882a0e394b",
                "delete_on_termination": False,
                "volume_type": "SAS",
                "volume_size": 40,
            },
            [{"port": PORT}],
            {"user_data_base64"},
            id="image-on-disk",
        ),
        pytest.param(
            "snapshot",
            {"source_type": "snapshot", "uuid": "df51997d-ee35-4fb3-a372-e2ac933a6565", "delete_on_termination": False},
            [{"uuid": "79a68cef-0936-4e21-b1f4-b800ecb70246"}],
            set(),
            id="snapshot",
        ),
        pytest.param(
            "volume",
            {"source_type": "volume", "uuid": "bd7e4f86-b004-4745-bea2-a55b1085f107", "delete_on_termination": False},
            [{"port": PORT}],
            {"user_data_base64"},
            id="volume",
        ),
        pytest.param(
            "image",
            {"image_ref": "6b344c54-d606-4e1a-a99e-a7d0250c3d14"},
            [{"port": PORT}],
            {"admin_pass", "user_data_base64"},
            id="image",
        ),
    ],
)
def test_an_example_becomes_arguments(name: str, boot: dict[str, Any], networks: list[Any], secrets: set[str]) -> None:
    converted = convert(read(name), name)
    assert converted.arguments["boot"] == boot
    assert converted.arguments["networks"] == networks
    assert set(converted.secrets) == secrets
    assert not converted.batch


def test_the_batch_becomes_arguments_of_a_batch() -> None:
    converted = convert(read("batch"), "batch")
    assert converted.batch
    assert converted.arguments == {
        "name": "test",
        "flavor_ref": "s3.medium",
        "availability_zone": "az1.dc1",
        "image_ref": "10ff4f01-35b6-4209-8397-359cb4475fa0",
        "networks": [{"uuid": "51bead38-d1a3-4d08-be20-0970c24b7cab"}],
        "min_count": 2,
        "max_count": 3,
    }
    assert (converted.secrets, converted.notes) == ({}, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('{"a": "b//c"}', {"a": "b//c"}, id="two slashes in a text are no comment"),
        pytest.param('{"a": 1 // one\n}', {"a": 1}, id="to the end of the line"),
        pytest.param('{"a": 1, // "b": 2\n "c": 3}', {"a": 1, "c": 3}, id="a key that is commented out stays out"),
        pytest.param('{"a": 1, //one "b": 2}', {"a": 1, "b": 2}, id="lines that were joined"),
        pytest.param(r'{"a": "\"//", "b": 1} // end', {"a": '"//', "b": 1}, id="an escaped quote"),
    ],
)
def test_comments(text: str, value: dict[str, Any]) -> None:
    assert parse(text, "request") == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "request: line 1, column 2: is not JSON"),
        ("[]", "request: is not a JSON object"),
        ('{"a": 1,\n "b": }', "request: line 2, column 7: is not JSON"),
    ],
)
def test_text_that_is_no_request(text: str, says: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse(text, "request")
    assert str(caught.value).startswith(says)


def test_mistakes_in_a_request_are_told_in_its_own_words() -> None:
    request = json.loads(
        '{"server": {"imageRef": "x", "networks": [{"ports": "p"}], "max_count": "many"}, "hints": {}}'
    )
    with pytest.raises(ArgumentError) as caught:
        convert(request, "r.json")
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {"r.json: server.networks[0].ports", "r.json: server.max_count", "r.json: hints"}


IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
PLAIN: dict[str, Any] = {
    "name": "web", "flavorRef": "s3.medium", "imageRef": IMAGE, "availability_zone": "az1", "networks": [{"uuid": NETWORK}],
}  # fmt: skip
BLANK = {"source_type": "blank", "volume_size": 1}
BOOT = {"source_type": "image", "uuid": IMAGE, "volume_size": 4, "boot_index": 0}
VOLUME = {"source_type": "volume", "uuid": IMAGE}


def problems(server: dict[str, Any], hints: Any = None) -> list[tuple[str, str | None]]:
    """The paths of the mistakes in a plain request that was changed, and their restrictions."""
    request = {"server": {**PLAIN, **server}} | ({} if hints is None else {"os:scheduler_hints": hints})
    try:
        convert(request, "r")
    except ArgumentError as error:
        return [(one.path.removeprefix("r: server."), one.restriction) for one in error.problems]
    return []


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        pytest.param({"name": None}, [("name", "ECS-101")], id="the document's name is mandatory"),
        pytest.param({"flavorRef": 2.5}, [("flavorRef", "ECS-102")], id="a flavor by half a number"),
        pytest.param({"availability_zone": 7}, [("availability_zone", "ECS-103")], id="an AZ by a number"),
        pytest.param({"description": 7}, [("description", "ECS-108")], id="a description that is no text"),
        pytest.param({"user_data": "e A=="}, [("user_data", "ECS-111")], id="a blank in base64"),
        pytest.param({"host": "h"}, [("host", "ECS-113")], id="a host"),
        pytest.param({"eip": "x"}, [("eip", "ECS-114")], id="an EIP"),
        pytest.param(
            {"extendparam": {"marketType": "spot"}}, [("extendparam.marketType", "ECS-116")], id="a spot price"
        ),
        pytest.param({"periodNum": 1}, [("periodNum", "ECS-117")], id="a subscription"),
        pytest.param({"metadata": []}, [("metadata", "ECS-118")], id="a list for the metadata"),
        pytest.param(
            {"block_device_mapping_v2": [{**BLANK, "source_type": "x"}]},
            [("block_device_mapping_v2[0].source_type", "ECS-201")],
            id="an unknown source",
        ),
        pytest.param(
            {"block_device_mapping_v2": [{**BLANK, "boot_index": 1}]},
            [("block_device_mapping_v2[0].boot_index", "ECS-205")],
            id="a boot_index of 1 is no data disk",
        ),
        pytest.param(
            {"imageRef": None, "block_device_mapping_v2": [VOLUME]},
            [("block_device_mapping_v2[0]", "ECS-206")],
            id="nothing boots beside a volume",
        ),
        pytest.param(
            {"imageRef": None, "block_device_mapping_v2": [{**VOLUME, "boot_index": 0, "volume_size": 0}]},
            [("block_device_mapping_v2[0].volume_size", "ECS-208")],
            id="the size of a volume, which has its own, is judged too",
        ),
        pytest.param({"networks": "auto"}, [("networks", "ECS-301")], id="a word for the networks"),
        pytest.param({"networks": [{"uuid": NETWORK}, "x"]}, [("networks[1]", "ECS-302")], id="a text for a NIC"),
        pytest.param(
            {"networks": [{"port": PORT, "fixed_ip": "10.0.0.2"}]},
            [("networks[0].fixed_ip", "ECS-303")],
            id="an address beside a port without a network",
        ),
        pytest.param({"min_count": "+0"}, [("min_count", "ECS-401")], id="no ECS at all"),
        pytest.param({"min_count": 3, "max_count": 2}, [("max_count", "ECS-401")], id="a batch from many to few"),
        pytest.param(
            {"max_count": 2, "block_device_mapping_v2": [BLANK]},
            [("block_device_mapping_v2", "ECS-403")],
            id="disks of a batch",
        ),
        pytest.param(
            {"max_count": 2, "networks": [{"port": PORT}]}, [("networks[0].port", "ECS-405")], id="a batch's port"
        ),
        pytest.param(
            {"max_count": 2, "networks": [{"uuid": NETWORK, "fixed_ip": "10.0.0.2"}]},
            [("networks[0].fixed_ip", "ECS-405")],
            id="a batch's address",
        ),
        pytest.param(
            {"max_count": 2, "imageRef": None, "block_device_mapping_v2": [{**VOLUME, "boot_index": 0}]},
            [("max_count", "ECS-402")],
            id="a batch from a volume",
        ),
        pytest.param(
            {"max_count": 2, "imageRef": None, "block_device_mapping_v2": [BOOT]},
            [("block_device_mapping_v2", "ECS-403")],
            id="a batch from a disk of an image",
        ),
        pytest.param({"max_count": 2, "imageRef": None}, [("boot", "ECS-104")], id="a batch from nothing"),
        pytest.param({"max_count": 2, "imageRef": "x"}, [("boot.image_ref", "ECS-104")], id="a batch from a word"),
        pytest.param({"max_count": 2, "networks": []}, [("networks", "ECS-301")], id="a batch without a NIC"),
        pytest.param({"max_count": 2, "networks": [{}]}, [("networks[0]", "ECS-302")], id="a batch's NIC on nothing"),
        pytest.param(
            {"max_count": 2, "config_drive": True}, [("config_drive", "ECS-105")], id="a batch's config drive"
        ),
        pytest.param({"return_reservation_id": "t"}, [("return_reservation_id", "ECS-404")], id="half a word for true"),
        pytest.param({"key_name": None}, [("key_name", None)], id="a null, which is no key"),
        pytest.param({"key_name": ""}, [("key_name", None)], id="an empty key"),
        pytest.param({"name": " web"}, [("name", None)], id="a blank before the name"),
        pytest.param({"metadata": {"k/k": "v"}}, [("metadata", None)], id="a character that metadata cannot have"),
        pytest.param({"max_count": "+1"}, [("max_count", None)], id="a sign"),
        pytest.param(
            {"networks": [{"uuid": NETWORK, "fixed_ip": "x"}]}, [("networks[0].fixed_ip", None)], id="no address"
        ),
        pytest.param({"networks": [{"uuid": NETWORK, "port": "x"}]}, [("networks[0].port", None)], id="no UUID"),
    ],
)
def test_a_mistake_is_told_with_its_restriction(server: dict[str, Any], expected: list[tuple[str, str | None]]) -> None:
    assert problems(server) == expected


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        ({"force_hosts": "h"}, "ECS-113"),
        ({"query": ["=", "$host", "h"]}, "ECS-113"),
        ({"same_host": "h"}, "ECS-503"),
        ({"tenancy": 7}, "ECS-504"),
        ([], None),
    ],
)
def test_a_mistake_in_the_hints_is_told_with_its_restriction(hints: Any, expected: str | None) -> None:
    assert {restriction for _, restriction in problems({}, hints) if restriction} == ({expected} if expected else set())
    assert problems({}, hints)


@pytest.mark.parametrize(
    ("server", "hints"),
    [
        pytest.param({"flavorRef": 2, "security_groups": [{}], "personality": []}, None, id="what Nova takes"),
        pytest.param({"config_drive": "no", "max_count": 1.0, "user_data": "eA\r\n=="}, None, id="other ways to write it"),
        pytest.param({"networks": [{"uuid": NETWORK, "port": None, "fixed_ip": ""}]}, None, id="what a NIC leaves empty"),
        pytest.param({"block_device_mapping_v2": [{**BLANK, "uuid": "", "guest_format": "", "volume_type": ""}]}, None,
                     id="what a disk leaves empty"),
        pytest.param({}, {"cidr": "", "same_host": [], "group": None}, id="hints that say nothing"),
    ],
)  # fmt: skip
def test_what_is_only_odd_is_taken(server: dict[str, Any], hints: Any) -> None:
    assert problems(server, hints) == []


def test_mistakes_of_every_step_are_told_at_once() -> None:
    assert {restriction for _, restriction in problems({"name": None, "availability_zone": "", "networks": []})} == {
        "ECS-101", "ECS-103", "ECS-301",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("server", "stated"),
    [
        pytest.param({"max_count": 2}, {"max_count": 2}, id="the most alone"),
        pytest.param({"min_count": "2"}, {"min_count": 2}, id="the least alone"),
        pytest.param(
            {"min_count": 1, "max_count": 2, "security_groups": [{"name": "web"}]},
            {"min_count": 1, "max_count": 2, "security_groups": ["web"]},
            id="groups",
        ),
        pytest.param(
            {"max_count": 2, "metadata": {"a": "b"}, "key_name": "k", "description": "x"},
            {"max_count": 2, "metadata": {"a": "b"}, "key_name": "k", "description": "x"},
            id="what a server has too",
        ),
    ],
)
def test_what_a_batch_states(server: dict[str, Any], stated: dict[str, Any]) -> None:
    converted = convert({"server": {**PLAIN, **server}}, "r")
    assert converted.batch
    assert converted.arguments == {
        "name": "web",
        "flavor_ref": "s3.medium",
        "availability_zone": "az1",
        "image_ref": IMAGE,
        "networks": [{"uuid": NETWORK}],
        **stated,
    }


def test_the_secrets_of_a_batch_and_its_hints() -> None:
    hints = {"group": "7c1d3a2e-0000-4000-8000-000000000001"}
    server = {**PLAIN, "max_count": 2, "adminPass": "Secret-1", "user_data": "eA=="}
    converted = convert({"server": server, "os:scheduler_hints": hints}, "r")
    assert converted.secrets == {"admin_pass": "Secret-1", "user_data_base64": "eA=="}
    assert converted.arguments["scheduler_hints"] == hints


def noted(server: dict[str, Any]) -> dict[str, str | None]:
    """The places of a plain request that was changed that are not sent as written, and their restrictions."""
    converted = convert({"server": {**PLAIN, **server}}, "r")
    return {note.path.removeprefix("server."): note.restriction for note in converted.notes}


MAPPING = "block_device_mapping_v2[0]"


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"security_groups": [{"name": "web"}]}, {}, id="groups beside a network are sent as written"),
        pytest.param(
            {"security_groups": [{"name": "web"}], "networks": [{"port": PORT}]},
            {"security_groups": "ECS-109"},
            id="groups beside ports alone",
        ),
        pytest.param(
            {"networks": [{"port": PORT, "uuid": NETWORK}]}, {"networks[0].uuid": "ECS-304"}, id="a port decides"
        ),
        pytest.param({"max_count": 1}, {"max_count": "ECS-401"}, id="one ECS"),
        pytest.param({"max_count": 2, "return_reservation_id": True}, {}, id="a batch's reservation"),
        pytest.param(
            {"max_count": 2, "return_reservation_id": "no"},
            {"return_reservation_id": "ECS-404"},
            id="a batch without a reservation",
        ),
        pytest.param({"block_device_mapping_v2": [BLANK]}, {MAPPING: None}, id="a data disk is attached later"),
        pytest.param({"block_device_mapping_v2": [{**VOLUME, "boot_index": -1}]}, {MAPPING: None}, id="a volume too"),
        pytest.param({"imageRef": None, "block_device_mapping_v2": [BOOT]}, {}, id="a boot disk without a type"),
        pytest.param(
            {
                "imageRef": None,
                "block_device_mapping_v2": [{**BOOT, "volume_type": "SAS", "delete_on_termination": True}],
            },
            {
                f"{MAPPING}.{name}": None
                for name in ("source_type", "uuid", "volume_type", "volume_size", "delete_on_termination")
            },
            id="a boot disk with a type is made first",
        ),
    ],
)
def test_what_is_not_sent_as_written_is_noted(server: dict[str, Any], expected: dict[str, str | None]) -> None:
    assert noted(server) == expected
