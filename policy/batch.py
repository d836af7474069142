"""Whether a request asks for more than one ECS: read by the rules for batches."""

from __future__ import annotations

from policy.disks import BootDevices
from policy.view import Request, whole

COUNTS = ("max_count", "min_count")


def is_batch(request: Request) -> bool | None:
    """Say whether more than one ECS is asked for; None where a count that is not known yet decides."""
    server = request.server
    if server.unknown:
        return None
    known = [whole(server.value(key)) for key in COUNTS if server.known(key)]
    if any(count is not None and count > 1 for count in known):
        return True
    return False if len(known) == len(COUNTS) else None


def subject(request: Request) -> str:
    """Return the key of the count that makes it a batch, or may make it one."""
    server = request.server
    if server.unknown:
        return COUNTS[0]
    for key in COUNTS:
        if server.known(key) and (whole(server.value(key)) or 0) > 1:
            return key
    return next((key for key in COUNTS if not server.known(key)), COUNTS[0])


def boots_without_image(request: Request) -> bool:
    """Say whether disks boot the ECS and none of them comes from an image, or may come from one that is not known yet."""
    devices = BootDevices.of(request)
    from_image = request.server.given("imageRef") or devices.from_image or devices.unknown_source
    return not from_image and bool(devices.booting or devices.unknown)
