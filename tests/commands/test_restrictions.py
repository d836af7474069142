"""`ecs restrictions`: text, JSON, one whole, and the page that is written from the same data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import restrictions, restrictions_page
from commands.restrictions_samples import MISTAKES, sample
from components.restrictions import catalogue
from policy.rules import RULES
from tests.commands.test_commands import ROOT, ecs


def test_the_list_has_a_line_for_each_row() -> None:
    ran = ecs("restrictions")
    assert ran.returncode == 0, ran.stderr
    rows = [line.split()[0] for line in ran.stdout.splitlines() if line.startswith("  ")]
    assert rows == list(catalogue())
    assert [line for line in ran.stdout.splitlines() if not line.startswith("  ")] == [
        *restrictions_page.SECTIONS.values()
    ]
    assert "\x1b" not in ran.stdout


def test_a_terminal_gets_tables(capsys: pytest.CaptureFixture[str]) -> None:
    restrictions._table()
    shown = capsys.readouterr().out
    assert all(row in shown for row in catalogue())


def test_programs_get_every_field() -> None:
    rows = json.loads(ecs("restrictions", "--json").stdout)
    assert [row["id"] for row in rows] == list(catalogue())
    (nic,) = (row for row in rows if row["id"] == "ECS-302")
    assert nic == {
        "id": "ECS-302",
        "level": "must",
        "sees": ["request"],
        "summary": "Each entry of networks names a port or a uuid.",
        "met": None,
        "where": "Table 6, port",
        "quote": "This parameter must be set when the network UUID is not specified.",
        "native_api": False,
        "enforced": ["type", "rule", "sandbox"],
        "exemptable": False,
        "rules": ["policy/rules/nic_names_port_or_network.py"],
    }


@pytest.mark.parametrize("asked", ["ECS-302", "ecs-302", "302"])
def test_one_is_shown_whole(asked: str) -> None:
    shown = " ".join(ecs("restrictions", asked).stdout.split())
    assert shown.startswith("ECS-302 restriction Each entry of networks names a port or a uuid.")
    assert "document This parameter must be set when the network UUID is not specified." in shown
    assert "rule policy/rules/nic_names_port_or_network.py" in shown
    assert "sample server.networks[0]: names neither a port nor a network. Set port" in shown
    whole = json.loads(ecs("restrictions", asked, "--json").stdout)
    assert whole["samples"][0].endswith("[ECS-302, Table 6, port]")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ECS-3022"], "there is no restriction 'ECS-3022'. Did you mean ECS-302"),
        (["port"], "there is no restriction 'port'. `ecs restrictions` lists them."),
        (["302", "--write-docs"], "--write-docs writes the page of all restrictions. Leave the id and --json out."),
    ],
)
def test_a_mistake_is_one_error(arguments: list[str], says: str) -> None:
    ran = ecs("restrictions", *arguments)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert says in ran.stderr


def test_every_rule_that_the_request_decides_has_a_sample() -> None:
    said = {rule.id: sample(rule) for rule in RULES}
    assert set(said) == set(MISTAKES)
    assert [
        (name, text) for name, text in said.items() if not (text and text.endswith(catalogue()[name].citation))
    ] == []


def test_the_page_is_what_is_written() -> None:
    page = (ROOT / "docs" / "restrictions.md").read_text(encoding="utf-8")
    assert page == restrictions_page.text(), "run `make docs`"


def test_what_the_page_links_to_is_there() -> None:
    for file, _ in (found for members in restrictions_page.rules().values() for found in members):
        assert (ROOT / file).is_file()
    assert all(f'<a id="{row.lower()}"></a>{row} ' in restrictions_page.text() for row in catalogue())


def test_the_page_is_written_into_the_clone_that_one_stands_in(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: ecs-stacks\n", encoding="utf-8")
    ran = ecs("restrictions", "--write-docs", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "docs" / "restrictions.md").read_text(encoding="utf-8") == restrictions_page.text()
    (tmp_path / "docs" / "restrictions.md").unlink()
    (tmp_path / "docs").rmdir()
    ran = ecs("restrictions", "--write-docs", cwd=tmp_path)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "cannot be written: No such file or directory." in ran.stderr
