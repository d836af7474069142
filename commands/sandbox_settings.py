"""`ecs sandbox set`: how the running sandbox behaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.places import SANDBOX
from sandbox import daemon

EXAMPLES = """
Examples:

ecs sandbox set --hosts 2 (anti-affinity has room for two servers)

ecs sandbox set --max-microversion 2.60 (a cloud that knows nothing newer)

ecs sandbox set --build-seconds 5 --quota instances=3 --quota gigabytes=100

ecs sandbox set (print what holds)

It holds at once and after a restart, until `ecs sandbox reset` or a start option says otherwise.
"""


def change(  # noqa: PLR0917 - they are options, typed by name
    hosts: Annotated[int | None, typer.Option(help="How many hosts there are, 0 for no room at all.")] = None,
    max_microversion: Annotated[str | None, typer.Option(help="The highest compute microversion, as 2.60.")] = None,
    build_seconds: Annotated[float | None, typer.Option(help="How long a server or a disk is built.")] = None,
    token_seconds: Annotated[float | None, typer.Option(help="How long a token is good for.")] = None,
    quota: Annotated[
        list[str] | None, typer.Option(metavar="NAME=LIMIT", help="A quota, -1 for no limit; may be given again.")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where its state is kept.", show_default=".ecs/sandbox")
    ] = SANDBOX,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Change how it behaves while it runs; without an option, print what holds."""
    given: dict[str, Any] = {
        "hosts": hosts,
        "max_microversion": max_microversion,
        "build_seconds": build_seconds,
        "token_seconds": token_seconds,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if quota:
        changes["quota"] = dict(_limit(one) for one in quota)
    try:
        answer = daemon.control(folder, "PATCH" if changes else "GET", "/sandbox/settings", changes or None)
    except daemon.SandboxError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    settings = answer["settings"]
    if as_json:
        typer.echo(json.dumps(settings))
        return
    for name, value in settings.items():
        if name != "quota":
            typer.echo(f"{name.replace('_', '-')} {value}")
    for service, limits in settings["quota"].items():
        typer.echo(f"quota of {service}: {', '.join(f'{name}={limit}' for name, limit in limits.items())}")


def _limit(text: str) -> tuple[str, int]:
    name, _, limit = text.partition("=")
    try:
        return name, int(limit)
    except ValueError:
        message = f"{text!r} is not a name and a number, such as instances=3"
        raise typer.BadParameter(message, param_hint="--quota") from None
