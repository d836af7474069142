"""`ecs up`, `preview`, `down` and `refresh`: the real Pulumi CLI in the documented environment."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated, NoReturn

import typer

import toolchain
from commands import deployable
from commands.environment import (
    LEVELS_VARIABLE,
    default_stack,
    environment,
    known_stack,
    make_stack,
    passphrase_file,
    uses_sandbox,
)
from commands.failure import Failure
from commands.places import ROOT, SANDBOX, levels_file

CHECKED = ("up", "preview")
"""What runs the policy pack."""

StackOption = Annotated[
    str,
    typer.Option(
        "--stack", "-s", help="The stack, that is stacks/Pulumi.<name>.yaml; ECS_STACK or `sandbox` by default."
    ),
]


def up(context: typer.Context, stack: StackOption = "") -> None:
    """Create or change what a stack states.

    Shows a preview with every policy first, and touches nothing where one refuses. Other options go to `pulumi up`.
    """
    _run("up", ["up", "--yes"], stack, context)


def preview(context: typer.Context, stack: StackOption = "") -> None:
    """Show what `up` would do, and refuse what the cloud would refuse. Other options go to `pulumi preview`."""
    _run("preview", ["preview"], stack, context)


def refresh(context: typer.Context, stack: StackOption = "") -> None:
    """Read the cloud into the stack's state. Other options go to `pulumi refresh`."""
    _run("refresh", ["refresh", "--yes"], stack, context)


def down(context: typer.Context, stack: StackOption = "") -> None:
    """Delete everything that a stack made, then stop the sandbox if it ran there. Other options go to `pulumi destroy`.

    Nothing is deleted (exit code 5) where the cloud would refuse half way: a disk with snapshots cannot be deleted.
    """
    stack = known_stack(stack or default_stack())
    variables = ready(stack)
    from commands import deletion

    _take_over("down", stack, variables)
    with _variables(variables):
        deletion.check(stack, variables)
    done = subprocess.run(
        ["pulumi", "destroy", "--yes", "--stack", stack, *context.args],
        cwd=ROOT,
        env=os.environ | variables,
        check=False,
    )
    if done.returncode == 0 and uses_sandbox(stack):
        from sandbox import daemon

        daemon.stop(SANDBOX)
        typer.echo("The sandbox is stopped.")
    sys.exit(done.returncode)


def _run(verb: str, arguments: list[str], stack: str, context: typer.Context) -> NoReturn:
    stack = known_stack(stack or default_stack())
    if verb in CHECKED:
        check_levels(stack)
        if not deployable.is_plain(stack):
            deployable.check(stack)
    variables = ready(stack)
    if any(one.partition("=")[0] == "--policy-pack-config" for one in context.args):
        # The engine would add the one to the other, and want a pack for each.
        variables[LEVELS_VARIABLE] = ""
    _take_over(verb, stack, variables)
    sys.stdout.flush()
    os.chdir(ROOT)
    command = ["pulumi", *arguments, "--stack", stack, *context.args]
    # In place of this process, so that Ctrl-C and the exit code are the engine's own.
    try:
        os.execvpe("pulumi", command, os.environ | variables)  # noqa: S606
    except OSError as error:
        raise Failure(f"`pulumi {verb}` cannot be started: {error.strerror}. Run `ecs doctor`.") from None


def _take_over(verb: str, stack: str, variables: dict[str, str]) -> None:
    """Take over what a killed run left, or only tell it where nothing is to be changed."""
    from commands import takeover

    left = takeover.Stack(stack, variables)
    if verb == "preview":
        takeover.tell(left)
    else:
        takeover.take_over(left)


def check_levels(stack: str) -> None:
    """Refuse a configuration of the pack in which a word is misspelt: the engine would take the level for unset."""
    from policy.configuration import check

    file = levels_file(stack)
    if file.is_file() and (mistakes := check(file, str(file.relative_to(ROOT)))):
        raise Failure("\n".join(mistakes), 2)


@contextlib.contextmanager
def _variables(variables: dict[str, str]) -> Iterator[None]:
    """Let what is asked of the cloud see the documented environment."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def ready(stack: str, *, aside: bool = False) -> dict[str, str]:
    """The environment, with the toolchain there, the sandbox running and the stack made.

    What it tells goes to standard error where standard output is for a report (`aside`).
    """
    if toolchain.locate() is None:
        from commands.toolchain import install

        install()
    variables = environment(stack)
    if uses_sandbox(stack):
        from sandbox import daemon

        status = daemon.start(SANDBOX)
        typer.echo(f"The sandbox cloud is at {status.url}", err=aside)
    if "PULUMI_CONFIG_PASSPHRASE_FILE" in variables and not passphrase_file(stack).is_file():
        raise Failure(
            f"the passphrase of stack {stack!r} is missing. Write your team's into {passphrase_file(stack)} (mode 600), or set "
            "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE."
        )
    make_stack(stack, variables)
    return variables
