"""`ecs sandbox`: the cloud to practise on, in the background or in the foreground."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from commands import sandbox_fault, sandbox_openapi, sandbox_settings
from commands.places import SANDBOX
from commands.sandbox_log import log
from commands.sandbox_show import show
from sandbox import daemon
from sandbox.folder import REMOTE_WARNING

app = typer.Typer(help="The cloud to practise on, on loopback.", no_args_is_help=True)

_PROFILES = ("ecs", "community")

FolderOption = Annotated[Path, typer.Option("--folder", help="Where its state is kept.", show_default=".ecs/sandbox")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def start(  # noqa: PLR0917 - they are options, typed by name
    folder: FolderOption = SANDBOX,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port; the last one, or 15000.")] = None,
    profile: Annotated[str, typer.Option(help="ecs: the document's restrictions; community: plain Nova.")] = "ecs",
    build_seconds: Annotated[float | None, typer.Option(min=0, help="How long a server or a disk is built.")] = None,
    max_microversion: Annotated[str | None, typer.Option(help="The highest compute microversion, as 2.60.")] = None,
    hosts: Annotated[int | None, typer.Option(min=0, help="How many hosts anti-affinity can choose from.")] = None,
    token_seconds: Annotated[float | None, typer.Option(min=1, help="How long a token is good for.")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on, 127.0.0.1 by default.")] = None,
    *,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let --host be an address that other machines can reach.")
    ] = False,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay, until Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Start it; one that runs already is left alone."""
    if profile not in _PROFILES:
        raise typer.BadParameter(f"{profile!r} is none of: {', '.join(_PROFILES)}", param_hint="--profile")
    options: dict[str, Any] = {
        "port": port,
        "profile": profile,
        "build_seconds": build_seconds,
        "max_microversion": max_microversion,
        "hosts": hosts,
        "token_seconds": token_seconds,
        "host": host,
    }
    if foreground:
        _stay(folder, options, allow_remote=allow_remote)
    try:
        now = daemon.start(folder, **options, allow_remote=allow_remote)
    except daemon.SandboxError as error:
        _fail(error)
    _tell(now, as_json=as_json)


@app.command()
def stop(folder: FolderOption = SANDBOX, as_json: JsonOption = False) -> None:
    """Stop it; what it remembers stays."""
    try:
        now = daemon.stop(folder)
    except daemon.SandboxError as error:
        _fail(error)
    _tell(now, as_json=as_json)


@app.command()
def status(folder: FolderOption = SANDBOX, as_json: JsonOption = False) -> None:
    """Tell how it is; exit code 0 if it runs, 1 if not."""
    now = daemon.status(folder)
    _tell(now, as_json=as_json)
    if not now.running:
        raise typer.Exit(1)


@app.command()
def reset(folder: FolderOption = SANDBOX, as_json: JsonOption = False) -> None:
    """Put everything in it back to the seed world; password and port stay."""
    try:
        now = daemon.reset(folder)
    except daemon.SandboxError as error:
        _fail(error)
    _tell(now, as_json=as_json)


@app.command("break")
def break_server(
    server: Annotated[str, typer.Argument(help="The name or the id of a server that is there.")],
    message: Annotated[str | None, typer.Option(help="The text of its fault.")] = None,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where its state is kept.", show_default=".ecs/sandbox")
    ] = SANDBOX,
) -> None:
    """Put a server into ERROR, as when its host dies: `ecs refresh` shows it, the next `ecs up` heals it."""
    try:
        broken = daemon.control(folder, "POST", "/sandbox/breakdowns", {"server": server, "message": message})
    except daemon.SandboxError as error:
        _fail(error)
    typer.echo(f"The server {broken['server']['id']} is in ERROR.")


app.command()(log)
app.command()(show)
app.command("set", epilog=sandbox_settings.EXAMPLES)(sandbox_settings.change)
app.command("openapi", epilog=sandbox_openapi.EXAMPLES)(sandbox_openapi.describe)
app.add_typer(sandbox_fault.app, name="fault")


def _stay(folder: Path, options: dict[str, Any], *, allow_remote: bool) -> NoReturn:
    from sandbox.__main__ import main

    arguments = [str(folder), *(["--allow-remote"] if allow_remote else [])]
    for option, value in options.items():
        if value is not None:
            arguments += [f"--{option.replace('_', '-')}", str(value)]
    raise typer.Exit(main(arguments))


def _tell(now: daemon.Status, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**asdict(now), "clouds_file": str(now.clouds_file)}))
    elif now.running:
        typer.echo(f"The sandbox runs at {now.url} (profile {now.profile}, process {now.pid}).")
        typer.echo(f"Log in with OS_CLIENT_CONFIG_FILE={now.clouds_file} OS_CLOUD=sandbox")
        if now.remote:
            typer.echo(REMOTE_WARNING, err=True)
    else:
        typer.echo("The sandbox does not run.")


def _fail(error: Exception) -> NoReturn:
    typer.echo(f"error: {error}", err=True)
    raise typer.Exit(1)
