"""`ecs gate`, `ecs audit` and `ecs drift`: what a change, a state or a cloud is, judged and written down for whoever has to decide."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from commands.engine import AllOption, ParallelOption, StackOption, check_levels, check_stack, ready
from commands.environment import default_stack, known_stack
from commands.failure import Failure
from commands.saying import as_written, say

WRITERS = {
    "text": "review.txt",
    "json": "review.json",
    "sarif": "review.sarif",
    "junit": "review.junit.xml",
    "markdown": "review.md",
    "html": "review.html",
}
"""Each report, and how its file is called in a folder of all."""

MODULES = {"json": "json_report"}
STANDARD_OUTPUT = "-"

StrictOption = Annotated[
    bool, typer.Option("--strict", help="End with 6 where a rule cannot decide before `up`, instead of only saying so.")
]
ReportsOption = Annotated[
    Path | None, typer.Option("--reports", metavar="FOLDER", help="Write every report into this folder.")
]


def _file(name: str) -> Any:
    return typer.Option(
        f"--{name}", metavar="FILE", help=f"Write the {name} report into this file; `-` is standard output."
    )


JsonOption = Annotated[str, _file("json")]
SarifOption = Annotated[str, _file("sarif")]
JunitOption = Annotated[str, _file("junit")]
MarkdownOption = Annotated[str, _file("markdown")]
HtmlOption = Annotated[str, _file("html")]

CODES = """

Exit codes: 0 passed, 1 could not be judged, 2 usage, 5 refused by a restriction, 6 undetermined (with --strict), 7 changes or drift
where none were expected.
"""


def gate(
    context: typer.Context,
    *,
    stack: StackOption = "",
    strict: StrictOption = False,
    expect_no_changes: Annotated[
        bool, typer.Option("--expect-no-changes", help="End with 7 where anything would change.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Look at the cloud first; the state stays as it is.")
    ] = False,
    whole: AllOption = False,
    parallel: ParallelOption = None,
    reports: ReportsOption = None,
    json: JsonOption = "",
    sarif: SarifOption = "",
    junit: JunitOption = "",
    markdown: MarkdownOption = "",
    html: HtmlOption = "",
) -> None:
    """Judge what `up` would do, prove that every resource was judged, and write it down. Nothing is changed."""
    from commands.reviewing import Reviewer, Wish

    files = files_of_reports(
        context, reports, {"json": json, "sarif": sarif, "junit": junit, "markdown": markdown, "html": html}
    )
    wish = Wish(strict, expect_no_changes, refresh)
    if whole:
        from commands import fleet

        sys.exit(fleet.judge(stack, fleet.at_once(parallel, _only_reports(files, reports)), wish, reports))
    stack = known_stack(stack or default_stack())
    check_stack(stack)
    variables = ready(stack, aside=True)
    _tell_killed(stack, variables)
    with progress(f"Previewing {stack}") as on_event:
        reviewed = Reviewer(stack, variables).gate(wish, on_event)
    finish(reviewed.review, files)


def audit(
    context: typer.Context,
    *,
    stack: StackOption = "",
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A state that `pulumi stack export` wrote, instead of the stack's own."),
    ] = None,
    strict: StrictOption = False,
    reports: ReportsOption = None,
    json: JsonOption = "",
    sarif: SarifOption = "",
    junit: JunitOption = "",
    markdown: MarkdownOption = "",
    html: HtmlOption = "",
) -> None:
    """Hold the rules of today against what exists, as the state of a stack says. Neither program nor settings are asked."""
    # A state is a million objects without a cycle among them, and looking for cycles took a quarter of the time.
    gc.disable()
    from commands.reviewing import Reviewer, Wish

    files = files_of_reports(
        context, reports, {"json": json, "sarif": sarif, "junit": junit, "markdown": markdown, "html": html}
    )
    if file is not None and not file.is_file():
        raise Failure(f"{file}: there is no such file. Write one with `pulumi stack export --file {file}`.", 2)
    stack = known_stack(stack or default_stack())
    check_levels(stack)
    variables = ready(stack, aside=True)
    with progress(f"Auditing {stack}"):
        made = Reviewer(stack, variables).audit(Wish(strict), file.resolve() if file else None)
    finish(made, files)


def drift(
    context: typer.Context,
    *,
    stack: StackOption = "",
    whole: AllOption = False,
    parallel: ParallelOption = None,
    reports: ReportsOption = None,
    json: JsonOption = "",
    sarif: SarifOption = "",
    junit: JunitOption = "",
    markdown: MarkdownOption = "",
    html: HtmlOption = "",
) -> None:
    """Say what changed in the cloud behind the state's back; nothing is written. Exit code 7 where something did."""
    from commands.reviewing import Reviewer

    files = files_of_reports(
        context, reports, {"json": json, "sarif": sarif, "junit": junit, "markdown": markdown, "html": html}
    )
    if whole:
        from commands import fleet

        sys.exit(fleet.drift(stack, fleet.at_once(parallel, _only_reports(files, reports)), reports))
    stack = known_stack(stack or default_stack())
    variables = ready(stack, aside=True)
    with progress(f"Looking at the cloud of {stack}") as on_event:
        made = Reviewer(stack, variables).drift(on_event)
    finish(made, files)


EXAMPLES = {
    gate: "ecs gate --stack dev --reports reports (all reports; in a pipeline: then `ecs comment reports/review.md`)",
    audit: "ecs audit --stack prod --strict --sarif audit.sarif",
    drift: "ecs drift --stack prod --json - | jq .changes (nightly, by cron)",
}
for _command, _example in EXAMPLES.items():
    _command.__doc__ = f"{_command.__doc__}\n\nExample: {_example}{CODES}"


def finish(made: Any, files: Mapping[str, str]) -> NoReturn:
    """Write the reports of a review and end with its exit code."""
    write(made, files)
    sys.exit(made.exit_code)


def write(made: Any, files: Mapping[str, str]) -> None:
    """Write the reports of a review: each into its file, and the text to the terminal where nothing else goes there."""
    for name, file in files.items():
        if file != STANDARD_OUTPUT:
            _put(Path(file), rendered(made, name))
    aside = STANDARD_OUTPUT in files.values()
    stream = sys.stderr if aside else sys.stdout
    say(stream, rendered(made, "text", colour=stream.isatty()))
    for name, file in files.items():
        if file == STANDARD_OUTPUT:
            as_written(sys.stdout)
            say(sys.stdout, rendered(made, name))


def write_all(made: Any, folder: Path) -> None:
    """Write every report of a review into a folder."""
    for name, file in WRITERS.items():
        _put(folder / file, rendered(made, name))


def rendered(made: Any, name: str, *, colour: bool = False) -> str:
    """One report of a review; ends with a line break."""
    module = import_module(f"gate.reports.{MODULES.get(name, name)}")
    text: str = module.render(made, colour=colour) if name == "text" else module.render(made)
    return text if text.endswith("\n") else f"{text}\n"


@contextlib.contextmanager
def progress(title: str) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Show on a terminal how far a run of the engine is; elsewhere one line at its beginning."""
    count = 0
    if not sys.stderr.isatty():
        typer.echo(f"{title} ...", err=True)
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{title} ...") as status:

        def on_event(event: Mapping[str, Any]) -> None:
            nonlocal count
            if "resourcePreEvent" in event:
                count += 1
                status.update(f"{title}: {count} resources ...")

        yield on_event


def files_of_reports(context: typer.Context, reports: Path | None, stated: Mapping[str, str]) -> dict[str, str]:
    """Where each report is to go, by its name; raises `Failure` (2) for what cannot be."""
    if context.args:
        raise Failure(f"{' '.join(context.args)}: is no option of this command. `--help` lists them.", 2)
    files = {name: file for name, file in stated.items() if file}
    if sum(file == STANDARD_OUTPUT for file in files.values()) > 1:
        raise Failure("two reports cannot both go to standard output (`-`). Give all but one a file.", 2)
    if reports is not None:
        files = {name: str(reports / file) for name, file in WRITERS.items()} | files
    for file in files.values():
        if file != STANDARD_OUTPUT and Path(file).is_dir():
            raise Failure(f"{file}: is a folder. Name a file, or use --reports.", 2)
    return files


def _only_reports(files: Mapping[str, str], reports: Path | None) -> list[str]:
    """The options that name one file, which many cells cannot share."""
    own = {name: str(reports / file) for name, file in WRITERS.items()} if reports else {}
    return [f"--{name}" for name, file in files.items() if own.get(name) != file]


def _put(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{file}: cannot be written: {error.strerror}. Name another file.", 2) from None


def _tell_killed(stack: str, variables: dict[str, str]) -> None:
    from commands import takeover

    takeover.tell(takeover.Stack(stack, variables))
