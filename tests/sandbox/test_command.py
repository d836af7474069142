"""`ecs sandbox`, as a person types it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.sandbox import app
from sandbox import daemon
from sandbox.mishaps.kinds import KINDS

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
    assert log.stdout.endswith(" 204 POST /sandbox/reset\n")
    (entry,) = [json.loads(line) for line in runner.invoke(app, ["log", *at, "--json"]).stdout.splitlines()]
    assert (entry["status"], entry["body"]) == (204, None)

    stopped = runner.invoke(app, ["stop", *at])
    assert (stopped.exit_code, stopped.stdout) == (0, "The sandbox does not run.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["start", "--profile", "other"], "'other' is none of: ecs, community"),
        (["start", "--port", "70000"], "65535"),
        (["start", "--max-microversion", "new"], "did not start: max_microversion is a text such as '2.60', not 'new'"),
        (["start", "--hosts", "20000"], "did not start: hosts is a whole number from 0 to 10000, not 20000"),
        (["start", "--host", "192.0.2.1"], "192.0.2.1 can be reached from other machines; add --allow-remote if"),
        (["start", "--foreground", "--host", "example.org"], "--host example.org is no IPv4 address"),
        (["fault", "add", "fire"], "the sandbox does not run; start it first (ecs sandbox start)"),
        (["fault", "add", "503", "--times", "2", "--always"], "--times and --always exclude each other"),
        (["fault", "list"], "does not run"),
        (["fault", "clear"], "does not run"),
        (["set"], "does not run"),
        (["set", "--quota", "instances"], "'instances' is not a name and a number"),
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


@pytest.fixture
def at(folder: Path) -> list[str]:
    """The options that name a sandbox which runs."""
    daemon.start(folder)
    return ["--folder", str(folder)]


def test_a_fault_is_added_listed_and_cleared(at: list[str]) -> None:
    nothing = runner.invoke(app, ["fault", "list", *at])
    assert (nothing.exit_code, nothing.stdout) == (0, "Nothing shall go wrong.\n")
    added = runner.invoke(app, ["fault", "add", "429", "--on", "GET /compute/*/flavors", "--retry-after", "2", *at])
    line = "1: 429 on GET /compute/*/flavors, retry-after 2, 1 time; happened 0 times\n"
    assert (added.exit_code, added.stdout) == (0, f"Fault {line}")
    options = ["--server", "web-*", "--always", "--after", "3", "--seconds", "1.5", "--json"]
    made = json.loads(runner.invoke(app, ["fault", "add", "slow-build", *options, *at]).stdout)
    assert {**made, "on": None} == {
        "id": "2", "kind": "slow-build", "on": None, "server": "web-*", "times": None, "after": 3, "seconds": 1.5,
        "retry_after": None, "message": None, "met": 0, "seen": 0, "spent": False,
    }  # fmt: skip
    second = (
        "2: slow-build on POST /compute/*/servers, for server web-*, seconds 1.5, after 3, always; happened 0 times\n"
    )
    assert runner.invoke(app, ["fault", "list", *at]).stdout == line + second
    assert json.loads(runner.invoke(app, ["fault", "list", "--json", *at]).stdout)["faults"][1] == made

    assert runner.invoke(app, ["fault", "clear", "1", *at]).stdout == "Fault 1 is cleared.\n"
    gone = runner.invoke(app, ["fault", "clear", "1", *at])
    assert (gone.exit_code, gone.stderr) == (1, "error: there is no fault '1'; choose one of: 2\n")
    assert runner.invoke(app, ["fault", "clear", *at]).exit_code == 0
    assert runner.invoke(app, ["fault", "list", *at]).stdout == "Nothing shall go wrong.\n"


def test_a_wrong_fault_is_one_clear_error_with_the_choices(at: list[str]) -> None:
    for arguments, told in (
        (["fire"], "error: kind 'fire' is unknown; choose one of: no-valid-host, error-after-build,"),
        (["503", "--on", "GET /servers"], "error: on 'GET /servers': the path begins with none of: /identity, "),
        (["quota", "--seconds", "3"], "error: quota takes no seconds; it belongs to: "),
    ):
        result = runner.invoke(app, ["fault", "add", *arguments, *at])
        assert (result.exit_code, result.stderr[: len(told)], result.stderr.count("\n")) == (1, told, 1)


def test_settings_are_changed_and_told(at: list[str]) -> None:
    options = ["--hosts", "2", "--max-microversion", "2.50", "--build-seconds", "5", "--token-seconds", "60"]
    changed = runner.invoke(app, ["set", *options, "--quota", "instances=3", "--quota", "gigabytes=-1", *at])
    assert changed.exit_code == 0, changed.output
    told = json.loads(runner.invoke(app, ["set", "--json", *at]).stdout)
    assert {**told, "quota": None} == {
        "profile": "ecs", "hosts": 2, "max_microversion": "2.50", "build_seconds": 5, "token_seconds": 60, "quota": None
    }  # fmt: skip
    assert (told["quota"]["compute"]["instances"], told["quota"]["volume"]["gigabytes"]) == (3, -1)
    assert changed.stdout == runner.invoke(app, ["set", *at]).stdout
    assert "hosts 2\nmax-microversion 2.50\n" in changed.stdout
    wrong = runner.invoke(app, ["set", "--quota", "servers=3", *at])
    assert (wrong.exit_code, wrong.stderr.startswith("error: quota 'servers' is unknown; choose among: ")) == (1, True)


def test_help_teaches_every_kind_with_examples() -> None:
    told = runner.invoke(app, ["fault", "add", "--help"]).stdout
    assert [kind for kind in KINDS if f"{kind}: " not in told] == []
    assert "ecs sandbox fault add drop-after" in told
    assert "ecs sandbox set --hosts 2" in runner.invoke(app, ["set", "--help"]).stdout
