"""The cloud, asked before a preview by a process of its own: its client library loads while the program loads everything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

SECONDS = 5.0
"""The longest that one read may take."""

AT_ONCE = 8
"""How many reads are under way at once."""

LISTED = 13
"""How many of what is there are named where something is not."""

MISSING = 404


@dataclass(frozen=True)
class Question:
    """Whether a service has something: its path there, the key of a list that must not be empty, and how to list others."""

    service: str
    path: str
    key: str = ""
    others: str = ""


@dataclass
class Answers:
    """What the cloud said: of each question whether it is there (None: it did not say), and by path what is there instead.

    `unreachable` is why it could not be asked: a sentence, and its kind.
    """

    there: list[bool | None] = field(default_factory=list)
    others: dict[str, list[str]] = field(default_factory=dict)
    unreachable: list[str] | None = None


class Asker:
    """The process that asks one cloud; it logs in at once, and waits for the questions."""

    def __init__(self, cloud: str, region: str | None) -> None:
        self.cloud, self.region = cloud, region
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "stacks.asking", cloud, region or ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # A Ctrl-C is for the program; this one ends when nobody can ask it any more.
            start_new_session=True,
        )

    def ask(self, questions: Sequence[Question]) -> Answers:
        """Ask all together; where the process ends without a word, the cloud counts as unreachable."""
        said, _ = self._process.communicate(json.dumps([asdict(one) for one in questions]))
        try:
            return Answers(**json.loads(said))
        except ValueError:
            return Answers(unreachable=["could not be asked", "answered"])

    def close(self) -> None:
        """Ask nothing more."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def begin(configuration: str) -> Asker | None:
    """Start to ask the cloud that the settings of the plugin name (the engine's `PULUMI_CONFIG`); None where they name none."""
    stated = json.loads(configuration or "{}")
    cloud = stated.get("openstack:cloud") or os.environ.get("OS_CLOUD")
    return None if cloud is None else Asker(cloud, stated.get("openstack:region"))


def answers(cloud: str, region: str | None, questions: Callable[[], str]) -> Answers | None:
    """What the process does: log in, and then answer the questions (JSON), which may come later; None where nobody asks."""
    from cloud.connect import UnreachableError, connect

    connection, unreachable = None, None
    try:
        connection = connect({"cloud": cloud, "region": region}, SECONDS, app_name="ecs-stacks")
    except UnreachableError as error:
        unreachable = [error.reason, error.kind]
    # Read even where nothing can be answered: who asks would write to nobody.
    stated = questions()
    if not stated or unreachable is not None:
        return Answers(unreachable=unreachable) if stated else None
    asked = [Question(**one) for one in json.loads(stated)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        there = list(pool.map(lambda one: _there(connection, one), asked))
    missing = {(one.service, one.others) for one, is_there in zip(asked, there, strict=True) if is_there is False}
    return Answers(there, {path: _listed(connection, service, path) for service, path in missing if path})


def _there(connection: Any, question: Question) -> bool | None:
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    try:
        answer = getattr(connection, question.service).get(question.path, raise_exc=False)
        if question.key and answer.ok:
            return bool(answer.json()[question.key])
    except (ClientException, SDKException):
        return None
    if answer.status_code == MISSING:
        return False
    return True if answer.ok else None


def _listed(connection: Any, service: str, path: str) -> list[str]:
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    try:
        found = getattr(connection, service).get(f"/{path}", raise_exc=False).json()[path]
    except (ClientException, SDKException, ValueError, KeyError):
        return []
    names = [item["id"] if item["id"] == item.get("name") else f"{item['id']} ({item.get('name')})" for item in found]
    return names[:LISTED]


def main(cloud: str, region: str) -> None:
    """Answer the questions that come on standard input, on standard output."""
    said = answers(cloud, region or None, sys.stdin.read)
    if said is not None:
        sys.stdout.write(json.dumps(asdict(said)))


if __name__ == "__main__":
    main(*sys.argv[1:])
