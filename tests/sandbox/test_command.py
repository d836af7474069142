"""`ecs sandbox`, as a person types it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.sandbox import app
from sandbox import daemon

runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "sandbox"
    yield place
    daemon.stop(place)


def test_start_status_log_reset_stop(folder: Path) -> None:
    at = ["--folder", str(folder)]
    down = runner.invoke(app, ["status", *at])
    assert (down.exit_code, down.stdout) == (1, "The sandbox does not run.\n")
    assert runner.invoke(app, ["log", *at]).stdout == ""

    up = runner.invoke(app, ["start", *at, "--json"])
    assert up.exit_code == 0, up.output
    told = json.loads(up.stdout)
    assert told == {**told, "running": True, "profile": "ecs", "clouds_file": str(folder / "clouds.yaml")}
    status = runner.invoke(app, ["status", *at])
    assert (status.exit_code, told["url"] in status.stdout) == (0, True)

    assert runner.invoke(app, ["reset", *at]).exit_code == 0
    log = runner.invoke(app, ["log", *at])
    assert log.stdout == "204 POST /sandbox/reset\n"
    (entry,) = [json.loads(line) for line in runner.invoke(app, ["log", *at, "--json"]).stdout.splitlines()]
    assert (entry["status"], entry["body"]) == (204, None)

    stopped = runner.invoke(app, ["stop", *at])
    assert (stopped.exit_code, stopped.stdout) == (0, "The sandbox does not run.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["start", "--profile", "other"], "'other' is none of: ecs, community"),
        (["start", "--port", "70000"], "65535"),
        (["start", "--max-microversion", "new"], "did not start"),
    ],
)
def test_a_wrong_option_is_one_clear_error(folder: Path, arguments: list[str], message: str) -> None:
    result = runner.invoke(app, [*arguments, "--folder", str(folder)])
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_second_start_with_another_profile_says_what_to_do(folder: Path) -> None:
    daemon.start(folder)
    result = runner.invoke(app, ["start", "--folder", str(folder), "--profile", "community"])
    assert (result.exit_code, "stop it first (ecs sandbox stop)" in result.output) == (1, True)
