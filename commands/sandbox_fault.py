"""`ecs sandbox fault`: what shall go wrong in the sandbox: add, list, clear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from commands.places import SANDBOX
from sandbox import daemon
from sandbox.mishaps.kinds import CREATE_SERVER, KINDS

_KINDS = "\n\n".join(f"{name}: {kind.tells}." for name, kind in KINDS.items())
_EXAMPLES = f"""
Kinds:

{_KINDS}

Examples:

ecs sandbox fault add drop-after (the next server is created, but its creator is not told)

ecs sandbox fault add 503 --times 2 --on "POST /network/*" (twice, the network service is away)

ecs sandbox fault add no-valid-host --server "web-*" --always (no host ever has room for these)

ecs sandbox fault add 429 --retry-after 2 --after 10 --on "* /compute/*" (the eleventh request to Nova is too much)

ecs sandbox fault add lag --seconds 3 --always (every list is 3 seconds old)

Without --on, a fault meets the creation of servers ({CREATE_SERVER}), lag meets every list, and expire-token every
request with a token. A path's * stands for anything, / too. `ecs sandbox log` tells which request met what.
"""

app = typer.Typer(help="What shall go wrong in it: add, list, clear.", no_args_is_help=True)

FolderOption = Annotated[Path, typer.Option("--folder", help="Where its state is kept.", show_default=".ecs/sandbox")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command(epilog=_EXAMPLES)
def add(  # noqa: PLR0917 - they are options, typed by name
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of: {', '.join(KINDS)}.")],
    on: Annotated[
        str | None, typer.Option(metavar='"METHOD PATH"', help="The requests that it meets, such as `GET /volume/*`.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only requests about servers of this name (* is allowed) or id.")
    ] = None,
    times: Annotated[int | None, typer.Option(metavar="N", help="How often it happens.", show_default="1")] = None,
    after: Annotated[int | None, typer.Option(metavar="N", help="Let so many requests pass first.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How slow, how late, how old: for those that take it.")] = None,
    retry_after: Annotated[float | None, typer.Option(help="What Retry-After says, for 429 and 503.")] = None,
    message: Annotated[str | None, typer.Option(help="The text of the server's fault, for error-after-build.")] = None,
    folder: FolderOption = SANDBOX,
    *,
    always: Annotated[bool, typer.Option("--always", help="Until it is cleared, instead of --times.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let something go wrong, once unless said otherwise."""
    if always and times is not None:
        raise typer.BadParameter("--times and --always exclude each other", param_hint="--always")
    given = {
        "kind": kind,
        "on": on,
        "server": server,
        "after": after,
        "seconds": seconds,
        "retry_after": retry_after,
        "message": message,
    }
    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if times is not None or always:
        said["times"] = times
    made = _control(folder, "POST", "/sandbox/faults", said)["fault"]
    typer.echo(json.dumps(made) if as_json else f"Fault {_line(made)}")


@app.command("list")
def list_(folder: FolderOption = SANDBOX, *, as_json: JsonOption = False) -> None:
    """Print every fault, and how often it happened."""
    body = _control(folder, "GET", "/sandbox/faults")
    if as_json:
        typer.echo(json.dumps(body))
        return
    for one in body["faults"]:
        typer.echo(_line(one))
    if not body["faults"]:
        typer.echo("Nothing shall go wrong.")


@app.command()
def clear(
    fault_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The one of this id; all without it.")] = None,
    folder: FolderOption = SANDBOX,
) -> None:
    """Forget one fault, or all."""
    _control(folder, "DELETE", "/sandbox/faults" + ("" if fault_id is None else f"/{fault_id}"))
    typer.echo("Nothing shall go wrong any more." if fault_id is None else f"Fault {fault_id} is cleared.")


def _line(fault: dict[str, Any]) -> str:
    words = [f"{fault['id']}: {fault['kind']} on {fault['on']}"]
    if fault["server"] is not None:
        words.append(f"for server {fault['server']}")
    words += [f"{name.replace('_', '-')} {fault[name]:g}" for name in ("seconds", "retry_after") if fault[name]]
    if fault["after"]:
        words.append(f"after {fault['after']}")
    often = "always" if fault["times"] is None else f"{fault['times']} time{'s' * (fault['times'] != 1)}"
    met = f"happened {fault['met']} time{'s' * (fault['met'] != 1)}"
    return f"{', '.join([*words, often])}; {met}{' and is over' if fault['spent'] else ''}"


def _control(folder: Path, method: str, path: str, body: Any = None) -> Any:
    try:
        return daemon.control(folder, method, path, body)
    except daemon.SandboxError as error:
        _fail(str(error))


def _fail(text: str) -> NoReturn:
    typer.echo(f"error: {text}", err=True)
    raise typer.Exit(1)
