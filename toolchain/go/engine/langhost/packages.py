# ruff: noqa: INP001 - run as `python -c` by the language host, never imported
"""Answers the language host's questions about the interpreter that runs it: plugins, direct, all, about."""

from __future__ import annotations

import base64
import json
import pathlib
import platform
import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def canonical(name: str) -> str:
    """The one spelling of a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions() -> dict[str, metadata.Distribution]:
    """Every installed distribution once: the first on the path is the one that gets imported."""
    found: dict[str, metadata.Distribution] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(canonical(name), distribution)
    return found


def descriptions(name: str, distribution: metadata.Distribution) -> Iterator[pathlib.Path]:
    """The places where a distribution may describe its plugin."""
    folders = {name.replace("-", "_")}
    for line in (distribution.read_text("RECORD") or "").splitlines():
        path = line.split(",", 1)[0]
        if path.endswith("/pulumi-plugin.json") and path.count("/") == 1:
            folders.add(path.split("/", 1)[0])
    for folder in sorted(folders):
        file = pathlib.Path(str(distribution.locate_file(f"{folder}/pulumi-plugin.json")))
        if file.is_file():
            yield file


def version_of(stated: str | None, distribution: metadata.Distribution) -> str:
    """The plugin's version as the engine reads it: Python spells pre-releases in its own way."""
    text = str(stated or distribution.version).removeprefix("v")
    parts = re.fullmatch(r"(\d+\.\d+\.\d+)(?:(a|b|rc)(\d+))?(?:\+.*)?", text)
    if parts and parts[2]:
        return f"v{parts[1]}-{ {'a': 'alpha', 'b': 'beta', 'rc': 'rc'}[parts[2]] }.{parts[3]}"
    return f"v{text}"


def plugins() -> list[dict[str, Any]]:
    """The resource plugins that the installed packages need."""
    found = []
    for name, distribution in sorted(distributions().items()):
        for file in descriptions(name, distribution):
            try:
                stated = json.loads(file.read_text(encoding="utf-8"))
            except ValueError as error:
                sys.exit(f"{file} is not JSON: {error}")
            if not stated.get("resource", False):
                continue
            one = {
                "name": stated.get("name") or re.sub("^pulumi-", "", name),
                "version": version_of(stated.get("version"), distribution),
                "server": stated.get("server") or "",
            }
            given = stated.get("parameterization")
            if given:
                base64.b64decode(given.get("value", ""), validate=True)
                one["parameterization"] = given
            found.append(one)
    return found


def dependencies(*, everything: bool) -> list[dict[str, str]]:
    """The installed distributions; or only those that no other one needs."""
    found = distributions()
    wanted = set()
    if not everything:
        for distribution in found.values():
            for requirement in distribution.requires or ():
                name = re.match(r"[A-Za-z0-9._-]+", requirement)
                if name and not re.search(r";.*\bextra\b", requirement):
                    wanted.add(canonical(name[0]))
    return [{"name": name, "version": one.version} for name, one in sorted(found.items()) if name not in wanted]


def answer(question: str) -> object:
    """The answer to one question."""
    if question == "plugins":
        return plugins()
    if question == "about":
        return {"executable": sys.executable, "version": platform.python_version()}
    return dependencies(everything=question == "all")


if __name__ == "__main__":
    json.dump(answer(sys.argv[1]), sys.stdout)
