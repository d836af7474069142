"""The boot source is an image or a boot device: not neither, not both."""

from __future__ import annotations

from collections.abc import Iterator

from policy.disks import BootDevices
from policy.rule import Finding, Outcome, Rule, Undetermined
from policy.view import Request

NEITHER = "is missing, and no device of {disks} has a boot_index of 0"
NOT_SENT = "is not sent to the cloud beside {disks}, and none of them has a boot_index of 0"
BLANK_FIX = "Boot from an image, a snapshot or a volume"
BOTH = "is given beside the boot device {device}"


def check(request: Request) -> Iterator[Outcome]:
    """Compare imageRef with the boot devices. A raw instance drops its image as soon as it has block devices."""
    server = request.server
    image, path = server.given("imageRef"), server.path_of("imageRef")
    disks = server.path_of("block_device_mapping_v2")
    devices = BootDevices.of(request)
    if devices.booting:
        # A raw disk whose index is unset is the mistake of another rule, which says so: one mistake, one finding.
        if image and devices.written:
            yield Finding(path, BOTH.format(device=devices.written[0]))
        for source in devices.blank_boot:
            yield Finding(source, "is blank, and a blank disk has nothing to boot", BLANK_FIX)
    elif devices.unknown:
        yield Undetermined(devices.unknown[0])
    elif devices.volumes:
        return  # that nothing boots beside an existing volume is the document's own ECS-206
    elif not image:
        yield Finding(path, NEITHER.format(disks=disks))
    elif request.raw and devices.number and not devices.local_image:
        yield Finding(
            path, NOT_SENT.format(disks=disks), "Boot from a device with a bootIndex of 0 and leave the image out"
        )


RULE = Rule(id="ECS-104", check=check, fix="Boot from imageRef alone, or from one device with a boot_index of 0 alone")
