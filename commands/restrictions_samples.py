"""What each rule says, by letting it judge a request with that one mistake in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from policy.forms import FORMS, SERVER
from policy.rule import Rule

_ID = "fd40e6f8-942d-4b4e-a7ae-465287b02a2c"
_GOOD: Mapping[str, object] = MappingProxyType(
    {
        "name": "web",
        "flavorRef": "s3.medium",
        "imageRef": "b023fe17-11db-4efb-b800-78882a0e394b",
        "availability_zone": "az1-dc1",
        "networks": [{"uuid": _ID}],
        "key_name": "operator",
    }
)
_HINTS = "os:scheduler_hints"


def _disk(**changes: object) -> dict[str, list[dict[str, object]]]:
    blank = {"source_type": "blank", "volume_size": 40, "boot_index": -1, "delete_on_termination": True}
    return {"block_device_mapping_v2": [{**blank, **changes}]}


MISTAKES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "ECS-101": {"name": "w" * 256},
        "ECS-102": {"flavorRef": None},
        "ECS-103": {"availability_zone": None},
        "ECS-104": {"imageRef": None},
        "ECS-105": {"config_drive": True},
        "ECS-106": {"OS-DCF:diskConfig": "AUTO"},
        "ECS-107": {"auto_terminate_time": "2030-09-25T12:05:00Z"},
        "ECS-108": {"description": "the shop"},
        "ECS-109": {"networks": [{"port": _ID}], "security_groups": [{"name": "web"}]},
        "ECS-110": {"key_name": None},
        "ECS-111": {"user_data": "#!/bin/sh"},
        "ECS-112": {"personality": [{"path": "/etc/motd", "contents": "aGk="}]},
        "ECS-113": {"availability_zone": "az1-dc1:host-1"},
        "ECS-114": {"publicip": {"id": _ID}},
        "ECS-116": {"extendparam": {"marketType": "spot"}},
        "ECS-117": {"extendparam": {"chargingMode": "prePaid"}},
        "ECS-118": {"metadata": {"count": 3}},
        "ECS-201": _disk(source_type="disk"),
        "ECS-202": _disk(destination_type="local"),
        "ECS-203": _disk(guest_format="ext4"),
        "ECS-204": _disk(device_name="/dev/vdb"),
        "ECS-205": _disk(boot_index=1),
        "ECS-206": {
            "block_device_mapping_v2": _disk(source_type="volume", uuid=_ID, boot_index=0)["block_device_mapping_v2"]
            * 2
        },
        "ECS-208": _disk(volume_size=None),
        "ECS-209": _disk(source_type="image", uuid=_ID),
        "ECS-210": _disk(uuid=_ID),
        "ECS-211": _disk(delete_on_termination=None),
        "ECS-301": {"networks": []},
        "ECS-302": {"networks": [{}]},
        "ECS-303": {"networks": [{"port": _ID, "fixed_ip": "10.0.0.2"}]},
        "ECS-304": {"networks": [{"port": _ID, "uuid": _ID}]},
        "ECS-401": {"min_count": 3, "max_count": 2},
        "ECS-402": {"imageRef": None, **_disk(source_type="volume", uuid=_ID, boot_index=0), "max_count": 2},
        "ECS-403": {**_disk(), "max_count": 2},
        "ECS-404": {"return_reservation_id": "perhaps"},
        "ECS-405": {"networks": [{"port": _ID}], "max_count": 2},
        "ECS-501": {_HINTS: {"group": "my-group"}},
        "ECS-503": {_HINTS: {"same_host": [_ID]}},
        "ECS-504": {_HINTS: {"tenancy": "alone"}},
        "ECS-505": {_HINTS: {"tenancy": "shared", "dedicated_host_id": _ID}},
    }
)
"""By restriction: what is changed in a good request; None takes a key away."""


def sample(rule: object) -> str | None:
    """What a rule says of its mistake; None for one that the request alone does not decide."""
    if not isinstance(rule, Rule) or rule.id not in MISTAKES:
        return None
    changes = MISTAKES[rule.id]
    server = {key: value for key, value in {**_GOOD, **changes}.items() if value is not None and key != _HINTS}
    asked = {"server": server, _HINTS: changes.get(_HINTS, {}), "microversion": "2.1"}
    findings = rule.answer(FORMS[SERVER](asked)).findings
    return rule.message(findings[0]) if findings else None
