"""`ecs policy`: the files that a team writes for the policy pack, looked at without a preview."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.failure import Failure
from commands.places import LEVELS, POLICY, ROOT

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Check the files that a team writes for the policy pack."
)


def shown(file: Path) -> str:
    """How a message calls a file: from the project's root where it is in it."""
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)


@app.command("check-levels")
def check_levels(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Configurations; all of policy/levels by default.")
    ] = None,
) -> None:
    """Check configurations of the pack (levels and options) against what its policies take.

    Tells also what the engine would let pass in silence: a policy or an option that there is not.
    """
    from policy.configuration import check

    chosen = files or sorted(LEVELS.glob("*.json"))
    if not chosen:
        raise Failure(f"there are no files in {shown(LEVELS)}. Name one.", 2)
    mistakes = [mistake for file in chosen for mistake in check(file, shown(file))]
    if mistakes:
        raise Failure("\n".join(mistakes), 2)
    for file in chosen:
        typer.echo(f"{shown(file)}: right")


@app.command("check-exemptions")
def check_exemptions(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="policy/exemptions.yaml by default.")] = None,
) -> None:
    """Check a file of exemptions, and list what it exempts and what of it has expired."""
    from datetime import UTC, datetime

    from policy.exemptions import load

    chosen = file or POLICY / "exemptions.yaml"
    if not chosen.is_file():
        raise Failure(f"{shown(chosen)} cannot be read: there is no such file.", 2)
    today = datetime.now(UTC).date()
    found = load(chosen, today)
    if found.mistakes:
        raise Failure("\n".join(found.mistakes), 2)
    expired = found.expired(today)
    for entry in found.entries:
        typer.echo(f"{'expired' if entry in expired else 'holds':<8} {entry}, in {', '.join(entry.stacks)}")
    typer.echo(f"{shown(chosen)}: right, {len(found.entries)} exemptions, {len(expired)} of them expired")
