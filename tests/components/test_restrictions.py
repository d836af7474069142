"""The catalogue is complete, and every quote is in the document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.restrictions import Restriction, catalogue, message

DOCUMENT = Path(__file__).parents[2] / "docs" / "creating-an-ecs.txt"

EXPECTED = [
    *(f"ECS-{n}" for n in range(101, 123)),
    *(f"ECS-{n}" for n in range(201, 218)),
    *(f"ECS-{n}" for n in range(301, 307)),
    *(f"ECS-{n}" for n in range(401, 406)),
    *(f"ECS-{n}" for n in range(501, 507)),
    *(f"ECS-{n}" for n in range(601, 604)),
]

ROWS = [pytest.param(row, id=row.id) for row in catalogue().values()]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_ids_are_complete_and_in_order() -> None:
    assert list(catalogue()) == EXPECTED


def test_no_id_is_used_twice() -> None:
    text = (Path(__file__).parents[2] / "components" / "restrictions.toml").read_text(encoding="utf-8")
    ids = re.findall(r'^id = "(ECS-\d+)"$', text, flags=re.MULTILINE)
    assert ids == EXPECTED


@pytest.mark.parametrize("row", ROWS)
def test_a_row_quotes_the_document_or_says_that_nova_says_so(row: Restriction) -> None:
    assert (row.quote is None) == row.nova
    if row.quote is not None:
        assert squeezed(row.quote) in squeezed(DOCUMENT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_whole(row: Restriction) -> None:
    assert row.level in {"must", "warn", "info"}
    assert set(row.sees) <= {"request", "stack", "cloud"}
    assert (row.level == "info") == (not row.sees)
    assert row.summary.endswith(".")
    assert row.where
    assert (row.met is None) == (row.level != "info" and row.id != "ECS-119")
    assert row.citation == f"[{row.id}, {row.where}]"


def test_a_message_has_path_wrong_fix_and_citation() -> None:
    expected = "networks[1]: names neither a port nor a network. Set port or uuid. [ECS-302, Table 6, port]"
    assert message("networks[1]", "names neither a port nor a network.", "Set port or uuid.", "ECS-302") == expected
