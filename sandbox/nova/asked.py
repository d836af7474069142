"""A create call as it came: any type anywhere, read without refusing anything."""

from typing import Any, NamedTuple

from sandbox import lenient
from sandbox.faults import Json
from sandbox.world import Version


def objects(value: Any) -> list[Json]:
    """Return the objects of a list; what is none is refused later, by its type."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number(value: Any) -> int | None:
    """Return a whole number that may be quoted, None for anything else."""
    try:
        return lenient.integer(value)
    except ValueError:
        return None


def boot_index_of(disk: Json) -> int | None:
    """Return a disk's boot index: -1 where it is not set, None where it is no number."""
    value = disk.get("boot_index")
    return -1 if value is None or value == "" else number(value)


class Asked(NamedTuple):
    """A create call as it came."""

    server: Json
    hints: Any
    version: Version

    @property
    def disks(self) -> list[Json]:
        """The disk mappings that are objects; the others are refused later, by their type."""
        return objects(self.server.get("block_device_mapping_v2"))

    @property
    def nics(self) -> list[Json]:
        """The NICs that are objects."""
        return objects(self.server.get("networks"))

    @property
    def image(self) -> Any:
        """The image, or None; the empty text that some clients send beside a boot disk counts as none."""
        return self.server.get("imageRef") or None
