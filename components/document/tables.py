"""The tables of the document as types, as lenient as its examples: quoted numbers and booleans, an empty fixed_ip.

A mistake is told with the restriction that it breaks. What only the native API's own types refuse is refused too, without one.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from components.document import values
from components.inputs import Cites, refuse

SIZE = values.number("ECS-208", "is not a whole number above 0", "Give whole GB above 0", lambda size: size > 0)
INDEX = values.number(
    "ECS-205", "is neither 0 nor -1", "Set it to 0 for the boot disk, to -1 for any other", (0, -1).__contains__
)
COUNT = values.number("ECS-401", "is not a whole number above 0", "Use 1 or more", lambda count: count > 0)


class Table(BaseModel):
    """One table of the document; unknown fields and nulls are refused, values are never quoted in errors."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )
    null_is_absent: ClassVar[frozenset[str]] = frozenset()
    """The fields that clients of such a cloud send as null where they say nothing, and those that are mandatory: null is missing."""
    empty_is_absent: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _absent(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name not in cls.null_is_absent:
            raise refuse(None, "is null", "Leave it out")
        return None if info.field_name in cls.empty_is_absent and value == "" else value


class BlockDevice(Table):
    """Table 4, block_device_mapping_v2."""

    empty_is_absent = frozenset({"guest_format", "boot_index", "uuid", "volume_size", "volume_type"})
    null_is_absent = empty_is_absent | {"source_type"}

    source_type: Annotated[
        Literal["volume", "image", "snapshot", "blank"],
        Cites("ECS-201", "Use one of volume, image, snapshot, blank"),
    ]
    destination_type: Any = "volume"
    guest_format: Any = None
    device_name: Annotated[str | None, BeforeValidator(values.device)] = None
    delete_on_termination: Annotated[bool, BeforeValidator(values.flag("ECS-211"))] = False
    boot_index: Annotated[int, BeforeValidator(INDEX)] | None = None
    uuid: Any = None
    volume_size: Annotated[int, BeforeValidator(SIZE)] | None = None
    volume_type: Annotated[str, BeforeValidator(values.text(None, most=values.LONGEST))] | None = None

    @field_validator("destination_type")
    @classmethod
    def _said(cls, value: Any) -> Any:
        if value == "":
            raise refuse(None, "is empty", "Leave it out")
        return value


class SecurityGroupName(Table):
    """Table 5, security_groups."""

    name: Annotated[str | None, BeforeValidator(values.text(None, least=1, most=values.LONGEST))] = None


class NetworkEntry(Table):
    """Table 6, networks; an empty text counts as absent (ECS-303)."""

    empty_is_absent = frozenset({"port", "uuid", "fixed_ip"})
    null_is_absent = empty_is_absent

    port: Annotated[str, BeforeValidator(values.port)] | None = None
    uuid: Annotated[str, BeforeValidator(values.text("ECS-302"))] | None = None
    fixed_ip: Annotated[str, BeforeValidator(values.address)] | None = None


Nic = Annotated[NetworkEntry, Cites("ECS-302", "Name a port or a network's uuid")]


class Hints(Table):
    """Table 7, os:scheduler_hints."""

    null_is_absent = frozenset(
        {"group", "different_host", "same_host", "cidr", "build_near_host_ip", "tenancy", "dedicated_host_id"}
    )

    group: Any = None
    different_host: Any = None
    same_host: Any = None
    cidr: Any = None
    build_near_host_ip: Any = None
    tenancy: Any = None
    dedicated_host_id: Any = None


class ServerTable(Table):
    """Table 3, server."""

    empty_is_absent = frozenset({"image_ref"})
    null_is_absent = frozenset({"image_ref", "flavor_ref", "name", "networks", "availability_zone", "description"})

    image_ref: Annotated[str, BeforeValidator(values.text(None))] | None = Field(default=None, alias="imageRef")
    flavor_ref: Annotated[str | None, BeforeValidator(values.flavor)] = Field(default=None, alias="flavorRef")
    name: Annotated[str | None, BeforeValidator(values.name)] = None
    admin_pass: SecretStr | None = Field(default=None, alias="adminPass")
    metadata: Annotated[dict[str, Any] | None, BeforeValidator(values.metadata)] = None
    block_device_mapping_v2: Annotated[
        list[BlockDevice] | None, BeforeValidator(values.no_empty), Cites("ECS-201", "Give a list of disks")
    ] = None
    config_drive: Annotated[Any, BeforeValidator(values.drive)] = None
    security_groups: list[SecurityGroupName] | None = None
    networks: Annotated[list[Nic] | None, Cites("ECS-301", "Give a list with at least one NIC")] = None
    key_name: Annotated[str | None, BeforeValidator(values.text(None, least=1, most=values.LONGEST))] = None
    user_data: Annotated[SecretStr | None, BeforeValidator(values.user_data)] = None
    availability_zone: Annotated[str | None, BeforeValidator(values.zone)] = None
    return_reservation_id: Annotated[bool | None, BeforeValidator(values.flag("ECS-404"))] = None
    min_count: Annotated[int | None, BeforeValidator(COUNT)] = None
    max_count: Annotated[int | None, BeforeValidator(COUNT)] = None
    disk_config: Any = Field(default=None, alias="OS-DCF:diskConfig")
    description: Any = None
    auto_terminate_time: Any = None
    personality: Any = None

    @field_validator("description")
    @classmethod
    def _described(cls, value: Any) -> Any:
        if value is not None and (not isinstance(value, str) or len(value) > values.LONGEST):
            raise refuse("ECS-108", "is no text of at most 255 characters", "Shorten it, or leave it out")
        return value


class CreateRequest(Table):
    """Table 2, the request."""

    server: ServerTable
    hints: Hints | None = Field(default=None, alias="os:scheduler_hints")
