"""The findings as SARIF 2.1.0, so that a code host shows them at the lines of the stack's YAML.

What code hosts make of SARIF decided some of it. GitHub shows at most 5,000 results, wants a place for each, knows a finding again by
`primaryLocationLineHash`, and takes an upload's `automationDetails.id` for what it replaces: so each stack has an id of its own.
An undetermined answer is a warning, since results of another kind than `fail` are not shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from components.restrictions import catalogue
from gate.reports import words
from gate.review import Answer, Finding, Place, Review, RuleAnswer, Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST = 5000
"""So many results are written; those that block come first, and a notification says how many were left out."""

ENGINE = "engine"
"""The rule of an error without one: of the program, the engine or the cloud."""

_DESCRIPTION = 1000
_EXIT = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.REFUSED: "refused by policy",
    Verdict.UNDETERMINED: "something is undetermined, and that was not to be",
    Verdict.CHANGED: "something changes where nothing was to",
}
_ORDER = (Answer.FAILED, Answer.UNDETERMINED, Answer.NOTED, Answer.EXEMPTED)
Json = dict[str, Any]


def render(review: Review) -> str:
    """Return the findings as a SARIF log with one run."""
    findings = sorted(review.findings, key=lambda one: (not one.blocks, _ORDER.index(one.answer)))
    rules = list(_rules(review))
    places = {one["id"]: place for place, one in enumerate(rules)}
    marks = _Fingerprints()
    results = [_result(review, one, places, marks) for one in findings[:MOST]]
    run = {
        "tool": {"driver": _driver(review, rules)},
        "automationDetails": {"id": f"ecs-{review.kind}/{review.stack}/"},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The project's root."}}},
        "invocations": [_invocation(review, len(findings) - len(results))],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"project": review.project, "stack": review.stack, "kind": review.kind, "said": review.said},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _driver(review: Review, rules: list[Json]) -> Json:
    return {
        "name": "ecs-stacks",
        "fullName": f"ecs {review.kind}",
        "version": review.versions.get("ecs-stacks", "0"),
        "rules": rules,
    }


def _rules(review: Review) -> Iterator[Json]:
    known = set()
    for one in review.rules:
        known.add(one.rule)
        yield _rule(one)
    # What the typed arguments or the engine said has no policy that answered, above all where the pack never ran.
    for finding in review.findings:
        name = finding.rule or ENGINE
        if name not in known:
            known.add(name)
            yield _rule(_unanswered(name))


def _unanswered(name: str) -> RuleAnswer:
    row = catalogue().get(name)
    if row is None:
        summary = "The program, the engine or the cloud says an error." if name == ENGINE else name
        return RuleAnswer(rule=name, summary=summary, level="mandatory")
    return RuleAnswer(
        rule=name,
        summary=row.summary,
        where=row.where,
        level="mandatory" if row.level == "must" else "advisory",
    )


def _rule(one: RuleAnswer) -> Json:
    row = catalogue().get(one.rule)
    quoted = f" The document: “{row.quote}”" if row and row.quote else ""
    full = words.shorten(f"{one.summary}{quoted}", _DESCRIPTION)
    anchor = words.anchor(one.rule)
    made: Json = {
        "id": one.rule,
        "name": one.rule,
        "shortDescription": {"text": words.shorten(one.summary, _DESCRIPTION)},
        "fullDescription": {"text": full},
        "defaultConfiguration": {
            "enabled": one.level != "disabled",
            "level": "error" if one.level == "mandatory" else "warning",
        },
        "properties": {
            "tags": ["policy", one.level, *(("restriction",) if row else ())],
            "place": one.where,
            "passed": one.passed,
            "failed": one.failed,
            "undetermined": one.undetermined,
            "exempted": one.exempted,
        },
    }
    # A rule's `helpUri` has to be absolute, and where the project is hosted is not known here.
    if anchor:
        place = f" In the document: {one.where}." if one.where else ""
        made["help"] = {"text": f"{full}{place} See {anchor}."}
    return made


class _Fingerprints:
    """Gives each finding its mark, and one more with the same mark a number of its own."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def of(self, one: Finding) -> str:
        said = (
            one.fingerprint or hashlib.sha256("\0".join((one.rule, one.urn or one.resource)).encode()).hexdigest()[:32]
        )
        self.seen[said] = self.seen.get(said, 0) + 1
        return f"{said}:{self.seen[said]}"


def _result(review: Review, one: Finding, places: dict[str, int], marks: _Fingerprints) -> Json:
    mark = marks.of(one)
    name = one.rule or ENGINE
    location: Json = {"physicalLocation": _physical(review, one.place)}
    if one.urn:
        location["logicalLocations"] = [
            {"name": one.resource or one.urn, "fullyQualifiedName": one.urn, "kind": "resource"}
        ]
    elif one.resource:
        location["logicalLocations"] = [{"name": one.resource, "kind": "resource"}]
    made: Json = {
        "ruleId": name,
        "ruleIndex": places[name],
        "level": _level(one),
        "message": {"text": words.text_of(one) or name},
        "locations": [location],
        # The code host knows the finding again by the first, whichever line it stands on by then.
        "partialFingerprints": {"primaryLocationLineHash": mark, "ecsFinding/v1": mark},
        "properties": {"answer": one.answer.value, "blocks": one.blocks, "type": one.type},
    }
    if one.answer is Answer.EXEMPTED:
        made["suppressions"] = [{"kind": "external", "status": "accepted", "justification": words.text_of(one)}]
    return made


def _level(one: Finding) -> str:
    if one.blocks:
        return "error"
    return "warning" if one.answer in (Answer.FAILED, Answer.UNDETERMINED) else "note"


def _physical(review: Review, place: Place | None) -> Json:
    found = place or Place(file=words.stack_file(review), line=1)
    return {
        "artifactLocation": {"uri": quote(found.file.lstrip("/"), safe="/"), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": max(1, found.line)},
    }


def _invocation(review: Review, left_out: int) -> Json:
    made: Json = {
        "executionSuccessful": review.verdict is not Verdict.FAILED,
        "exitCode": review.exit_code,
        "exitCodeDescription": _EXIT[review.verdict],
        "endTimeUtc": review.made.replace("+00:00", "Z"),
    }
    told = list(_notifications(review, left_out))
    if told:
        made["toolExecutionNotifications"] = told
    return made


def _notifications(review: Review, left_out: int) -> Iterable[Json]:
    if left_out:
        yield _notification(
            "warning", f"{words.several(left_out, 'finding')} more are left out here; the JSON report has them all."
        )
    if not words.complete(review):
        yield _notification("warning", words.proof(review))
    if review.verdict is Verdict.FAILED:
        yield _notification("error", words.visible(review.said))


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": {"text": text}}
