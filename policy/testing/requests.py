"""Valid requests to change one thing of: `body()` as our component writes one, `instance()` as a raw instance does.

`native()` and `native_batch()` are the inputs of our provider's own resources.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from policy.forms import INSTANCE, SERVER
from policy.native import NATIVE, NATIVE_BATCH
from policy.unknown import UNKNOWN

IMAGE = "b023fe17-11db-4efb-b800-78882a0e394b"
NETWORK = "fd40e6f8-942d-4b4e-a7ae-465287b02a2c"


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""Takes a key of the valid request away."""


@dataclass(frozen=True)
class Resource:
    """A resource as the engine would send it: its type token, its inputs, and the URN of its parent where it has one."""

    type: str
    inputs: dict[str, object]
    name: str = "web"
    parent: str | None = None


def body(hints: object = ABSENT, *, type: str = SERVER, whole: object = ABSENT, **server: object) -> Resource:  # noqa: A002 - the engine's word
    """Build a valid documented body, changed by keyword: `body(networks=[])`, `body(hints={"tenancy": "shared"})`.

    Keys that are no Python names go through `**{"OS-DCF:diskConfig": "AUTO"}`; `whole` replaces the server object itself.
    """
    base: dict[str, object] = {
        "name": "web",
        "flavorRef": "s3.large.2",
        "imageRef": IMAGE,
        "availability_zone": "az1-dc1",
        "networks": [{"uuid": NETWORK}],
        "key_name": "ops",
    }
    inputs: dict[str, object] = {"server": _changed(base, server) if whole is ABSENT else whole}
    if hints is not ABSENT:
        inputs["os:scheduler_hints"] = hints
    return Resource(type, inputs)


def instance(**inputs: object) -> Resource:
    """Build the valid inputs of a raw instance, changed by keyword: `instance(networks=[{"fixedIpV4": "10.0.0.2"}])`."""
    base: dict[str, object] = {
        "name": "web",
        "flavorId": "s3.large.2",
        "imageId": IMAGE,
        "availabilityZone": "az1-dc1",
        "networks": [{"uuid": NETWORK}],
        "keyPair": "ops",
    }
    return Resource(INSTANCE, _changed(base, inputs))


def native(**inputs: object) -> Resource:
    """Build the valid inputs of a native server, changed by keyword: `native(imageRef=ABSENT, boot={...})`."""
    base: dict[str, object] = {
        "name": "web",
        "flavorRef": "s3.large.2",
        "imageRef": IMAGE,
        "availability_zone": "az1-dc1",
        "networks": [{"uuid": NETWORK}],
        "key_name": "ops",
        "on_failure": "rollback",
        "on_image_change": "replace",
        "deletion_protection": False,
        "consent": [],
    }
    return Resource(NATIVE, _changed(base, inputs))


def native_batch(**inputs: object) -> Resource:
    """Build the valid inputs of a native batch of two, changed by keyword."""
    one = {key: value for key, value in native().inputs.items() if key != "on_image_change"}
    return Resource(NATIVE_BATCH, _changed({**one, "min_count": 1, "max_count": 2}, inputs))


def _changed(base: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in {**base, **changes}.items() if value is not ABSENT}


__all__ = ["ABSENT", "IMAGE", "NETWORK", "UNKNOWN", "Absent", "Resource", "body", "instance", "native", "native_batch"]
