"""`ecs doctor`: what is there, where it came from, and what is missing with the fix."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from commands.places import ROOT
from toolchain.doctor import Check, examine

app = typer.Typer(invoke_without_command=True)


def text(checks: list[Check]) -> str:
    """The findings, a line each, with the fix under whatever is wrong."""
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<{width}}  {check.found}")
        if not check.ok:
            lines.append(f"      {'':<{width}}  fix: {check.fix}")
    wrong = sum(not check.ok for check in checks)
    lines.append("everything is there" if not wrong else f"{wrong} of {len(checks)} need attention")
    return "\n".join(lines)


@app.callback()
def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Look at everything that a run of the engine needs; exit code 0 where all is well, else 1."""
    checks = examine(ROOT)
    ok = all(check.ok for check in checks)
    if as_json:
        print(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, indent=1))
    else:
        print(text(checks))
    if not ok:
        raise typer.Exit(1)
