"""Where an ECS is placed (Table 7, os:scheduler_hints)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from components.inputs import Args, Cites, Later, Refused, Uuid, refuse

RESERVED = ("is reserved and not supported", "Remove it; use `group` with an anti-affinity group to spread ECSs")


class SchedulerHints(Args):
    """Scheduling of one ECS. Table 7."""

    group: Annotated[Later[Uuid] | None, Cites("ECS-501", "Give the UUID of an anti-affinity group")] = None
    """The UUID of a server group with the anti-affinity policy (ECS-501, ECS-502)."""

    tenancy: Annotated[
        Literal["shared", "dedicated"] | None,
        Cites("ECS-504", "Use `shared` or `dedicated`, or leave it out for shared"),
    ] = None
    """`shared` (default) or `dedicated`, on a Dedicated Host (ECS-504)."""

    dedicated_host_id: Later[str] | None = None
    """The DeH; the system picks one by default. Only with tenancy `dedicated` (ECS-505)."""

    different_host: Annotated[None, Refused("ECS-503", *RESERVED)] = None
    same_host: Annotated[None, Refused("ECS-503", *RESERVED)] = None
    cidr: Annotated[None, Refused("ECS-503", *RESERVED)] = None
    build_near_host_ip: Annotated[None, Refused("ECS-503", *RESERVED)] = None

    @field_validator("dedicated_host_id")
    @classmethod
    def _host_needs_tenancy(cls, value: object, info: ValidationInfo) -> object:
        # A field's validator and not the model's: that one is skipped where another field is wrong, and hides this mistake.
        if value is not None and info.data.get("tenancy", "dedicated") != "dedicated":
            raise refuse(
                "ECS-505",
                f"has no effect with tenancy {info.data['tenancy'] or 'shared'!r}",
                "Set `tenancy: dedicated`, or remove `dedicated_host_id`",
            )
        return value
