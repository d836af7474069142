"""How images are made and kept.

Of the bytes that are uploaded only the size and the digests are kept; those of a small image are kept too, so that it
can be downloaded again.
"""

import base64
import hashlib
from typing import Any

from sandbox.faults import Json
from sandbox.world import World, new_id

KEPT_BYTES = 64 * 1024
"""Up to this size the bytes of an image are kept."""

LARGEST_BYTES = 64 * 1024 * 1024
"""The largest image that can be uploaded: it passes through memory."""

DISK_FORMATS = ("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop", "zvhd", "zvhd2")
CONTAINER_FORMATS = ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")


def image_record(world: World, name: str | None, **given: Any) -> Json:
    """Return a new image, not yet filed: `queued` until its bytes come."""
    record: Json = {
        "id": new_id(),
        "name": name,
        "status": "queued",
        "visibility": "shared",
        "protected": False,
        "os_hidden": False,
        "container_format": None,
        "disk_format": None,
        "min_disk": 0,
        "min_ram": 0,
        "size": None,
        "checksum": None,
        "os_hash_value": None,
        "ours": True,
        "tags": [],
        "properties": {},
        "created_at": world.now(),
        "updated_at": world.now(),
    }
    return record | given


def fill(world: World, image: Json, raw: bytes) -> Json:
    """Give an image its bytes; it is `active` now. Returns it, filed."""
    if len(raw) <= KEPT_BYTES:
        world.store.add("image_data", {"id": image["id"], "base64": base64.b64encode(raw).decode()})
    known = {
        "status": "active",
        "size": len(raw),
        "checksum": hashlib.md5(raw, usedforsecurity=False).hexdigest(),
        "os_hash_value": hashlib.sha512(raw).hexdigest(),
        "updated_at": world.now(),
    }
    return world.store.save("image", image | known)


def bytes_of(world: World, image_id: str) -> bytes | None:
    """Return the bytes of an image, None where they were not kept."""
    kept = world.store.get("image_data", image_id)
    return None if kept is None else base64.b64decode(kept["base64"])


def remove(world: World, image: Json) -> None:
    """Forget an image and its bytes."""
    world.store.remove("image_data", image["id"])
    world.store.remove("image", image["id"])
