"""What a preview says of a server's outputs: what may turn out otherwise is said to be unknown, or a saved plan would be violated."""

from __future__ import annotations

from typing import Any

import pytest

from provider.properties import UNKNOWN
from provider.server.handler import Servers

INPUTS = {
    "name": "web",
    "flavorRef": "s3.medium",
    "networks": [{"uuid": "1"}],
    "disks": [{"name": "0", "volume_size": 1}],
}
MADE: dict[str, Any] = {
    **INPUTS, "status": "ACTIVE", "fault": "", "marker": "m", "addresses": ["10.0.0.2"], "nics": [{"port": "p"}],
    "disk_ids": ["d"], "volumes": [{"id": "d"}],
}  # fmt: skip
OF_NICS = ("addresses", "nics")
OF_DISKS = ("disk_ids", "volumes")


def previewed(inputs: dict[str, Any], had: dict[str, Any]) -> dict[str, Any]:
    return Servers(lambda: pytest.fail("a preview asks the cloud nothing")).previewed(inputs, had)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("change", "had", "unknown"),
    [
        ({"flavorRef": "s3.large"}, {}, ()),
        ({"networks": [{"uuid": "2"}]}, {}, OF_NICS),
        ({"disks": []}, {}, OF_DISKS),
        ({}, {"status": "SHUTOFF"}, ()),
        ({}, {"status": "", "addresses": []}, (*OF_NICS, *OF_DISKS)),
        ({}, {"status": "BUILD", "addresses": []}, (*OF_NICS, *OF_DISKS)),
        ({}, {"status": "ERROR"}, (*OF_NICS, *OF_DISKS)),
    ],
)
def test_of_an_update(change: dict[str, Any], had: dict[str, Any], unknown: tuple[str, ...]) -> None:
    before = {**MADE, **had}
    found = previewed({**INPUTS, **change}, before)
    for key in (*OF_NICS, *OF_DISKS):
        assert found[key] == (UNKNOWN if key in unknown else before[key]), key
    assert found["status"] == found["fault"] == UNKNOWN, "an update may start, stop or mend it"
    assert found["marker"] == "m"
    assert found["name"] == "web"


def test_of_a_creation_nothing_of_the_clouds_is_known() -> None:
    found = previewed(INPUTS, {})
    assert {key for key, value in found.items() if value == UNKNOWN} == {
        *OF_NICS,
        *OF_DISKS,
        "status",
        "fault",
        "marker",
    }
