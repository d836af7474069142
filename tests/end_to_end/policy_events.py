"""What the policy pack said in a run of the CLI, out of the engine's events."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.end_to_end.project import Project, Ran


def preview(project: Project) -> Ran:
    """A preview that prints the engine's events, one a line."""
    project.extra["PULUMI_ENABLE_STREAMING_JSON_PREVIEW"] = "true"
    return project.pulumi("preview", "--json")


def events(text: str) -> Iterator[dict[str, Any]]:
    """The engine's events among the lines that a command printed."""
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def said(text: str) -> dict[str, list[dict[str, Any]]]:
    """What the pack said of each resource, by the resource's name."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events(text):
        if policy := event.get("policyEvent"):
            found[policy["resourceUrn"].rpartition("::")[2]].append(policy)
    return found


def cited(policies: list[dict[str, Any]], level: str) -> list[str]:
    """The restrictions that are cited at a level, once for each time."""
    return [restriction for restriction, _ in told(policies, level)]


def told(policies: list[dict[str, Any]], level: str) -> list[tuple[str, str]]:
    """The restrictions that are cited at a level, each with the path of what is wrong."""
    return [
        (restriction, path)
        for policy in policies
        if policy["enforcementLevel"] == level
        for path, restriction in re.findall(r"^(\S+): .*\[(ECS-\d{3}),[^\]]*\]$", policy["message"], re.MULTILINE)
    ]
