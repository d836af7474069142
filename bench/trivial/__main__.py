"""A pack of one trivial rule, written as the vendor's own examples are."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def nothing(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Find nothing."""
    del args, report_violation


PolicyPack(
    "trivial",
    enforcement_level=EnforcementLevel.ADVISORY,
    policies=[ResourceValidationPolicy(name="nothing", description="Finds nothing.", validate=nothing)],
)
