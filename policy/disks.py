"""Which of a request's disks boot: read by the rules that count boot devices."""

from __future__ import annotations

from dataclasses import dataclass, field

from policy.unknown import NotYetKnownError
from policy.view import Request, View, whole

KEY = "block_device_mapping_v2"


@dataclass(slots=True)
class BootDevices:
    """The disks of a request by what is known of them; every entry is a path.

    `booting` are boot disks as the wire has them (a raw disk without an index is sent as 0), `written` those that say 0
    themselves, `blank_boot` the sources of those that are blank, `unknown` what has to be known to tell, `volumes` the disks
    from an existing volume, `unknown_source` the paths of sources that are not known yet.
    """

    number: int = 0
    booting: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    unknown_source: list[str] = field(default_factory=list)
    blank_boot: list[str] = field(default_factory=list)
    local_image: bool = False
    from_image: bool = False

    @classmethod
    def of(cls, request: Request) -> BootDevices:
        """Sort the disks of a request. Never raises for a value that is not known yet: it is listed instead."""
        found = cls()
        try:
            disks = list(request.server.each(KEY))
        except NotYetKnownError as unknown:
            found.unknown.append(unknown.path)
            found.unknown_source.append(unknown.path)
            return found
        found.number = len(disks)
        for disk in disks:
            found._add(disk, raw=request.raw)
        return found

    def _add(self, disk: View, *, raw: bool) -> None:
        if disk.unknown:
            self.unknown.append(disk.path)
            self.unknown_source.append(disk.path)
            return
        self._add_source(disk)
        if not disk.known("boot_index"):
            self.unknown.append(disk.path_of("boot_index"))
            return
        index = disk.value("boot_index")
        if index in (None, ""):
            if raw:
                self.booting.append(disk.path)
        elif whole(index) == 0:
            self.booting.append(disk.path)
            self.written.append(disk.path)
            if disk.known("source_type") and disk.value("source_type") == "blank":
                self.blank_boot.append(disk.path_of("source_type"))

    def _add_source(self, disk: View) -> None:
        if not disk.known("source_type"):
            self.unknown_source.append(disk.path_of("source_type"))
            return
        source = disk.value("source_type")
        if source == "volume":
            self.volumes.append(disk.path)
        elif source == "image":
            self.from_image = True
            self.local_image = self.local_image or (
                disk.known("destination_type") and disk.value("destination_type") == "local"
            )
