"""The `openstack` command, in a process of its own that stays: a command takes hundredths of a second then, not 1.5 s.

What is called is the very function that the installed command calls. As a program, this file records what the OpenStack
of `tests/contract/real` answers a plain user to the commands of `data/openstack_life.txt`, in a project of its own that
its administrator makes for as long as that takes:

    OS_CLIENT_CONFIG_FILE=... python -m tests.sandbox.openstack_commands real-admin > openstack_life.json
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LIFE = Path(__file__).parent / "data" / "openstack_life.txt"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJh test"
REAL = {
    "IMAGE": "tiny", "BOOT": "--image tiny", "NET": "private", "SUBNET": "private", "KEY": "fixture", "VTYPE": "noop",
    "ZONE": "nova", "FLAVOR": "m1.tiny", "LARGER": "s3.medium", "SIZE": "1", "EXT": "br-public",
}  # fmt: skip
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
            [sys.executable, __file__, "--child"],
            env=kept | mine,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
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


def run(commands: Commands, line: str, *, pause: float = 0, tries: int = 3) -> Told:
    """Run a line of the life: `until REGEX:` repeats it until the answer fits, `NAME = key:` keeps a part of it."""
    found = re.match(r"(?:until (?P<until>.+?): )?(?:(?P<name>[A-Z]+) = (?P<key>\S+): )?(?P<rest>.*)", line)
    assert found is not None
    for _ in range(tries):
        told = commands(found["rest"], code=None)
        if not found["until"] or re.search(found["until"], json.dumps(told.out) + told.err):
            break
        time.sleep(pause)
    if found["name"] and told.code == 0:
        value = told.out
        for step in found["key"].split("."):
            value = (
                value[int(step)]
                if isinstance(value, list)
                else value[step if step in value else step.replace("_", " ")]
            )
        commands.names[found["name"]] = value
    told.line = line
    return told


def lines() -> list[tuple[str, str]]:
    """The commands of the life, each with the part of the life (`## PART`) that it stands in."""
    found, part = [], ""
    for line in LIFE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            part = line.removeprefix("## ")
        elif line and not line.startswith("#"):
            found.append((part, line))
    return found


_PLACES = (
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\b[0-9a-f]{128}\b|\b[0-9a-f]{56}\b|\b[0-9a-f]{32}\b", "HEX"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", "TIME"),
    (r"https?://127\.0\.0\.1:\d+\S*", "URL"),
    (r"fa:16:3e(:[0-9a-f]{2}){3}", "MAC"),
    (r"\b(10|192|203)(\.\d+){3}\b(?!/)", "IP"),
    (r"\bgAAAA[\w=-]+", "TOKEN"),
    (r"<br /><br />\s*$", ""),
)
_SECRET = ("secret", "Secret", "adminPass")
_RENAMED = ("FLAVOR", "LARGER", "IMAGE", "VTYPE", "ZONE")


def plain(value: Any, names: dict[str, str]) -> Any:
    """What an answer says on any cloud: without ids, times, addresses and the names of what was there before."""
    if isinstance(value, dict):
        return {key: plain("SECRET" if key in _SECRET and item else item, names) for key, item in value.items()}
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


def answer(told: Told, names: dict[str, str]) -> dict[str, Any]:
    """What is recorded and compared of what a command answered."""
    return {"line": told.line, "code": told.code, "out": plain(told.out, names), "err": complaint(told, names)}


def _serve() -> None:
    """Read commands from stdin, a JSON list a line, and answer each with a line of JSON."""
    warnings.simplefilter("ignore")
    from openstackclient.shell import main as openstack
    from osc_lib.clientmanager import ClientCache, ClientManager

    caches = [one for one in vars(ClientManager).values() if isinstance(one, ClientCache)]

    asked = os.fdopen(os.dup(0), encoding="utf-8")
    # A command that finds no terminal takes its input for a file: `image create` would read the commands to come.
    os.dup2(os.openpty()[1], 0)
    version = None
    for line in asked:
        words = json.loads(line)
        last, version = version, [word for word in words if "api-version" in word]
        for one in caches if version or last else ():
            # A client stays with the API version that it was made for.
            one._handle = None
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = openstack(words)
            except SystemExit as end:
                code = int(end.code or 0)
        try:
            body = json.loads(out.getvalue())
        except ValueError:
            body = out.getvalue()
        sys.stdout.write(json.dumps({"code": code, "out": body, "err": err.getvalue().strip()}) + "\n")
        sys.stdout.flush()


def files(folder: Path) -> dict[str, str]:
    """Write the files that the commands of the life read; returns their names, and that of the one they write."""
    (folder / "key.pub").write_text(KEY + "\n", encoding="ascii")
    (folder / "data").write_text("#cloud-config\n", encoding="ascii")
    return {"KEYFILE": str(folder / "key.pub"), "DATAFILE": str(folder / "data"), "OUTFILE": str(folder / "out")}


@contextlib.contextmanager
def _alone(folder: Path, clouds: Path, admin: str) -> Iterator[Path]:
    """A project with a plain user, its scenery and an external network; all of it is gone again afterwards."""
    word = secrets.token_hex(16)
    with Commands(clouds, admin) as commands:
        project = commands("project create br-life -f json").out["id"]
        try:
            commands(f"user create br-life --password {word} -f json")
            commands("role add member --user br-life --project br-life")
            commands("network create br-public --external -f json")
            commands("subnet create br-public --network br-public --subnet-range 203.0.113.0/24 --no-dhcp -f json")
            cloud = yaml.safe_load(clouds.read_text(encoding="utf-8"))["clouds"][admin]
            cloud["auth"] |= {"username": "br-life", "password": word, "project_name": "br-life"}
            file = folder / "clouds.yaml"
            file.write_text(yaml.safe_dump({"clouds": {"life": cloud}}), encoding="utf-8")
            yield file
        finally:
            groups = commands(f"security group list --project {project} -f json", code=None).out or []
            ends = [f"security group delete {one['ID']}" for one in groups]
            for line in [*ends, "network delete br-public", "user delete br-life", "project delete br-life"]:
                told = commands(line, code=None)
                sys.stderr.write(f"{told.code} {line} {told.err}\n")


def _record(clouds: Path, admin: str) -> None:
    answers = []
    with (
        tempfile.TemporaryDirectory() as place,
        _alone(Path(place), clouds, admin) as file,
        Commands(file, "life", REAL | files(Path(place))) as commands,
    ):
        commands("network create private -f json")
        commands("subnet create private --network private --subnet-range 10.10.0.0/22 -f json")
        commands("keypair create fixture --public-key $KEYFILE -f json")
        for part, line in lines():
            answers.append(answer(run(commands, line, pause=1, tries=60), commands.names) | {"part": part})
            sys.stderr.write(json.dumps(answers[-1]) + "\n")
        commands("keypair delete fixture")
        commands("network delete private")
    sys.stdout.write("[\n" + ",\n".join(json.dumps(one) for one in answers) + "\n]\n")


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        _serve()
    else:
        _record(Path(os.environ["OS_CLIENT_CONFIG_FILE"]), sys.argv[1])
