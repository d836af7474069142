"""Whether a flavor is on sale in an AZ, read from the extra specs in which a cloud of the document's kind says so.

`cond:operation:status` holds for all AZs, `cond:operation:az` ("az1(sellout),az2(normal)") for the AZs that it names. Plain Nova
reads neither.
"""

import re

from sandbox.faults import Json

_OF_A_ZONE = re.compile(r"([^(),\s]+)\(([^()]+)\)")


def is_abandoned(flavor: Json, zone: str) -> bool:
    """Say whether a flavor is no longer offered in an AZ: such a cloud refuses it at once (Ecs.0707)."""
    return _state(flavor, zone) == "abandon"


def is_sold_out(flavor: Json, zone: str) -> bool:
    """Say whether there is no room left for a flavor in an AZ.

    The cloud's own API tells it when the job of the creation runs (Ecs.0319, "Capacity is not enough"). The native API has no
    jobs: there it is the scheduler that finds no host, after the 202.
    """
    return _state(flavor, zone) == "sellout"


def _state(flavor: Json, zone: str) -> str:
    specs = flavor["extra_specs"]
    of_zones = dict(_OF_A_ZONE.findall(specs.get("cond:operation:az", "")))
    return str(of_zones.get(zone, specs.get("cond:operation:status", "normal")))
