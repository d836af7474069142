"""From settings to components: names of the stack become the Outputs of what they name."""

from __future__ import annotations

from typing import Any

import pulumi

from components.ecs.disk import VolumeDisk
from components.ecs.hints import SchedulerHints
from components.ecs.key_pair import KeyPair
from components.ecs.nic import NetworkNic
from components.ecs.server import Server
from components.ecs.server_args import ServerArgs
from components.ecs.server_group import ServerGroup
from components.network.network import Network
from components.network.security_group import SecurityGroup
from components.storage.disk import Disk
from stacks.settings import ServerSettings, Settings, StackDisk, StackNic


class Made:
    """What the stack has made so far, by name."""

    def __init__(self, settings: Settings) -> None:
        self.networks = {name: Network(name, args) for name, args in settings.networks.items()}
        self.security_groups = {name: SecurityGroup(name, args) for name, args in settings.security_groups.items()}
        self.server_groups = {name: ServerGroup(name, args) for name, args in settings.server_groups.items()}
        self.key_pairs = {name: KeyPair(name, args) for name, args in settings.key_pairs.items()}
        self.disks = {name: Disk(name, args) for name, args in settings.disks.items()}

    def server_args(self, stated: ServerSettings) -> ServerArgs:
        """The arguments of a server, in which every name of this stack is the Output of what it names."""
        fields: dict[str, Any] = {name: getattr(stated, name) for name in stated.model_fields_set}
        fields["networks"] = tuple(self._nic(nic) for nic in stated.networks)
        fields["disks"] = tuple(
            VolumeDisk(uuid=self.disks[disk.disk].disk_id, name=disk.disk, delete_on_termination=False)
            if isinstance(disk, StackDisk)
            else disk
            for disk in stated.disks
        )
        fields["security_groups"] = tuple(
            self.security_groups[group].security_group_id if group in self.security_groups else group
            for group in stated.security_groups
        )
        if stated.key_name in self.key_pairs:
            fields["key_name"] = self.key_pairs[str(stated.key_name)].key_name
        if stated.scheduler_hints is not None:
            hints = stated.scheduler_hints
            group = (
                hints.group if hints.server_group is None else self.server_groups[hints.server_group].server_group_id
            )
            fields["scheduler_hints"] = SchedulerHints(
                group=group, tenancy=hints.tenancy, dedicated_host_id=hints.dedicated_host_id
            )
        return ServerArgs.model_construct(set(fields), **fields)

    def _nic(self, nic: Any) -> Any:
        if not isinstance(nic, StackNic):
            return nic
        network = self.networks[nic.network]
        return NetworkNic(uuid=network.network_id, fixed_ip=nic.fixed_ip, subnet_id=network.subnet_id)


def build(settings: Settings) -> None:
    """Everything that the settings state, and the stack's outputs: for each server its id and addresses."""
    made = Made(settings)
    servers = {name: Server(name, made.server_args(stated)) for name, stated in settings.servers.items()}
    pulumi.export("servers", {name: {"id": one.server_id, "addresses": one.addresses} for name, one in servers.items()})
