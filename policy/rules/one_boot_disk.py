"""There is at most one boot disk, and one where a disk comes from a volume."""

from __future__ import annotations

from collections.abc import Iterator

from policy.disks import BootDevices
from policy.rule import Finding, Outcome, Rule, Undetermined
from policy.view import Request

NO_BOOT = "comes from a volume, but no disk has a boot_index of 0"


def check(request: Request) -> Iterator[Outcome]:
    """Refuse a second boot disk, and a volume where nothing boots."""
    devices = BootDevices.of(request)
    # Our component boots from its image, and attaches an existing volume once the ECS is there.
    attached = request.attaches and request.server.given("imageRef")
    # A raw disk whose index is unset is the mistake of another rule: here only what was written counts as a second one.
    for second in devices.written[1:]:
        yield Finding(
            f"{second}.{'bootIndex' if request.raw else 'boot_index'}",
            f"makes a second boot disk beside {devices.written[0]}",
        )
    if devices.unknown and len(devices.written) <= 1:
        several = len(devices.booting) + len(devices.unknown) > 1
        if several or (not attached and (devices.volumes or devices.unknown_source)):
            yield Undetermined(devices.unknown[0])
    elif not devices.booting and not attached:
        for volume in devices.volumes[:1]:
            yield Finding(volume, NO_BOOT)
        if devices.unknown_source and not devices.volumes:
            yield Undetermined(devices.unknown_source[0])


RULE = Rule(id="ECS-206", check=check, fix="Give exactly one disk a boot_index of 0, and every other -1")
