"""`ecs new`: an environment with its settings, its levels, its passphrase and its stack."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from commands import settings_text
from commands.environment import environment, make_stack, passphrase_file
from commands.failure import Failure
from commands.places import LEVELS, LOCAL, ROOT, STACKS, levels_file, link_of, settings_file

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,50}")
PROJECT = "ecs-stacks"
ITS_OWN = ("consent", "protection")
"""What a new environment does not take over from another: what was consented to, and what is protected there."""

LEVELS_OF_NEW = """\
{
  "undetermined": "advisory",
  "cloud": { "enforcementLevel": "mandatory", "seconds": 10 },
  "exempted": "advisory",
  "exemptions": "advisory"
}
"""

HEAD = """\
# yaml-language-server: $schema=settings.schema.json
# The environment {name}. `openstack:cloud` names an entry of your clouds.yaml; flavors, images and networks are ids of that cloud.
"""
TEMPLATE = (
    HEAD
    + """\
config:
  openstack:cloud: {cloud}
  openstack:maxRetries: "10"
{inherits}
  # Nothing may delete, replace or rebuild its servers. Say false while that is too strict.
  ecs-stacks:protection: {{servers: true}}
  # What is stated here goes over what is inherited: maps key by key, lists whole; `name: null` takes an inherited one out.
  # ecs-stacks:servers:
  #   web-1: {{flavor_ref: s3.large}}
  #   web-2: null
  # A secret: pulumi config set --secret --path 'ecs-stacks:servers.web-1.admin_pass' --stack {name}
"""
)

app = typer.Typer(add_completion=False)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="ENV", help="Its name: small letters, digits, `-` and `_`.")],
    source: Annotated[
        str, typer.Option("--from", help="An environment whose own settings and levels it begins with.")
    ] = "",
    cloud: Annotated[str, typer.Option(help="Its cloud in clouds.yaml; by default the environment's name.")] = "",
) -> None:
    """Make an environment: stacks/Pulumi.ENV.yaml, policy/levels/ENV.json, a passphrase in .ecs and the engine's stack.

    Nothing that is there is overwritten. With `--from` its settings begin as the other's own file, without its secrets, its protection and
    its consent.
    """
    _refuse(name)
    text, missing = _copied(source, name, cloud or name) if source else (_template(name, cloud or name), [])
    levels = (
        levels_file(source).read_text(encoding="utf-8") if source and levels_file(source).is_file() else LEVELS_OF_NEW
    )
    made: list[Path] = []
    try:
        _make(settings_file(name), text, made)
        _make(levels_file(name), levels, made)
        phrase = _passphrase(name, made)
    except OSError as error:
        for file in made:
            file.unlink(missing_ok=True)
        raise Failure(f"{error.filename} cannot be written: {error.strerror}. Nothing was made.") from None
    for file in made:
        typer.echo(f"made {file.relative_to(ROOT)}")
    left = _record(name)
    _say_next(name, cloud or name, phrase, missing, left)


def _refuse(name: str) -> None:
    if "." in name:
        raise Failure(f"{name!r} has a dot, which divides an environment from its cell. Use `-` instead.", 2)
    if not NAME.fullmatch(name):
        raise Failure(f"{name!r} is no name of an environment. Use small letters, digits, `-` and `_`.", 2)
    there = [
        str(file.relative_to(ROOT))
        for file in (settings_file(name), levels_file(name), link_of(name))
        if os.path.lexists(file)
    ]
    if there:
        raise Failure(
            f"{' and '.join(dict.fromkeys(there))} {'are' if len(set(there)) > 1 else 'is'} there already. Give another name.",
            2,
        )


def _template(name: str, cloud: str) -> str:
    base = (STACKS / "base.yaml").is_file()
    inherits = (
        "  ecs-stacks:inherits: base"
        if base
        else "  # ecs-stacks:inherits: base   # where stacks/base.yaml states what all have"
    )
    return TEMPLATE.format(name=name, cloud=json.dumps(cloud), inherits=inherits)


def _copied(source: str, name: str, cloud: str) -> tuple[str, list[str]]:
    """The source's own settings for a new environment, and the secrets that are left out of them."""
    if not settings_file(source).is_file() or "." in source:
        raise Failure(
            f"there is no environment {source!r} to begin with. `--from` names one of stacks/Pulumi.*.yaml.", 2
        )
    from components.problems import ArgumentError
    from stacks.cells import own
    from stacks.promotion import secrets_in

    try:
        hidden = secrets_in(own(source, STACKS).sections)
    except ArgumentError as error:
        raise Failure(str(error), 2) from None
    document = settings_text.yaml().load(settings_file(source).read_text(encoding="utf-8"))
    config = document["config"]
    missing = [settings_text.secret_command(name, keys) for keys in hidden]
    for keys in hidden:
        _take_out(config, (f"{PROJECT}:{keys[0]}", *keys[1:]))
    for key in [key for key, value in config.items() if isinstance(value, dict) and list(value) == ["secure"]]:
        del config[key]
        missing.append(f"pulumi config set --secret {key} --stack {name}")
    for section in ITS_OWN:
        config.pop(f"{PROJECT}:{section}", None)
    for key in [key for key in document if key != "config"]:
        del document[key]
    config["openstack:cloud"] = cloud
    body = settings_text.dumped(document)
    while body.startswith("#"):
        body = body.partition("\n")[2]
    return HEAD.format(name=name) + body, missing


def _take_out(here: Any, keys: tuple[str, ...]) -> None:
    for key in keys[:-1]:
        here = here[key]
    del here[keys[-1]]


def _make(file: Path, text: str, made: list[Path], mode: int = 0o644) -> None:
    """Write a file that must not be there yet."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    made.append(file)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)


def _passphrase(name: str, made: list[Path]) -> str:
    """Make a random passphrase where the user has set none, and say where it is."""
    if os.environ.get("PULUMI_CONFIG_PASSPHRASE") or os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        return "the one that you have set in PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
    file = passphrase_file(name)
    if file.is_relative_to(STACKS):
        return "the sandbox's, which stands in the project"
    if not file.exists():
        LOCAL.mkdir(exist_ok=True)
        _make(file, secrets.token_urlsafe(32) + "\n", made, 0o600)
    return f"{file.relative_to(ROOT)}: give it to your team by another way than git, and to the pipeline as a secret"


def _record(name: str) -> str:
    """Make the engine's stack, where there is an engine and its state can be reached; why not, else."""
    from components.problems import ArgumentError
    from stacks.cells import cells_of

    with contextlib.suppress(ArgumentError):
        if cells_of(name, STACKS):
            return f"it is divided into cells: `ecs cells --stack {name} --write` makes their links"
    try:
        make_stack(name, environment(name))
    except Failure as failure:
        return f"its stack is not made yet, `ecs up` makes it ({failure})"
    typer.echo(f"made the stack {name}")
    return ""


def _say_next(name: str, cloud: str, phrase: str, missing: list[str], left: str) -> None:
    steps = [
        f"describe the cloud {cloud!r} in your clouds.yaml, or correct `openstack:cloud` in stacks/Pulumi.{name}.yaml",
        f"its passphrase is {phrase}",
        f"set its rules' levels in {(LEVELS / f'{name}.json').relative_to(ROOT)}: `ecs policy check-levels`",
        *([left] if left else []),
        *(f"a secret is its own: {command}" for command in missing),
        f"`ecs preview --stack {name}`, then `ecs up --stack {name}`, and commit both files",
    ]
    typer.echo("Next:")
    for number, step in enumerate(steps, 1):
        typer.echo(f"  {number}. {step}")
