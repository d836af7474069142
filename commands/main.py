"""`ecs`: the project's command. A subcommand's module is imported when it runs, so that `--help` answers at once."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "up": (
        "commands.engine",
        "up",
        "Create or change what a stack states: starts the sandbox where needed, then `pulumi up`.",
    ),
    "preview": ("commands.engine", "preview", "Show what `up` would do, and refuse what the cloud would refuse."),
    "down": ("commands.engine", "down", "Delete everything that a stack made, then stop the sandbox."),
    "refresh": ("commands.engine", "refresh", "Read the cloud into the stack's state."),
    "gate": (
        "commands.gate",
        "gate",
        "Judge what `up` would do, and write reports: JSON, SARIF, JUnit, Markdown, HTML.",
    ),
    "audit": ("commands.gate", "audit", "Hold today's rules against what exists."),
    "drift": ("commands.gate", "drift", "Say what changed in the cloud behind the state's back; for cron."),
    "new": ("commands.new_environment", "app", "Make an environment: its settings, levels, passphrase and stack."),
    "promote": (
        "commands.promote",
        "app",
        "Show what one environment has and another lacks, and write it into the other's settings.",
    ),
    "cells": ("commands.cells", "app", "The stacks that a large environment is divided into, and their links."),
    "plan": ("commands.plan", "plan", "Judge what `up` would do and save it, so that just that is deployed."),
    "apply": ("commands.plan", "apply", "Do what a reviewed plan says, and nothing else."),
    "unlock": ("commands.unlock", "app", "Whose locks a stack has; removes those of runs that have ended."),
    "comment": (
        "commands.comment",
        "app",
        "Put the Markdown report on the pull or merge request, in the place of the last one.",
    ),
    "operator": (
        "commands.operator",
        "app",
        "Print manifests for the Pulumi Kubernetes Operator: a Stack for each cell.",
    ),
    "env": ("commands.env", "app", 'Print the environment for typing `pulumi` by hand: eval "$(ecs env)".'),
    "import": ("commands.import_request", "app", "Turn a documented create request (JSON) into stack YAML."),
    "restrictions": (
        "commands.restrictions",
        "app",
        "What the API refuses, ignores or cannot do, and where each is enforced.",
    ),
    "changes": (
        "commands.changes",
        "app",
        "What a change of each argument does to a server or a batch: in place, a reboot, a rebuild, another one.",
    ),
    "policy": ("commands.policy", "app", "Check the policy pack's levels and exemptions without a preview."),
    "schema": ("commands.schema", "app", "Write the JSON Schema of a stack's YAML, for editors."),
    "sandbox": ("commands.sandbox", "app", "A cloud to practise on: start, stop, status, reset, log."),
    "toolchain": ("commands.toolchain", "app", "The Pulumi engine and its plugins: install, status, path, clean."),
    "doctor": ("commands.doctor", "app", "What is there, where it came from, and what is missing with the fix."),
}


class Lazy(TyperGroup):
    """Knows the subcommands by name and help; loads the one that runs."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Every name, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """A stand-in that carries the help."""
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][2])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command itself, out of its module."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in COMMANDS:
            module, attribute, _ = COMMANDS[name]
            found = getattr(import_module(module), attribute)
            if isinstance(found, typer.Typer):
                command = typer.main.get_command(found)
            else:
                single = typer.Typer(add_completion=False)
                settings = {"allow_extra_args": True, "ignore_unknown_options": True}
                single.command(context_settings=settings)(found)
                command = typer.main.get_command(single)
            command.name = name
        return name, command, rest


app = typer.Typer(
    cls=Lazy,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Servers (ECSs), declared and checked before they exist. Start with `ecs up`, which uses the embedded sandbox cloud.",
)


@app.callback()
def _callback() -> None:
    """Needed by typer for a group whose commands come from elsewhere."""


def main() -> None:
    """Run the command; a user's mistake is one line on standard error and exit code 2, Ctrl-C is 130."""
    from commands.failure import Failure
    from takeover.store import StoreError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A locale without a sign that a report draws is no reason to fail.
            stream.reconfigure(errors="replace")
    try:
        app()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(failure.code)
    except StoreError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
