"""From settings to components: names of the stack become the Outputs of what they name."""

from __future__ import annotations

from typing import Any

import pulumi

from components.ecs.batch_args import BatchArgs, BatchNic
from components.ecs.disk import VolumeDisk
from components.ecs.hints import SchedulerHints
from components.ecs.key_pair import KeyPair
from components.ecs.nic import NetworkNic
from components.ecs.server import Server
from components.ecs.server_args import ServerArgs
from components.ecs.server_batch import ServerBatch
from components.ecs.server_group import ServerGroup
from components.network.network import Network
from components.network.security_group import SecurityGroup
from components.storage.disk import Disk
from stacks.cells import parts
from stacks.settings import BatchSettings, ServerSettings, Settings, StackBatchNic, StackDisk, StackNic

PROTECTED = ("staging", "prod")
"""The environments in which servers and batches are protected by default."""


class Made:
    """What the stack has made so far, by name."""

    def __init__(self, settings: Settings) -> None:
        stated = settings.protection.servers
        self._protected = parts(pulumi.get_stack())[0] in PROTECTED if stated is None else stated
        self._consent = settings.consent
        self.networks = {name: Network(name, args) for name, args in settings.networks.items()}
        self.security_groups = {name: SecurityGroup(name, args) for name, args in settings.security_groups.items()}
        self.server_groups = {name: ServerGroup(name, args) for name, args in settings.server_groups.items()}
        self.key_pairs = {name: KeyPair(name, args) for name, args in settings.key_pairs.items()}
        self.disks = {name: Disk(name, args) for name, args in settings.disks.items()}

    def server_args(self, label: str, stated: ServerSettings) -> ServerArgs:
        """The arguments of a server, in which every name of this stack is the Output of what it names."""
        fields = self._launch(label, stated)
        fields["networks"] = tuple(self._nic(nic) for nic in stated.networks)
        fields["disks"] = tuple(
            VolumeDisk(uuid=self.disks[disk.disk].disk_id, name=disk.disk, delete_on_termination=False)
            if isinstance(disk, StackDisk)
            else disk
            for disk in stated.disks
        )
        return ServerArgs.model_construct(set(fields), **fields)

    def batch_args(self, label: str, stated: BatchSettings) -> BatchArgs:
        """The arguments of a batch, in which every name of this stack is the Output of what it names."""
        fields = self._launch(label, stated)
        fields["networks"] = tuple(self._batch_nic(nic) for nic in stated.networks)
        return BatchArgs.model_construct(set(fields), **fields)

    def _launch(self, label: str, stated: ServerSettings | BatchSettings) -> dict[str, Any]:
        fields: dict[str, Any] = {name: getattr(stated, name) for name in stated.model_fields_set}
        fields.setdefault("deletion_protection", self._protected)
        fields["consent"] = (*stated.consent, *self._consent.get(label, ()))
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
        return fields

    def _nic(self, nic: Any) -> Any:
        if not isinstance(nic, StackNic):
            return nic
        network = self.networks[nic.network]
        return NetworkNic(uuid=network.network_id, fixed_ip=nic.fixed_ip, subnet_id=network.subnet_id)

    def _batch_nic(self, nic: Any) -> Any:
        if not isinstance(nic, StackBatchNic):
            return nic
        network = self.networks[nic.network]
        return BatchNic(uuid=network.network_id, subnet_id=network.subnet_id)


def build(settings: Settings) -> None:
    """Everything that the settings state, and the stack's outputs: for each server its id and addresses, for each batch its members."""
    made = Made(settings)
    servers = {name: Server(name, made.server_args(name, stated)) for name, stated in settings.servers.items()}
    batches = {name: ServerBatch(name, made.batch_args(name, stated)) for name, stated in settings.batches.items()}
    pulumi.export("servers", {name: {"id": one.server_id, "addresses": one.addresses} for name, one in servers.items()})
    pulumi.export(
        "batches", {name: {"members": one.members, "shortfall": one.shortfall} for name, one in batches.items()}
    )
