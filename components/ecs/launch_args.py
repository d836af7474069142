"""The arguments that one ECS and a batch of them have in common (Table 3, server)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from components.ecs.hints import SchedulerHints
from components.inputs import Args, Cites, Later, Refused, refuse

LONGEST = 255


def _name(value: str) -> str:
    if not 1 <= len(value) <= LONGEST:
        raise refuse("ECS-101", f"has {len(value)} characters", f"Give it 1 to {LONGEST} characters")
    return value


def _zone(value: str) -> str:
    if not value:
        raise refuse("ECS-103", "is empty", "Name the AZ")
    if ":" in value:
        raise refuse("ECS-113", "names a host", "Name the AZ alone, without `:host`; use a server group to spread ECSs")
    return value


def _key(value: str) -> str:
    if not 1 <= len(value) <= LONGEST:
        raise refuse("ECS-118", f"has a key of {len(value)} characters", f"Keys have 1 to {LONGEST} characters")
    return value


def _value(value: str) -> str:
    if len(value) > LONGEST:
        raise refuse("ECS-118", f"has {len(value)} characters", f"Values have at most {LONGEST} characters")
    return value


def _base64(value: SecretStr) -> SecretStr:
    text = re.sub(r"\s", "", value.get_secret_value())
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise refuse("ECS-111", "is not base64", "Encode it, or give the plain text as `user_data`") from None
    return SecretStr(text)


def _described(value: str) -> str:
    if len(value) > LONGEST:
        raise refuse("ECS-108", f"has {len(value)} characters", f"Give it at most {LONGEST} characters")
    return value


def _flavor(value: str) -> str:
    kept = value.rstrip("/").rsplit("/", 1)[-1]
    if not kept:
        raise refuse("ECS-102", "is empty", "Name the flavor by its id, or its URL")
    return kept


Name = Annotated[str, AfterValidator(_name)]
Flavor = Annotated[str, AfterValidator(_flavor)]
Zone = Annotated[str, AfterValidator(_zone)]
Description = Annotated[str, AfterValidator(_described)]
MetadataKey = Annotated[str, AfterValidator(_key)]
MetadataValue = Annotated[str, AfterValidator(_value)]

TEXT = Cites("ECS-118", "Quote it: metadata keys and values are text")
UNSUPPORTED = "is not supported by this API"
NO_DRIVE = "Remove it; `user_data` reaches the ECS by the metadata service"


class Timeouts(Args):
    """How long the provider goes on with an ECS or a batch, in seconds; then it fails, and a creation is taken back."""

    create: Annotated[int, Field(gt=0)] = 900
    """Until everything is there and ACTIVE."""

    update: Annotated[int, Field(gt=0)] = 900
    """Until a change is done, a resize included."""

    delete: Annotated[int, Field(gt=0)] = 600
    """Until it is gone, with the disks that go with it."""


class LaunchArgs(Args):
    """What one ECS and a batch have in common. Table 3; every field may be an Output unless its type says otherwise."""

    flavor_ref: Annotated[Later[Flavor], Cites("ECS-102", "Name the flavor by its id, such as `s3.medium`, or its URL")]
    """The flavor's id or URL, such as `s3.medium` (ECS-102)."""

    availability_zone: Annotated[Later[Zone], Cites("ECS-103", "Name the AZ, such as `az1-dc1`")]
    """The AZ; mandatory when an ECS is created (ECS-103)."""

    name: Annotated[Later[Name] | None, Cites("ECS-101", "Give it a text of 1 to 255 characters")] = None
    """1 to 255 characters (ECS-101); by default the resource's name."""

    security_groups: tuple[Later[str], ...] = ()
    """Names or UUIDs, for the NICs on a network; `default` by default. Without effect on a NIC with a port (ECS-109)."""

    key_name: Later[str] | None = None
    """The key pair to log in with (ECS-110)."""

    admin_pass: Later[SecretStr] | None = None
    """The password of the administrator (root on Linux); kept secret (ECS-110)."""

    user_data: Later[SecretStr] | None = None
    """Plain text to inject, for Linux ECSs; kept secret and always sent as base64 (ECS-111)."""

    user_data_base64: Later[Annotated[SecretStr, AfterValidator(_base64)]] | None = None
    """The same, encoded already: for what is not text, such as gzip."""

    metadata: Annotated[dict[MetadataKey, Annotated[Later[MetadataValue], TEXT]], TEXT] = Field(default_factory=dict)
    """Text by text, each of at most 255 characters (ECS-118)."""

    scheduler_hints: SchedulerHints | None = None
    """Where it is placed (Table 7)."""

    description: Annotated[Later[Description], Cites("ECS-108", f"Give it a text of at most {LONGEST} characters")] = ""
    """At most 255 characters; needs microversion 2.19, and is refused at preview where the cloud is older (ECS-108)."""

    on_failure: Literal["rollback", "keep"] = "rollback"
    """What becomes of a creation that fails: taken back whole, or kept for a look until the next `up` replaces it (ECS-602)."""

    deletion_protection: bool = False
    """Whether it is neither deleted nor replaced nor rebuilt without `consent`."""

    consent: tuple[Literal["rebuild", "replace"], ...] = ()
    """What a change may do to it although it is protected; to be taken out again after that change."""

    timeouts: Timeouts = Field(default_factory=Timeouts)
    """How long the provider goes on, in seconds."""

    config_drive: Annotated[None, Refused("ECS-105", UNSUPPORTED, NO_DRIVE)] = None
    disk_config: Annotated[None, Refused("ECS-106", UNSUPPORTED, "Remove it")] = None
    auto_terminate_time: Annotated[None, Refused("ECS-107", "is not supported yet", "Remove it")] = None
    personality: Annotated[
        None, Refused("ECS-112", "fails the whole creation where it fails", "Inject files by `user_data`")
    ] = None

    @field_validator("user_data_base64")
    @classmethod
    def _one_user_data(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and info.data.get("user_data") is not None:
            raise refuse("ECS-111", "says the user data a second time", "Keep `user_data`, or this")
        return value
