"""A create call as it came: any type anywhere, read without refusing anything."""

import re
from typing import Any, NamedTuple

from sandbox.faults import Json
from sandbox.world import Version

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_YES = ("true", "on", "yes", "1")
_NO = ("false", "off", "no", "0")


def absent(value: Any) -> bool:
    """Tell whether a value says nothing: null, or an empty text, list or object."""
    return value is None or value in ("", [], {})


def objects(value: Any) -> list[Json]:
    """Return the entries of a list; what is no object says nothing, and keeps its place so that the others keep theirs."""
    return [one if isinstance(one, dict) else {} for one in value] if isinstance(value, list) else []


def number(value: Any) -> int | None:
    """Return a whole number that may be quoted, None for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(value: Any) -> bool | None:
    """Return a boolean that may be quoted, None for anything else."""
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else None
    return True if word in _YES else False if word in _NO else None


def boot_index_of(disk: Json) -> int | None:
    """Return a disk's boot index: -1 where it is not set, None where it is no number."""
    value = disk.get("boot_index")
    return -1 if value is None or value == "" else number(value)


class Asked(NamedTuple):
    """A create call as it came."""

    server: Json
    hints: Json
    version: Version

    @property
    def disks(self) -> list[Json]:
        """The disk mappings."""
        return objects(self.server.get("block_device_mapping_v2"))

    @property
    def nics(self) -> list[Json]:
        """The NICs."""
        return objects(self.server.get("networks"))

    @property
    def image(self) -> Any:
        """The image, or None; the empty text that some clients send beside a boot disk counts as none."""
        value = self.server.get("imageRef")
        return None if absent(value) else value

    @property
    def boots(self) -> list[Json]:
        """The disks that say that they are booted from."""
        return [disk for disk in self.disks if boot_index_of(disk) == 0]

    @property
    def is_batch(self) -> bool:
        """Whether more than one ECS is asked for."""
        return any((number(self.server.get(key)) or 1) > 1 for key in ("min_count", "max_count"))

    @property
    def lacks_image(self) -> bool:
        """Whether it boots, and not from an image."""
        from_image = self.image is not None or any(disk.get("source_type") == "image" for disk in self.disks)
        return bool(self.boots) and not from_image
