"""The document's examples, word for word, as arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.document.text import parse
from components.document.to_args import convert
from components.ecs.server_args import ServerArgs
from components.problems import ArgumentError, checked

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
    checked(ServerArgs.model_validate, converted.arguments | converted.secrets, name, ServerArgs)


def test_the_batch_is_no_single_server() -> None:
    with pytest.raises(ArgumentError, match=r"ECS-401"):
        convert(read("batch"), "batch")


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
