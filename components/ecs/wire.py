"""From arguments to what is sent: the documented request, and the inputs of the resources we wrap. Pure."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pulumi
from pydantic import SecretStr

from components.ecs.batch_args import BatchArgs, BatchNic
from components.ecs.disk import BlankDisk, DataDisk, ImageBoot, ImageDisk, SnapshotDisk, VolumeDisk
from components.ecs.hints import SchedulerHints
from components.ecs.launch_args import LaunchArgs
from components.ecs.nic import NetworkNic, Nic, PortNic
from components.ecs.server_args import ServerArgs
from components.inputs import then

Body = dict[str, Any]


def secret(value: Any, change: Callable[[str], str] = str) -> Any:
    """A secret Output of `change` of a `SecretStr` or of an Output of one; None stays None."""
    if value is None:
        return None
    plain = then(value, lambda v: change(v.get_secret_value() if isinstance(v, SecretStr) else v))
    return pulumi.Output.secret(plain)


def encoded(text: str) -> str:
    """Text as base64: the plugin leaves text that already looks like base64 alone, so it never gets to choose (ECS-111)."""
    return base64.b64encode(text.encode()).decode()


def user_data(args: LaunchArgs) -> Any:
    """The base64 of the user data as a secret Output, or None."""
    return secret(args.user_data_base64) if args.user_data is None else secret(args.user_data, encoded)


def metadata(args: LaunchArgs) -> Body:
    """The metadata, with `admin_pass` (the password of a Windows ECS) secret."""
    return {key: secret(value) if key == "admin_pass" else value for key, value in args.metadata.items()}


def _present(fields: Body) -> Body:
    return {key: value for key, value in fields.items() if value is not None}


def _mapping(disk: DataDisk, boot_index: int) -> Body:
    return _present(
        {
            "source_type": disk.source_type,
            "destination_type": disk.destination_type,
            "boot_index": boot_index,
            "uuid": getattr(disk, "uuid", None),
            "volume_size": getattr(disk, "volume_size", None),
            "volume_type": getattr(disk, "volume_type", None),
            # Left out where the default was not chosen but happened, so that a policy can say what that means (ECS-211).
            "delete_on_termination": disk.delete_on_termination
            if "delete_on_termination" in disk.model_fields_set
            else None,
        }
    )


def _network(nic: Nic) -> Body:
    if isinstance(nic, PortNic):
        return {"port": nic.port}
    return _present({"uuid": nic.uuid, "fixed_ip": None if nic.fixed_ip is None else then(nic.fixed_ip, str)})


def _hints(hints: SchedulerHints | None) -> Body:
    if hints is None:
        return {}
    return _present({"group": hints.group, "tenancy": hints.tenancy, "dedicated_host_id": hints.dedicated_host_id})


def request_body(args: ServerArgs, name: str) -> Body:
    """The documented request (Tables 2, 3, 4, 6 and 7) that the arguments state; its secrets are secret Outputs.

    It is the component's own inputs, so that policies read what was asked for in the document's words.
    """
    disks = [_mapping(disk, -1) for disk in args.disks]
    if isinstance(args.boot, ImageBoot):
        image = args.boot.image_ref
    else:
        image = None
        disks.insert(0, _mapping(args.boot, 0))
    server = {
        **_launch_body(args, name),
        "imageRef": image,
        "block_device_mapping_v2": disks or None,
        "networks": [_network(nic) for nic in args.networks],
    }
    return _request(server, args)


def batch_body(args: BatchArgs, name: str) -> Body:
    """The documented request of a batch; see `request_body`."""
    server = {
        **_launch_body(args, name),
        "imageRef": args.image_ref,
        "networks": [{"uuid": nic.uuid} for nic in args.networks],
        "min_count": args.min_count,
        "max_count": args.most,
        "return_reservation_id": True,
    }
    return _request(server, args)


def _launch_body(args: LaunchArgs, name: str) -> Body:
    return {
        "name": name if args.name is None else args.name,
        "flavorRef": args.flavor_ref,
        "availability_zone": args.availability_zone,
        "security_groups": [{"name": group} for group in args.security_groups] or None,
        "key_name": args.key_name,
        "adminPass": secret(args.admin_pass),
        "user_data": user_data(args),
        "metadata": metadata(args) or None,
        "description": args.description or None,
    }


def _request(server: Body, args: LaunchArgs) -> Body:
    hints = _hints(args.scheduler_hints)
    return {"server": _present(server)} | ({"os:scheduler_hints": hints} if hints else {})


def server_inputs(args: ServerArgs, name: str) -> Body:
    """The inputs of the native server: the documented words, flat, and what the document has no word for.

    Security groups are for the ports that the cloud makes; beside ports alone they have no effect and are left out (ECS-109).
    """
    if isinstance(args.boot, ImageBoot):
        boot: Body = {"imageRef": args.boot.image_ref}
    else:
        boot = {"boot": _disk(args.boot)}
    makes_ports = any(not isinstance(nic, PortNic) for nic in args.networks)
    return _present(
        {
            **_launch_inputs(args, name),
            **boot,
            "networks": [_native_nic(nic) for nic in args.networks],
            "security_groups": list(args.security_groups) or None if makes_ports else None,
            "disks": [{"name": disk.name or "0", **_disk(disk)} for disk in args.disks] or None,
            "tags": list(args.tags) or None,
            "power_state": args.power_state,
            "on_image_change": args.on_image_change,
        }
    )


def batch_inputs(args: BatchArgs, name: str) -> Body:
    """The inputs of the native batch, in the documented words, flat."""
    return _present(
        {
            **_launch_inputs(args, name),
            "imageRef": args.image_ref,
            "networks": [{"uuid": _after_subnet(nic)} for nic in args.networks],
            "security_groups": list(args.security_groups) or None,
            "min_count": args.min_count,
            "max_count": args.most,
            "remove": list(args.remove) or None,
        }
    )


def _launch_inputs(args: LaunchArgs, name: str) -> Body:
    return {
        "name": name if args.name is None else args.name,
        "flavorRef": args.flavor_ref,
        "availability_zone": args.availability_zone,
        "key_name": args.key_name,
        "adminPass": secret(args.admin_pass),
        "user_data": user_data(args),
        "metadata": metadata(args) or None,
        "description": args.description or None,
        "scheduler_hints": _hints(args.scheduler_hints) or None,
        "on_failure": args.on_failure,
        "deletion_protection": args.deletion_protection,
        "consent": list(args.consent),
    }


def _disk(disk: ImageDisk | SnapshotDisk | VolumeDisk | BlankDisk) -> Body:
    return _present(
        {
            "source_type": disk.source_type,
            "uuid": getattr(disk, "uuid", None),
            "volume_size": getattr(disk, "volume_size", None),
            "volume_type": getattr(disk, "volume_type", None),
            "delete_on_termination": disk.delete_on_termination,
        }
    )


def _native_nic(nic: Nic) -> Body:
    if isinstance(nic, PortNic):
        return {"port": nic.port}
    return _present({"uuid": _after_subnet(nic), "fixed_ip": None if nic.fixed_ip is None else then(nic.fixed_ip, str)})


def _after_subnet(nic: NetworkNic | BatchNic) -> Any:
    """The network's id, known no sooner than the subnet's: without a subnet the cloud would give the NIC no address."""
    if not isinstance(nic.subnet_id, pulumi.Output):
        return nic.uuid
    return pulumi.Output.all(nic.uuid, nic.subnet_id).apply(lambda both: both[0])
