"""`ecs sandbox show` and `ecs sandbox log`, as a person types them."""

import contextlib
import json
import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import openstack
import pytest
from typer.testing import CliRunner

from commands.sandbox import app
from commands.sandbox_log import Tail
from sandbox import daemon

runner = CliRunner()
IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
EVIL = "evil \x1b[31m\u202e name"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A sandbox that runs, with a server of a name that no terminal should be sent, and a refused request for one."""
    place = tmp_path_factory.mktemp("show") / "sandbox"
    daemon.start(place, build_seconds=0)
    config = openstack.config.OpenStackConfig(config_files=[str(place / "clouds.yaml")], load_envvars=False)
    with openstack.connection.Connection(config=config.get_one("sandbox")) as cloud:
        for name in ("web-1", "web-2", EVIL):
            with contextlib.suppress(openstack.exceptions.BadRequestException):
                cloud.compute.create_server(
                    name=name,
                    flavor_id="s3.medium",
                    image_id=IMAGE,
                    availability_zone="az1-dc1",
                    networks=[{"uuid": NETWORK}],
                    admin_password="Passw0rd-of-admin",
                )
        cloud.compute.get("/servers/nobody")
    with contextlib.closing(sqlite3.connect(place / "sandbox.db", isolation_level=None)) as database:
        database.execute(
            "UPDATE record SET body = json_set(body, '$.name', ?) WHERE json_extract(body, '$.name') = 'web-2'", (EVIL,)
        )
    yield place
    daemon.stop(place)


def run(folder: Path, *arguments: str, width: int = 0) -> str:
    """Return what a command prints, on a terminal of `width` columns where that is not 0."""
    env = {"FORCE_COLOR": "1", "COLUMNS": str(width), "TERM": "xterm"} if width else {}
    result = runner.invoke(app, [*arguments, "--folder", str(folder)], env=env)
    assert result.exit_code == 0, result.output
    return result.stdout


def bare(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_show_lists_every_kind_and_says_where_the_drawing_is(folder: Path) -> None:
    told = run(folder, "show")
    assert f"at {daemon.status(folder).url}: open it in a browser" in told.splitlines()[0]
    row = next(line for line in told.splitlines() if line.startswith(" web-1"))
    for text in ("ACTIVE", "s3.medium", "az1-dc1", "192.168.20.2 net-store", "boot 40 GB SATA vda"):
        assert text in row
    for title in ("Servers (2)", "Networks (5)", "Ports (3)", "Disks (4)", "Key pairs (1)", "Quotas ("):
        assert title in told
    assert "None: routers, floating ips, server groups." in told
    assert not any(line.endswith(" ") for line in told.splitlines())


def test_a_program_that_reads_it_gets_no_colours_and_a_terminal_no_commands(folder: Path) -> None:
    assert "\x1b" not in run(folder, "show")
    shown = run(folder, "show", "servers", width=200)
    assert "\x1b[32mACTIVE" in shown
    assert r"evil \x1b[31m\u202e name" in bare(shown)
    assert not re.search("[\x1b\u202e]", bare(shown))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_narrow_terminal_is_told_what_was_left_out(folder: Path, width: int) -> None:
    shown = bare(run(folder, "show", "servers", width=width))
    assert max(map(len, shown.splitlines())) <= width
    assert re.search(r"Too narrow for: .*Id\.", shown.replace("\n", " "))
    assert "web-1" in shown
    assert "ACTIVE" in shown


def test_show_as_json_has_the_names_as_they_are(folder: Path) -> None:
    told = json.loads(run(folder, "show", "--json"))
    assert (told["running"], told["url"]) == (True, daemon.status(folder).url)
    assert [server["name"] for server in told["servers"]] == ["web-1", EVIL]
    assert told["servers"][0]["nics"][0]["fixed_ips"] == ["192.168.20.2"]
    assert "Passw0rd-of-admin" not in json.dumps(told)


def test_show_writes_the_page(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert run(folder, "show", "--html", str(file)) == f"Wrote {file}.\n"
    text = file.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "web-1" in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "nonsense"], "'nonsense' is none of: servers, networks"),
        (["show", "--html", "{missing}/page.html"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_clear_error(folder: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    given = [one.format(missing=tmp_path / "missing") for one in arguments]
    result = runner.invoke(app, [*given, "--folder", str(folder)])
    assert result.exit_code != 0
    assert message in re.sub(r"\s+│?\s*│?\s*", " ", result.output)
    assert "Traceback" not in result.output


def test_no_sandbox_is_an_error_that_says_how_to_start_one(tmp_path: Path) -> None:
    result = runner.invoke(app, ["show", "--folder", str(tmp_path / "none")])
    assert (result.exit_code, "start one: ecs sandbox start" in result.output) == (1, True)


def test_a_killed_sandbox_is_shown_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "sandbox"
    now = daemon.start(place, build_seconds=0)
    assert now.pid is not None
    config = openstack.config.OpenStackConfig(config_files=[str(place / "clouds.yaml")], load_envvars=False)
    with openstack.connection.Connection(config=config.get_one("sandbox")) as cloud:
        cloud.network.create_network(name="made-last")
    os.kill(now.pid, signal.SIGKILL)
    while daemon.status(place).running:
        pass
    told = run(place, "show")
    assert "stopped: this is what it remembers" in told
    assert "made-last" in told


def test_log_tells_when_and_can_be_narrowed_to_what_failed(folder: Path) -> None:
    every = run(folder, "log").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \d{3} [A-Z]+ /", line) for line in every)
    failed = run(folder, "log", "--failed").splitlines()
    assert [line.split()[2] for line in failed] == ["400", "404"]
    changed = run(folder, "log", "--changes", "--json").splitlines()
    assert [json.loads(line)["body"]["server"]["name"] for line in changed] == ["web-1", "web-2", EVIL]
    assert len(run(folder, "log", "-n", "2").splitlines()) == 2
    assert "Passw0rd-of-admin" not in "".join(every)


def test_log_on_a_terminal_is_a_line_a_request_and_sends_it_no_commands(folder: Path) -> None:
    shown = run(folder, "log", "--changes", width=90)
    assert "\x1b[32m202" in shown
    assert [len(line) for line in bare(shown).splitlines()] == [90, 90, 90]
    full = bare(run(folder, "log", "--changes", "--full", width=90))
    assert r"evil \u001b[31m\u202e name" in full
    assert not re.search("[\x1b\u202e]", full)


def test_log_of_a_request_that_was_not_answered(tmp_path: Path) -> None:
    entry = {
        "time": 0,
        "service": "compute",
        "method": "POST",
        "path": "/x",
        "status": None,
        "microversion": None,
        "body": None,
    }
    (tmp_path / "requests.jsonl").write_text(json.dumps(entry | {"fault": "drop-after"}) + "\n", encoding="utf-8")
    assert run(tmp_path, "log", "--failed").split(" ", 2)[2] == "--- POST /x [drop-after]\n"


def test_follow_goes_on_with_whole_lines_only(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    tail = Tail(file)
    assert list(tail.entries()) == []
    writes: list[Any] = ['{"n": 1}\n{"n"', ": 2}\n", None, '{"n": 3}\n']

    def wait() -> None:
        text = writes.pop(0)
        if text is None:
            # The log is begun anew, as after its folder was removed.
            file.write_text("", encoding="utf-8")
        else:
            with file.open("a", encoding="utf-8") as more:
                more.write(text)

    assert [one["n"] for one in islice(tail.follow(wait), 3)] == [1, 2, 3]
    assert writes == []
