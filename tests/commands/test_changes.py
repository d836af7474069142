"""`ecs changes` and its page, and that each row of the change table is proven and each argument has one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from commands.changes import app
from commands.changes_page import PAGE, TABLES, rows, text
from components.ecs.batch_args import BatchArgs
from components.ecs.changes import PROOFS
from components.ecs.server_args import ServerArgs
from components.inputs import Refused

ROOT = Path(__file__).parents[2]
ARGUMENTS = {"Server": ServerArgs, "ServerBatch": BatchArgs}


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run: make docs"


@pytest.mark.parametrize("component", TABLES)
def test_each_argument_has_a_row_and_each_row_an_argument(component: str) -> None:
    stated = {
        name
        for name, field in ARGUMENTS[component].model_fields.items()
        if not any(isinstance(item, Refused) for item in field.metadata)
    }
    told = [row.argument for row in TABLES[component]]
    assert len(set(told)) == len(told)
    assert {argument.partition(" ")[0].partition(".")[0] for argument in told} == stated
    for argument in stated:
        assert argument in told, "what only a refinement tells is not told"


def test_each_row_is_proven_by_a_test_that_exists() -> None:
    files = sorted({f"{PROOFS}/{row.proof.partition('::')[0]}" for _, row in rows()})
    listing = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    night = os.environ | {"ECS_NIGHTLY": "1"}
    done = subprocess.run(listing, cwd=ROOT, env=night, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    there = set(done.stdout.splitlines())
    missing = [f"{component}.{row.argument}" for component, row in rows() if f"{PROOFS}/{row.proof}" not in there]
    assert not missing


def said(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_one_argument_is_shown_with_what_refines_it() -> None:
    lines = said("boot").stdout.splitlines()
    assert {line.partition(": ")[0] for line in lines} >= {"Server.boot", "Server.boot.image_ref"}
    assert {line.partition(": ")[0] for line in said("name").stdout.splitlines()} == {"Server.name", "ServerBatch.name"}


def test_programs_get_every_row() -> None:
    found = json.loads(said("--json").stdout)
    assert len(found) == sum(map(len, TABLES.values()))
    (one,) = [row for row in found if (row["component"], row["argument"]) == ("Server", "flavor_ref")]
    assert (one["effect"], one["means"]) == ("reboot", "in place, with a reboot")


def test_an_unknown_argument_is_told_with_the_nearest() -> None:
    assert "Did you mean flavor_ref?" in str(said("falvor_ref").exception)
    assert said("name", "--write-docs").exit_code != 0
