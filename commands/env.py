"""`ecs env`: the documented environment, to type `pulumi` by hand."""

from __future__ import annotations

import json
import os
import re
import shlex
from typing import Annotated

import typer

from commands.environment import default_stack, environment, known_stack
from commands.places import SANDBOX

app = typer.Typer(add_completion=False)


@app.command()
def env(
    stack: Annotated[str, typer.Argument(help="The stack; ECS_STACK or `sandbox` by default.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of exports.")] = False,
    dotenv: Annotated[
        bool, typer.Option("--dotenv", help="Lines for a .env file, as the Kubernetes operator's agent reads one.")
    ] = False,
) -> None:
    """Print the exports of the documented environment. Use it as: eval "$(ecs env)".

    PATH, Pulumi home, state backend, passphrase file, policy pack and, for a stack on the sandbox, its credentials file: absolute
    paths, the same from any folder. A backend or a passphrase that you have set yourself is kept; a backend
    with a password in its URL is not printed.
    """
    variables = environment(known_stack(stack or default_stack()))
    if variables.pop("PGPASSWORD", None):
        # Of one's own URL, which is set already: a password is not printed.
        del variables["PULUMI_BACKEND_URL"]
    leftover = os.environ.get("OS_CLIENT_CONFIG_FILE") == str(SANDBOX / "clouds.yaml")
    if as_json:
        typer.echo(json.dumps(variables, indent=2))
        return
    if dotenv:
        for name, value in variables.items():
            typer.echo(f"{name}={_quoted(value)}")
        return
    if leftover and "OS_CLIENT_CONFIG_FILE" not in variables:
        typer.echo("unset OS_CLIENT_CONFIG_FILE")
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def _quoted(value: str) -> str:
    """A value as godotenv reads it: in single quotes nothing is expanded, in double quotes what has a backslash is not."""
    if "'" not in value:
        return f"'{value}'"
    return '"' + re.sub(r'[\\"$]', r"\\\g<0>", value) + '"'
