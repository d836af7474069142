"""`Server`: one ECS, with the ports and disks that make it safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_openstack import blockstorage, compute, networking

from components.accepted import accepted
from components.ecs import wire
from components.ecs.disk import ImageDisk, SnapshotDisk, VolumeDisk
from components.ecs.nic import NetworkNic, PortNic
from components.ecs.server_args import ServerArgs
from components.inputs import then
from components.network.lookup import security_group_id, subnet_of


class Server(pulumi.ComponentResource):
    """One ECS (Tables 3, 4, 6 and 7).

    Each NIC on a network gets a port of its own; a boot disk with a type and each data disk a volume of its own. A disk with
    `delete_on_termination` false is kept when it goes out of the stack (ECS-211). Raises `ArgumentError`, with every mistake, before
    anything is registered.
    """

    server_id: pulumi.Output[str]
    """The id of the ECS."""

    name: pulumi.Output[str]
    """Its name."""

    addresses: pulumi.Output[list[str]]
    """The address of each NIC, in the order of `networks`."""

    disk_ids: pulumi.Output[list[str]]
    """The ids of the disks that the arguments name or the component made (ECS-214)."""

    def __init__(
        self, name: str, args: ServerArgs | Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = accepted(ServerArgs, args, f"server {name!r}")
        super().__init__("ecs:index:Server", name, wire.request_body(args, name), opts)

        ports = [self._port(name, number, nic, args) for number, nic in enumerate(args.networks)]
        boot_volume = self._boot_volume(name, args)
        instance = compute.Instance(
            name,
            **wire.instance_inputs(args, name, [port for port, _ in ports], boot_volume),
            opts=pulumi.ResourceOptions(
                parent=self,
                # A port and a boot disk have room for one ECS, so the old one goes first.
                delete_before_replace=True,
                # An image change in place wipes the disk behind an ordinary-looking update; a failed creation would be green next time.
                replace_on_changes=["imageId", "imageName", "personalities", "#initerror"],
                # The plugin hashes this set differently from run to run; the trigger takes the changes over.
                ignore_changes=["schedulerHints"],
                replacement_trigger=wire.placement(args),
            ),
        )
        self.server_id, self.name = instance.id, instance.name
        self.addresses = pulumi.Output.all(*(address for _, address in ports))
        self.disk_ids = pulumi.Output.all(*self._boot_ids(args, boot_volume), *self._data_disks(name, args, instance))
        self.register_outputs(
            {"server_id": self.server_id, "name": self.name, "addresses": self.addresses, "disk_ids": self.disk_ids}
        )

    def _port(
        self, name: str, number: int, nic: PortNic | NetworkNic, args: ServerArgs
    ) -> tuple[pulumi.Input[str], pulumi.Output[str]]:
        """The id and the address of the port of a NIC; made here for a NIC on a network."""
        if isinstance(nic, PortNic):
            found = networking.get_port_output(port_id=nic.port, opts=pulumi.InvokeOutputOptions(parent=self))
            return nic.port, found.all_fixed_ips.apply(lambda ips: ips[0] if ips else "")
        fixed = None
        if nic.fixed_ip is not None:
            subnet = nic.subnet_id or subnet_of(nic.uuid, nic.fixed_ip, self)
            fixed = [networking.PortFixedIpArgs(subnet_id=subnet, ip_address=then(nic.fixed_ip, str))]
        port = networking.Port(
            f"{name}-nic-{number}",
            name=f"{name}-nic-{number}",
            network_id=nic.uuid,
            fixed_ips=fixed,
            security_group_ids=[security_group_id(group, self) for group in args.security_groups] or None,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return port.id, port.all_fixed_ips.apply(lambda ips: ips[0] if ips else "")

    def _boot_volume(self, name: str, args: ServerArgs) -> pulumi.Output[str] | None:
        boot = args.boot
        if not isinstance(boot, ImageDisk | SnapshotDisk) or boot.volume_type is None:
            return None
        volume = blockstorage.Volume(
            f"{name}-boot",
            **wire.volume_inputs(boot, f"{name}-boot", args.availability_zone),
            opts=pulumi.ResourceOptions(
                parent=self,
                retain_on_delete=not boot.delete_on_termination,
                # The old one is in use until the old ECS is gone, so the new one comes first.
                delete_before_replace=False,
                # Another ECS boots from a fresh disk, as it would if Nova made the disk.
                replacement_trigger=wire.created_with(args),
            ),
        )
        return volume.id

    @staticmethod
    def _boot_ids(args: ServerArgs, boot_volume: pulumi.Output[str] | None) -> list[pulumi.Input[str]]:
        if boot_volume is not None:
            return [boot_volume]
        return [args.boot.uuid] if isinstance(args.boot, VolumeDisk) else []

    def _data_disks(self, name: str, args: ServerArgs, instance: compute.Instance) -> list[pulumi.Input[str]]:
        ids: list[pulumi.Input[str]] = []
        for disk in args.disks:
            label = f"{name}-disk-{disk.name or 0}"
            volume: pulumi.Input[str]
            if isinstance(disk, VolumeDisk):
                volume = disk.uuid
            else:
                volume = blockstorage.Volume(
                    label,
                    **wire.volume_inputs(disk, label, args.availability_zone),
                    opts=pulumi.ResourceOptions(parent=self, retain_on_delete=not disk.delete_on_termination),
                ).id
            compute.VolumeAttach(
                label,
                instance_id=instance.id,
                volume_id=volume,
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
            ids.append(volume)
        return ids
