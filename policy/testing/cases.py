"""One line of a rule's table: a request, and exactly what the rule must say of it."""

from __future__ import annotations

from dataclasses import dataclass

from policy.judge import UNDETERMINED
from policy.pack import policies
from policy.rule import Rule
from policy.testing.requests import Resource
from policy.testing.servicer import Pack


@dataclass(frozen=True)
class Case:
    """A request with the paths that must fail and the paths that must be undetermined: these and no others."""

    title: str
    resource: Resource
    failing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.title


def passes(title: str, resource: Resource) -> Case:
    """Build a case of which the rule says nothing."""
    return Case(title, resource)


def fails(title: str, resource: Resource, *paths: str) -> Case:
    """Build a case that fails at exactly these paths. Raises `ValueError` without a path."""
    if not paths:
        raise ValueError("a failing case names at least one path")
    return Case(title, resource, failing=paths)


def undetermined(title: str, resource: Resource, *paths: str) -> Case:
    """Build a case that waits for exactly these paths. Raises `ValueError` without a path."""
    if not paths:
        raise ValueError("an undetermined case names at least one path")
    return Case(title, resource, unknown=paths)


def mixed(title: str, resource: Resource, *, failing: tuple[str, ...], unknown: tuple[str, ...]) -> Case:
    """Build a case that fails at some paths although others are not known yet."""
    return Case(title, resource, failing, unknown)


def judge(rule: Rule, case: Case) -> None:
    """Send the case through the real servicer, with this rule alone.

    Raises `AssertionError` for a finding that is missing, one that comes on top, one with the wrong level, and one without the
    rule's citation.
    """
    reports = Pack(policies([rule])).analyze(case.resource)
    want = sorted([("fail", path) for path in case.failing] + [("undetermined", path) for path in case.unknown])
    got = sorted(
        ("undetermined" if report.policy == UNDETERMINED else "fail", path)
        for report in reports
        for path in report.paths
    )
    missing = [finding for finding in want if finding not in got]
    extra = [finding for finding in got if finding not in want]
    said = "\n  ".join(report.text for report in reports) or "nothing"
    if missing or extra or len(want) != len(got):
        raise AssertionError(f"{rule.id}, {case.title}: missing {missing}, extra {extra}. It said:\n  {said}")
    level = "mandatory" if rule.restriction.level == "must" else "advisory"
    for report in reports:
        expected = "advisory" if report.policy == UNDETERMINED else level
        if report.level != expected or not report.text.endswith(rule.restriction.citation):
            raise AssertionError(
                f"{rule.id}, {case.title}: {report.level}, not {expected}, or not cited: {report.text}"
            )
