"""How the pack reaches a cloud: as the resource's own provider would, where all of its settings are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud.connect import READ, UnreachableError, shown_name
from cloud.connect import connect as reach
from policy.facts.asking import SilentError
from policy.unknown import UNKNOWN


def connect(settings: Mapping[str, object], seconds: float) -> Any:
    """Return an authorized openstacksdk connection; raises `SilentError` with why there is none."""
    unknown = [key for key in READ if settings.get(key) is UNKNOWN]
    if unknown:
        name = shown_name(settings)
        raise SilentError(f"{name} cannot be asked before apply: {', '.join(unknown)} of its provider is not known yet")
    try:
        return reach(settings, seconds, app_name="ecs-stacks")
    except UnreachableError as error:
        raise SilentError(error.reason) from None
