"""What a pack's configuration can set beside a level: the options of each policy, as plain data and as their JSON Schemas.

A configuration is a JSON object: the policy's name, and a level or an object with `enforcementLevel` and options.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType

Schema = dict[str, object]

SPECIAL = ("undetermined", "cloud", "exempted", "exemptions")
"""The policies that are no restriction: what is undecided, what the cloud did not say, what was let pass, and mistakes in that."""

GROUP_POLICIES = ("anti-affinity", "soft-anti-affinity", "affinity", "soft-affinity")
"""The policies that a server group can have."""

_OPTIONS: Mapping[str, Mapping[str, Schema]] = MappingProxyType(
    {
        "ECS-107": {
            "supported": {
                "type": "boolean",
                "default": False,
                "description": "true where the cloud has switched automatic termination on; the time itself is checked then",
            }
        },
        "ECS-502": {
            "policies": {
                "type": "array",
                "items": {"type": "string", "enum": list(GROUP_POLICIES)},
                "minItems": 1,
                "uniqueItems": True,
                "default": ["anti-affinity"],
                "description": f"the policies that a server group may have: a list of {', '.join(GROUP_POLICIES)}",
            }
        },
        "cloud": {
            "read": {
                "type": "boolean",
                "default": True,
                "description": "false where the cloud is not to be asked",
            },
            "seconds": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 60,
                "default": 5,
                "description": "how long one read may take: a number of seconds above 0, at most 60",
            },
        },
    }
)


def configurable() -> tuple[str, ...]:
    """Return the policies that have options."""
    return tuple(_OPTIONS)


def properties(policy: str) -> dict[str, Schema]:
    """Return the options of a policy by name, each as a JSON Schema with its default; empty for a policy without options.

    A copy, to be handed to `pulumi_policy.PolicyConfigSchema(properties=...)`.
    """
    return copy.deepcopy(dict(_OPTIONS.get(policy, {})))


def defaults(policy: str) -> dict[str, object]:
    """Return the value that each option of a policy has where nobody sets it."""
    return {name: schema["default"] for name, schema in properties(policy).items()}
