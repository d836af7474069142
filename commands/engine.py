"""`ecs up`, `preview`, `down` and `refresh`: the real Pulumi CLI in the documented environment."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, NoReturn

import typer

import toolchain
from commands import deployable
from commands.environment import (
    LEVELS_VARIABLE,
    check_state,
    default_stack,
    environment,
    known_stack,
    make_stack,
    passphrase_file,
    uses_sandbox,
)
from commands.environment import levels as environment_levels
from commands.failure import Failure
from commands.places import ROOT, SANDBOX, environment_of, levels_file

CHECKED = ("up", "preview")
"""What runs the policy pack."""

StackOption = Annotated[
    str,
    typer.Option(
        "--stack", "-s", help="The stack, that is stacks/Pulumi.<name>.yaml; ECS_STACK or `sandbox` by default."
    ),
]


WaitOption = Annotated[
    str,
    typer.Option(
        "--wait",
        metavar="DURATION",
        help="How long to wait for another run of the stack (90s, 10m, 2h); by default it is an error, exit code 6.",
    ),
]


AllOption = Annotated[
    bool, typer.Option("--all", help="All cells of the environment; none is touched where one of them is refused.")
]
ParallelOption = Annotated[
    int | None,
    typer.Option("--parallel", metavar="N", help="How many cells at once (with --all); one for each core by default."),
]


def up(
    context: typer.Context,
    stack: StackOption = "",
    wait: WaitOption = "",
    whole: AllOption = False,
    parallel: ParallelOption = None,
) -> None:
    """Create or change what a stack states.

    Shows a preview with every policy first, and touches nothing where one refuses. Other options go to `pulumi up`.
    """
    if whole:
        from commands import fleet

        sys.exit(fleet.up(stack, fleet.at_once(parallel, context.args)))
    context.args += _passed_on(parallel)
    _run("up", ["up", "--yes"], stack, context, wait)


def preview(
    context: typer.Context, stack: StackOption = "", whole: AllOption = False, parallel: ParallelOption = None
) -> None:
    """Show what `up` would do, and refuse what the cloud would refuse. Other options go to `pulumi preview`."""
    if whole:
        from commands import fleet
        from commands.reviewing import Wish

        sys.exit(fleet.judge(stack, fleet.at_once(parallel, context.args), Wish(), None))
    context.args += _passed_on(parallel)
    _run("preview", ["preview"], stack, context)


def refresh(context: typer.Context, stack: StackOption = "", wait: WaitOption = "") -> None:
    """Read the cloud into the stack's state. Other options go to `pulumi refresh`."""
    _run("refresh", ["refresh", "--yes"], stack, context, wait)


def down(
    context: typer.Context,
    stack: StackOption = "",
    wait: WaitOption = "",
    whole: AllOption = False,
    parallel: ParallelOption = None,
) -> None:
    """Delete everything that a stack made, then stop the sandbox if it ran there. Other options go to `pulumi destroy`.

    Nothing is deleted (exit code 5) where the cloud would refuse half way: a disk with snapshots cannot be deleted.
    """
    if whole:
        from commands import fleet

        sys.exit(fleet.down(stack, fleet.at_once(parallel, context.args)))
    context.args += _passed_on(parallel)
    stack = known_stack(stack or default_stack())
    patience = _seconds(wait)
    variables = ready(stack)
    from commands import deletion

    with taken_over("down", stack, variables, patience) as hand_over:
        with variables_seen(variables):
            deletion.check(stack, variables)
        hand_over()
        done = subprocess.run(
            ["pulumi", "destroy", "--yes", "--stack", stack, *context.args],
            cwd=ROOT,
            env=os.environ | variables,
            check=False,
        )
    if done.returncode == 0 and uses_sandbox(stack) and environment_of(stack) == stack:
        from sandbox import daemon

        daemon.stop(SANDBOX)
        typer.echo("The sandbox is stopped.")
    sys.exit(done.returncode)


def _run(verb: str, arguments: list[str], stack: str, context: typer.Context, wait: str = "") -> NoReturn:
    stack = known_stack(stack or default_stack())
    patience = _seconds(wait)
    if verb in CHECKED:
        check_stack(stack)
    variables = ready(stack)
    if any(one.partition("=")[0] == "--policy-pack-config" for one in context.args):
        # The engine would add the one to the other, and want a pack for each.
        variables[LEVELS_VARIABLE] = ""
    with taken_over(verb, stack, variables, patience) as hand_over:
        sys.stdout.flush()
        os.chdir(ROOT)
        command = ["pulumi", *arguments, "--stack", stack, *context.args]
        hand_over()
        # In place of this process, so that Ctrl-C and the exit code are the engine's own.
        try:
            os.execvpe("pulumi", command, os.environ | variables)  # noqa: S606
        except OSError as error:
            raise Failure(f"`pulumi {verb}` cannot be started: {error.strerror}. Run `ecs doctor`.") from None


@contextlib.contextmanager
def taken_over(verb: str, stack: str, variables: dict[str, str], patience: float = 0.0) -> Iterator[Callable[[], None]]:
    """Hold the stack, with what a killed run left taken over; a preview holds nothing and is only told.

    Gives what is to be called right before the engine is started. Raises `Failure` (6) where another run holds the stack for longer
    than `patience` seconds.
    """
    from commands import claim, takeover

    left = takeover.Stack(stack, variables)
    if verb == "preview":
        takeover.tell(left)
        yield lambda: None
        return
    with claim.claimed(left, patience) as hand_over:
        takeover.take_over(left)
        yield hand_over


def _passed_on(parallel: int | None) -> list[str]:
    """`--parallel` of one stack is the engine's own: how many resources at once."""
    return [] if parallel is None else [f"--parallel={parallel}"]


def _seconds(wait: str) -> float:
    from commands import duration

    return duration.seconds(wait, "--wait") if wait else 0.0


def check_stack(stack: str) -> None:
    """Refuse (2) a misspelt level, and a stack that the engine could not run: before anything of it is made."""
    check_levels(stack)
    if not deployable.is_plain(stack):
        deployable.check(stack)


def check_levels(stack: str) -> None:
    """Refuse a configuration of the pack in which a word is misspelt: the engine would take the level for unset."""
    from policy.configuration import check

    stated = environment_levels(stack).get(LEVELS_VARIABLE, os.environ.get(LEVELS_VARIABLE, ""))
    file = ROOT / (stated or levels_file(stack))
    name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    if file.is_file() and (mistakes := check(file, str(name))):
        raise Failure("\n".join(mistakes), 2)


@contextlib.contextmanager
def variables_seen(variables: dict[str, str]) -> Iterator[None]:
    """Let what is asked of the cloud see the documented environment."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def ready(stack: str, *, aside: bool = False, quiet: bool = False) -> dict[str, str]:
    """The environment, with the toolchain there, the sandbox running and the stack made.

    What it tells goes to standard error where standard output is for a report (`aside`).
    """
    check_state(stack)
    if toolchain.locate() is None:
        from commands.toolchain import install

        install()
    variables = environment(stack)
    if uses_sandbox(stack):
        from sandbox import daemon

        try:
            status = daemon.start(SANDBOX)
        except daemon.SandboxError as error:
            raise Failure(f"{error}.") from None
        if not quiet:
            typer.echo(f"The sandbox cloud is at {status.url}", err=aside)
    if "PULUMI_CONFIG_PASSPHRASE_FILE" in variables and not passphrase_file(stack).is_file():
        raise Failure(
            f"the passphrase of stack {stack!r} is missing. Write your team's into {passphrase_file(stack)} (mode 600), or set "
            "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE."
        )
    make_stack(stack, variables)
    return variables
