"""The tables of the document as types, as lenient as its examples: quoted numbers and booleans, an empty fixed_ip."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class Table(BaseModel):
    """One table of the document; unknown fields are refused, values are never quoted in errors."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class BlockDevice(Table):
    """Table 4, block_device_mapping_v2."""

    source_type: Literal["volume", "image", "snapshot", "blank"]
    destination_type: str = "volume"
    guest_format: str | None = None
    device_name: str | None = None
    delete_on_termination: bool = False
    boot_index: int = -1
    uuid: str | None = None
    volume_size: int | None = None
    volume_type: str | None = None


class SecurityGroupName(Table):
    """Table 5, security_groups."""

    name: str


class NetworkEntry(Table):
    """Table 6, networks; an empty text counts as absent (ECS-303)."""

    port: str | None = None
    uuid: str | None = None
    fixed_ip: str | None = None

    @field_validator("port", "uuid", "fixed_ip")
    @classmethod
    def _empty_is_absent(cls, value: str | None) -> str | None:
        return value or None


class Hints(Table):
    """Table 7, os:scheduler_hints."""

    group: str | None = None
    different_host: list[str] | None = None
    same_host: list[str] | None = None
    cidr: str | None = None
    build_near_host_ip: str | None = None
    tenancy: str | None = None
    dedicated_host_id: str | None = None


class ServerTable(Table):
    """Table 3, server."""

    image_ref: str | None = Field(default=None, alias="imageRef")
    flavor_ref: str | None = Field(default=None, alias="flavorRef")
    name: str | None = None
    admin_pass: SecretStr | None = Field(default=None, alias="adminPass")
    metadata: dict[str, Any] | None = None
    block_device_mapping_v2: list[BlockDevice] | None = None
    config_drive: Any = None
    security_groups: list[SecurityGroupName] | None = None
    networks: list[NetworkEntry] | None = None
    key_name: str | None = None
    user_data: SecretStr | None = None
    availability_zone: str | None = None
    return_reservation_id: bool | None = None
    min_count: int | None = None
    max_count: int | None = None
    disk_config: str | None = Field(default=None, alias="OS-DCF:diskConfig")
    description: str | None = None
    auto_terminate_time: str | None = None
    personality: Any = None


class CreateRequest(Table):
    """Table 2, the request."""

    server: ServerTable
    hints: Hints | None = Field(default=None, alias="os:scheduler_hints")
