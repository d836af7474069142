"""The `openstack` command, in a process of its own that stays: a command takes hundredths of a second then, not 1.5 s.

What is called is the very function that the installed command calls. As a program, this file records what a real
OpenStack answers to the commands of `data/openstack_life.txt`:

    OS_CLIENT_CONFIG_FILE=... OS_CLOUD=... python tests/sandbox/openstack_commands.py names.json > openstack_life.json
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIFE = Path(__file__).parent / "data" / "openstack_life.txt"
_TRIES = 40
_HOLE = re.compile(r"\$(\w+)")


@dataclass
class Told:
    """What a command answered: its exit code, its output (JSON, if it is), and what it had to complain about."""

    line: str
    code: int
    out: Any
    err: str


@dataclass
class Commands:
    """Runs commands on one cloud; `names` are put where a command says `$NAME`."""

    clouds: Path
    cloud: str
    names: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Commands:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        mine = {"OS_CLIENT_CONFIG_FILE": str(self.clouds), "OS_CLOUD": self.cloud}
        self.child = subprocess.Popen(
            [sys.executable, __file__, "--child"], env=kept | mine, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self.child.stdin is not None
        self.child.stdin.close()
        self.child.wait(10)
        assert self.child.stdout is not None
        self.child.stdout.close()

    def __call__(self, line: str, *, code: int | None = 0) -> Told:
        """Run `openstack LINE`; fails if it does not end with `code`, whatever the code is if that is None."""
        given = _HOLE.sub(lambda hole: self.names.get(hole.group(1), "UNKNOWN-" + hole.group(1)), line)
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(json.dumps(shlex.split(given)) + "\n")
        self.child.stdin.flush()
        told = Told(given, **json.loads(self.child.stdout.readline()))
        assert code is None or told.code == code, told
        return told


def run(commands: Commands, line: str, pause: float) -> Told:
    """Run a line of the life: `until REGEX:` repeats it until the answer fits, `NAME = key:` keeps a part of it."""
    found = re.match(r"(?:until (?P<until>.+?): )?(?:(?P<name>[A-Z]+) = (?P<key>\S+): )?(?P<rest>.*)", line)
    assert found is not None
    for _ in range(_TRIES):
        told = commands(found["rest"], code=None)
        if not found["until"] or re.search(found["until"], json.dumps(told.out) + told.err):
            break
        time.sleep(pause)
    if found["name"] and told.code == 0:
        value = told.out
        for step in found["key"].split("."):
            value = value[int(step)] if isinstance(value, list) else value[step.replace("_", " ") if "_" in step else step]
        commands.names[found["name"]] = value
    told.line = line
    return told


def lines() -> list[str]:
    """The commands of the life."""
    text = LIFE.read_text(encoding="utf-8").splitlines()
    return [line for line in text if line and not line.startswith("#")]


_PLACES = (
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\b[0-9a-f]{128}\b|\b[0-9a-f]{56}\b|\b[0-9a-f]{32}\b", "HEX"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", "TIME"),
    (r"https?://127\.0\.0\.1:\d+\S*", "URL"),
    (r"fa:16:3e(:[0-9a-f]{2}){3}", "MAC"),
    (r"\b(10|192|203)(\.\d+){3}\b(?!/)", "IP"),
    (r"<br /><br />\s*$", ""),
)
_RENAMED = ("FLAVOR", "LARGER", "IMAGE", "VTYPE", "ZONE")


def plain(value: Any, names: dict[str, str]) -> Any:
    """What an answer says on any cloud: without ids, times, addresses and the names of what was there before."""
    if isinstance(value, dict):
        return {key: plain(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, names) for item in value]
    if not isinstance(value, str):
        return value
    for pattern, word in _PLACES:
        value = re.sub(pattern, word, value)
    for name in _RENAMED:
        value = re.sub(rf"(?<![\w.-]){re.escape(names[name])}(?![\w-])", f"${name}", value)
    return value


def complaint(told: Told, names: dict[str, str]) -> str:
    """The sentence in which the cloud refused, without the client's words around it."""
    said = re.sub(r"(?s).*?(?:Client|Server) Error for url: \S+, ", "", told.err)
    return str(plain(said.splitlines()[0].strip() if said else "", names))


def _serve() -> None:
    """Read commands from stdin, a JSON list a line, and answer each with a line of JSON."""
    warnings.simplefilter("ignore")
    from openstackclient.shell import main as openstack

    for line in sys.stdin:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = openstack(json.loads(line))
            except SystemExit as end:
                code = end.code
        try:
            body = json.loads(out.getvalue())
        except ValueError:
            body = out.getvalue()
        sys.stdout.write(json.dumps({"code": code, "out": body, "err": err.getvalue().strip()}) + "\n")
        sys.stdout.flush()


def _record(names: Path) -> None:
    clouds = Path(os.environ["OS_CLIENT_CONFIG_FILE"])
    with Commands(clouds, os.environ["OS_CLOUD"], json.loads(names.read_text(encoding="utf-8"))) as commands:
        answers = []
        for line in lines():
            told = run(commands, line, pause=1)
            sys.stderr.write(f"{told.code} {line}\n")
            out = plain(told.out, commands.names)
            answers.append({"line": line, "code": told.code, "out": out, "err": complaint(told, commands.names)})
    sys.stdout.write("[\n" + ",\n".join(json.dumps(one) for one in answers) + "\n]\n")


if __name__ == "__main__":
    _serve() if sys.argv[1] == "--child" else _record(Path(sys.argv[1]))
