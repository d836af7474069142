"""Events of the engine, as its stream writes them."""

from __future__ import annotations

from typing import Any

URN = "urn:pulumi:dev::ecs-stacks::"
STACK = f"{URN}pulumi:pulumi:Stack::ecs-stacks-dev"
SERVER = "ecs:compute:Server"


def urn(name: str, type_: str = SERVER) -> str:
    return f"{URN}{type_}::{name}"


def step(
    op: str, name: str, before: Any = None, after: Any = None, *, type_: str = SERVER, ident: str = ""
) -> dict[str, Any]:
    """A `resourcePreEvent`; `before` and `after` are inputs."""

    def side(inputs: Any, known: str) -> dict[str, Any] | None:
        if inputs is None:
            return None
        return {
            "type": type_, "urn": urn(name, type_), "custom": True, "id": known, "parent": STACK, "inputs": inputs, "outputs": {},
        }  # fmt: skip

    about = {"op": op, "urn": urn(name, type_), "type": type_, "old": side(before, ident), "new": side(after, "")}
    return {"sequence": 1, "resourcePreEvent": {"metadata": about, "planning": True}}


def after(op: str, name: str, before: Any = None, new: Any = None, ident: str = "") -> dict[str, Any]:
    """A `resOutputsEvent`."""
    return {"sequence": 1, "resOutputsEvent": step(op, name, before, new, ident=ident)["resourcePreEvent"]}


def judged(name: str, pack: str = "ecs-stacks", **more: Any) -> dict[str, Any]:
    said = {
        "resourceUrn": urn(name),
        "policyPackName": pack,
        "policyPackVersion": "0.1.0",
        "passed": ["ECS-101"],
        **more,
    }
    return {"sequence": 1, "policyAnalyzeSummaryEvent": said}


def judged_whole(pack: str = "ecs-stacks") -> dict[str, Any]:
    return {"sequence": 1, "policyAnalyzeStackSummaryEvent": {"policyPackName": pack, "passed": ["ECS-122"]}}


def violation(
    policy: str, text: str, name: str = "", level: str = "mandatory", pack: str = "ecs-stacks"
) -> dict[str, Any]:
    said = {
        "policyName": policy, "policyPackName": pack, "message": f"What the policy is for.\n{text}\n", "enforcementLevel": level,
        "resourceUrn": urn(name) if name else STACK,
    }  # fmt: skip
    return {"sequence": 1, "policyEvent": said}


def told(severity: str, text: str, name: str = "") -> dict[str, Any]:
    return {"sequence": 1, "diagnosticEvent": {"severity": severity, "message": text, "urn": urn(name) if name else ""}}


def summary(result: str = "succeeded") -> dict[str, Any]:
    return {"sequence": 1, "summaryEvent": {"result": result, "PolicyPacks": {"ecs-stacks|local|/p": "0.1.0"}}}
