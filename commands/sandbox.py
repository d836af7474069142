"""`ecs sandbox`: the cloud to practise on, in the background or in the foreground."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from sandbox import daemon

app = typer.Typer(help="The cloud to practise on, on loopback.", no_args_is_help=True)

_FOLDER = Path(__file__).parents[1] / ".ecs" / "sandbox"
_PROFILES = ("ecs", "community")

FolderOption = Annotated[Path, typer.Option("--folder", help="Where its state is kept.", show_default=".ecs/sandbox")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def start(  # noqa: PLR0917 - they are options, typed by name
    folder: FolderOption = _FOLDER,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port; the last one, or 15000.")] = None,
    profile: Annotated[str, typer.Option(help="ecs: the document's restrictions; community: plain Nova.")] = "ecs",
    build_seconds: Annotated[float | None, typer.Option(min=0, help="How long a server or a disk is built.")] = None,
    max_microversion: Annotated[str | None, typer.Option(help="The highest compute microversion, as 2.60.")] = None,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay, until Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Start it; one that runs already is left alone."""
    if profile not in _PROFILES:
        raise typer.BadParameter(f"{profile!r} is none of: {', '.join(_PROFILES)}", param_hint="--profile")
    if foreground:
        _stay(folder, port, profile, build_seconds, max_microversion)
        return
    try:
        now = daemon.start(
            folder, port=port, profile=profile, build_seconds=build_seconds, max_microversion=max_microversion
        )
    except daemon.SandboxError as error:
        _fail(error)
    _tell(now, as_json=as_json)


@app.command()
def stop(folder: FolderOption = _FOLDER, as_json: JsonOption = False) -> None:
    """Stop it; what it remembers stays."""
    try:
        now = daemon.stop(folder)
    except daemon.SandboxError as error:
        _fail(error)
    _tell(now, as_json=as_json)


@app.command()
def status(folder: FolderOption = _FOLDER, as_json: JsonOption = False) -> None:
    """Tell how it is; exit code 0 if it runs, 1 if not."""
    now = daemon.status(folder)
    _tell(now, as_json=as_json)
    if not now.running:
        raise typer.Exit(1)


@app.command()
def reset(folder: FolderOption = _FOLDER, as_json: JsonOption = False) -> None:
    """Put everything in it back to the seed world; password and port stay."""
    try:
        now = daemon.reset(folder)
    except daemon.SandboxError as error:
        _fail(error)
    _tell(now, as_json=as_json)


@app.command()
def log(
    folder: FolderOption = _FOLDER,
    last: Annotated[int, typer.Option("--last", "-n", min=1, help="How many requests.")] = 50,
    changes: Annotated[bool, typer.Option("--changes", help="Only those that may change something.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the last requests; secrets are masked in the log itself."""
    try:
        with (folder / "requests.jsonl").open(encoding="utf-8") as lines:
            entries = [json.loads(line) for line in lines if line.endswith("\n")]
    except FileNotFoundError:
        entries = []
    if changes:
        entries = [one for one in entries if _may_change(one)]
    for one in entries[-last:]:
        typer.echo(json.dumps(one, ensure_ascii=False) if as_json else _line(one))


def _may_change(entry: dict[str, Any]) -> bool:
    return entry["method"] not in ("GET", "HEAD") and not entry["path"].endswith("/auth/tokens")


def _line(entry: dict[str, Any]) -> str:
    version = f" ({entry['microversion']})" if entry["microversion"] else ""
    body = "" if entry["body"] is None else " " + json.dumps(entry["body"], ensure_ascii=False)
    return f"{entry['status']} {entry['method']} {entry['path']}{version}{body}"


def _stay(folder: Path, port: int | None, profile: str, build_seconds: float | None, version: str | None) -> None:
    from sandbox.__main__ import main

    arguments = [str(folder), "--profile", profile]
    for option, value in (("--port", port), ("--build-seconds", build_seconds), ("--max-microversion", version)):
        if value is not None:
            arguments += [option, str(value)]
    raise typer.Exit(main(arguments))


def _tell(now: daemon.Status, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**asdict(now), "clouds_file": str(now.clouds_file)}))
    elif now.running:
        typer.echo(f"The sandbox runs at {now.url} (profile {now.profile}, process {now.pid}).")
        typer.echo(f"Log in with OS_CLIENT_CONFIG_FILE={now.clouds_file} OS_CLOUD=sandbox")
    else:
        typer.echo("The sandbox does not run.")


def _fail(error: Exception) -> NoReturn:
    typer.echo(f"error: {error}", err=True)
    raise typer.Exit(1)
