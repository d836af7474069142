"""What the engine is told of the pack: one policy a restriction, named by its id, and three that speak of the run itself.

The policies are names, levels and descriptions, so that the engine's output names the restriction and a configuration can set its
level; `serving` lets the rules behind them judge.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policy import options
from policy.facts.facts import Phase
from policy.judge import CLOUD, UNDETERMINED, AnyRule
from policy.rule import Rule
from policy.rules import RULES, STACK_RULES

NAME = "ecs-stacks"
EXEMPTED = "exempted"

ALL: tuple[AnyRule, ...] = (*RULES, *STACK_RULES)

_SPECIAL = (
    (
        UNDETERMINED,
        "What cannot be decided before apply is said, and decided at apply before the resource is touched.",
        EnforcementLevel.ADVISORY,
    ),
    (
        CLOUD,
        "Why the cloud could not be asked, and what was not decided for it, each reason once.",
        EnforcementLevel.ADVISORY,
    ),
    (EXEMPTED, "What an exemption lets pass, all counted.", EnforcementLevel.ADVISORY),
    (
        "exemptions",
        "An exemption that has expired, that nothing needs any more, or a mistake in their file, of which then none applies.",
        EnforcementLevel.ADVISORY,
    ),
)


class Resources(ResourceValidationPolicy):
    """A restriction that a request alone can break, with its rules."""

    rules: tuple[AnyRule, ...] = ()


class Stacks(StackValidationPolicy):
    """A restriction that the stack or the cloud decides, with its rules."""

    rules: tuple[AnyRule, ...] = ()


def phase() -> Phase:
    """Say what the engine started this pack for: it tells the two deployments, and tells nothing when it reads a state."""
    told = os.environ.get("PULUMI_DRY_RUN")
    return {"true": Phase.PREVIEW, "false": Phase.UPDATE}.get(told or "", Phase.STATE)


def policies(rules: Iterable[AnyRule] = ALL) -> list[Policy]:
    """Build the policies of the pack, in the order of the rules; those that speak of the run come last."""
    by_id: dict[str, list[AnyRule]] = {}
    for rule in rules:
        by_id.setdefault(rule.id, []).append(rule)
    built: list[Policy] = [_policy(tuple(same)) for same in by_id.values()]
    for name, description, level in _SPECIAL:
        kind = ResourceValidationPolicy if name == UNDETERMINED else StackValidationPolicy
        built.append(
            kind(
                name=name,
                description=description,
                validate=_judged_together,
                enforcement_level=level,
                display_name=name.capitalize(),
                severity=Severity.LOW,
                config_schema=_schema(name),
            )
        )
    return built


def _policy(rules: Sequence[AnyRule]) -> Policy:
    rule = rules[0]
    restriction = rule.restriction
    must = restriction.level == "must"
    kind = Resources if isinstance(rule, Rule) else Stacks
    policy = kind(
        name=rule.id,
        description=restriction.summary,
        validate=_judged_together,
        enforcement_level=EnforcementLevel.MANDATORY if must else EnforcementLevel.ADVISORY,
        display_name=f"{rule.id}: {restriction.where}",
        severity=Severity.HIGH if must else Severity.LOW,
        framework=PolicyComplianceFramework(
            name="Creating an ECS",
            reference=restriction.quote or "native OpenStack API",
            specification=restriction.where,
        ),
        remediation_steps=f"{rule.fix}.",
        config_schema=_schema(rule.id),
    )
    policy.rules = tuple(rules)
    return policy


def _schema(name: str) -> PolicyConfigSchema | None:
    properties = options.properties(name)
    return PolicyConfigSchema(properties=properties) if properties else None


def _judged_together(_args: ResourceValidationArgs | StackValidationArgs, _report: ReportViolation) -> None:
    """Do nothing: the policies of a resource are judged together, by `serving`, which reads the resource once for all of them."""
