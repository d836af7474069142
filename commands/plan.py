"""`ecs plan` and `ecs apply`: what was reviewed is what is deployed, and nothing else."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from commands import gate as gates
from commands.duration import seconds
from commands.engine import StackOption, WaitOption, check_stack, ready, taken_over
from commands.environment import default_stack, known_stack
from commands.failure import Failure
from commands.relay import relayed
from commands.saying import say

if TYPE_CHECKING:
    from commands.reviewing import Reviewed, Reviewer
    from gate.review import Review
    from gate.reviewed import Plan

OTHERWISE = 7
"""The exit code where what would be done is not what was reviewed."""
_LISTED = 20

PlanOption = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The file that the plan is saved in.")]


def plan(
    context: typer.Context,
    *,
    stack: StackOption = "",
    out: PlanOption = Path("plan.json"),
    valid_for: Annotated[
        str, typer.Option("--valid-for", metavar="DURATION", help="How long it may be applied: 30m, 24h, 7d.")
    ] = "24h",
    strict: gates.StrictOption = False,
    reports: gates.ReportsOption = None,
    json: gates.JsonOption = "",
    sarif: gates.SarifOption = "",
    junit: gates.JunitOption = "",
    markdown: gates.MarkdownOption = "",
    html: gates.HtmlOption = "",
) -> None:
    """Judge what `up` would do, and save it for `ecs apply`, with the digests of everything that decided it.

    The file holds no secret. Where the gate refuses, none is saved.

    Example: ecs plan --stack prod --out plan/plan.json --reports plan

    Exit codes: as of `ecs gate`.
    """
    from commands.reviewing import Reviewer, Wish
    from gate.reviewed import plan as saved

    named = {"json": json, "sarif": sarif, "junit": junit, "markdown": markdown, "html": html}
    files = gates.files_of_reports(context, reports, named)
    lasts = timedelta(seconds=seconds(valid_for, "--valid-for"))
    stack = known_stack(stack or default_stack())
    check_stack(stack)
    _no_longer(out)
    reviewer = Reviewer(stack, ready(stack, aside=True))
    digests = reviewer.files()
    with gates.progress(f"Planning {stack}") as on_event:
        reviewed = reviewer.gate(Wish(strict=strict, refresh=True), on_event)
    gates.write(reviewed.review, files)
    if reviewed.review.exit_code:
        typer.echo("No plan is saved.", err=True)
        sys.exit(reviewed.review.exit_code)
    if (now := reviewer.files()) != digests:
        changed = ", ".join(sorted({name for name, _ in now.items() ^ digests.items()}))
        raise Failure(f"files were changed while it was planned: {changed}. Plan again.")
    made = saved(reviewed.reading, reviewed.review, digests, reviewer.where(), lasts)
    _save(out, made)
    typer.echo(f"Saved in {out}, valid until {made.valid_until:%Y-%m-%d %H:%M UTC}: {made.digest()}", err=True)
    typer.echo(f"Apply it: ecs apply {out}", err=True)


def apply(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="What `ecs plan` saved.")] = Path("plan.json"),
    stack: StackOption = "",
    digest: Annotated[
        str,
        typer.Option("--digest", help="What `ecs plan` said of the plan that was reviewed; another plan is refused."),
    ] = "",
    max_age: Annotated[
        str,
        typer.Option(
            "--max-age", metavar="DURATION", help="Refuse a plan that is older, though it may say that it is valid."
        ),
    ] = "",
    wait: WaitOption = "",
    reports: gates.ReportsOption = None,
) -> None:
    """Do what a plan says and nothing else: what was reviewed, with the same files, versions and answers of the rules.

    Example: ecs apply plan/plan.json --digest sha256:0f3c... --wait 30m

    The cloud is looked at first. What an apply that was killed has done already is no difference: run it again.

    Exit codes: 0 done, 1 failed, 2 usage, 5 refused by a restriction, 6 another run works on the stack,
    7 what would be done is not what was reviewed.
    """
    from commands.reviewing import Reviewer

    files = gates.files_of_reports(context, reports, {})
    made = _load(file)
    _same_plan(made, file, stack, digest)
    stack = known_stack(made.stack)
    check_stack(stack)
    reviewer = Reviewer(stack, variables := ready(stack, aside=True))
    _not_outdated(made, reviewer, max_age)
    patience = seconds(wait, "--wait") if wait else 0.0
    with taken_over("up", stack, variables, patience) as hand_over:
        reviewed = _judged_again(made, reviewer, files)
        with tempfile.TemporaryDirectory(prefix="ecs-apply-") as folder, relayed():
            engines = Path(folder) / "plan.json"
            engines.write_text(json.dumps(reviewed.plan), encoding="utf-8")
            typer.echo(f"Applying {made.digest()}: {reviewed.review.said}", err=True)
            hand_over()
            ended = reviewer.apply(engines, _told)
    _finish(ended, files)


def _judged_again(made: Plan, reviewer: Reviewer, files: Mapping[str, str]) -> Reviewed:
    from commands.reviewing import Wish
    from gate.reviewed import done, otherwise

    with gates.progress(f"Comparing {made.stack} with what was reviewed") as on_event:
        reviewed = reviewer.gate(Wish(strict=made.strict, refresh=True), on_event)
    if reviewed.review.exit_code:
        gates.finish(reviewed.review, files)
    differs = otherwise(made, reviewed.reading, reviewed.review)
    if differs:
        more = [f"and {len(differs) - _LISTED} more"] if len(differs) > _LISTED else []
        lines = [f"  {line}" for line in [*differs[:_LISTED], *more]]
        gates.write(reviewed.review, files)
        raise Failure(
            "\n".join(["what would be done now is not what was reviewed, so nothing was done:", *lines, "Plan again."]),
            OTHERWISE,
        )
    already = done(made, reviewed.reading)
    if already:
        typer.echo(f"Done already: {', '.join(already[:_LISTED])}", err=True)
    if not reviewed.review.changed():
        typer.echo("Nothing is left to do.", err=True)
        gates.finish(reviewed.review, files)
    return reviewed


def _finish(ended: Review, files: Mapping[str, str]) -> NoReturn:
    violated = [one for one in ended.findings if "violates plan" in one.text]
    gates.write(ended, files)
    if violated:
        raise Failure(
            "the cloud changed between the comparison and the change, and the rest was not done. Plan again.", OTHERWISE
        )
    if ended.exit_code == 0:
        typer.echo("Applied.", err=True)
    sys.exit(ended.exit_code)


def _told(event: Mapping[str, Any]) -> None:
    """Say what was done to a resource, as it is done."""
    about = (event.get("resOutputsEvent") or {}).get("metadata")
    if not about or about["op"] in ("same", "refresh", "read"):
        return
    if (about.get("new") or about.get("old") or {}).get("custom"):
        name = about["urn"].rpartition("::")[2]
        say(sys.stderr, f"  {about['op']:<18} {about['type'].rpartition(':')[2]} {name}\n")


def _no_longer(out: Path) -> None:
    """Take an older plan away first, so that it is not applied where this one is refused."""
    try:
        out.unlink(missing_ok=True)
    except OSError as error:
        raise Failure(f"{out}: cannot be written: {error.strerror}. Name another file.", 2) from None


def _save(out: Path, made: Plan) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(made.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, indent=1)
        out.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise Failure(f"{out}: cannot be written: {error.strerror}. Name another file.", 2) from None


def _load(file: Path) -> Plan:
    from gate.reviewed import Plan

    try:
        return Plan.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Failure(f"{file}: there is no such plan. Make one: ecs plan --out {file}.", 2) from None
    except (OSError, UnicodeDecodeError):
        raise Failure(f"{file}: cannot be read. Make a plan anew: ecs plan --out {file}.", 2) from None
    except ValidationError:
        raise Failure(f"{file}: is no plan of this version. Make one anew: ecs plan --out {file}.", 2) from None


def _same_plan(made: Plan, file: Path, stack: str, digest: str) -> None:
    if stack and stack != made.stack:
        raise Failure(f"{file}: is a plan of stack {made.stack!r}, not of {stack!r}.", 2)
    if digest and digest != made.digest():
        raise Failure(f"{file}: is not the plan that was reviewed: its digest is {made.digest()}.", OTHERWISE)


def _not_outdated(made: Plan, reviewer: Reviewer, max_age: str) -> None:
    from gate.reviewed import outdated

    now = datetime.now(UTC)
    why = outdated(made, reviewer.files(), reviewer.versions(), reviewer.where(), now)
    if max_age and now - made.made > timedelta(seconds=seconds(max_age, "--max-age")):
        why.append(f"it is older than {max_age}")
    if why:
        more = [f"and {len(why) - _LISTED} more"] if len(why) > _LISTED else []
        lines = [f"  {line}" for line in [*why[:_LISTED], *more]]
        raise Failure("\n".join(["the plan is not applied:", *lines, "Plan again."]), OTHERWISE)
