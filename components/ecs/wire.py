"""From arguments to what is sent: the documented request, and the inputs of the resources we wrap. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pulumi
from pydantic import SecretStr

from components.ecs.disk import BlankDisk, DataDisk, ImageBoot, ImageDisk, SnapshotDisk, VolumeDisk
from components.ecs.hints import SchedulerHints
from components.ecs.nic import Nic, PortNic
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


def user_data(args: ServerArgs) -> Any:
    """The base64 of the user data as a secret Output, or None."""
    return secret(args.user_data_base64) if args.user_data is None else secret(args.user_data, encoded)


def metadata(args: ServerArgs) -> Body:
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
        "name": name if args.name is None else args.name,
        "flavorRef": args.flavor_ref,
        "imageRef": image,
        "availability_zone": args.availability_zone,
        "block_device_mapping_v2": disks or None,
        "networks": [_network(nic) for nic in args.networks],
        "security_groups": [{"name": group} for group in args.security_groups] or None,
        "key_name": args.key_name,
        "adminPass": secret(args.admin_pass),
        "user_data": user_data(args),
        "metadata": metadata(args) or None,
    }
    hints = _hints(args.scheduler_hints)
    return {"server": _present(server)} | ({"os:scheduler_hints": hints} if hints else {})


def instance_inputs(args: ServerArgs, name: str, ports: list[Any], boot_volume: Any | None) -> Body:
    """The inputs of `openstack.compute.Instance`: `ports` are the ids of the NICs' ports, in order.

    `boot_volume` is the id of the disk that the component made for a boot source with a type, which the plugin could only send with
    microversion 2.67. The security groups are on the ports: named on the instance too they have no effect at creation, and the
    plugin would put them on the ports later (ECS-109).
    """
    inputs: Body = {
        "name": name if args.name is None else args.name,
        "flavor_id": args.flavor_ref,
        "availability_zone": args.availability_zone,
        "networks": [{"port": port} for port in ports],
        "key_pair": args.key_name,
        "admin_pass": secret(args.admin_pass),
        "user_data": user_data(args),
        "metadata": metadata(args) or None,
    }
    if isinstance(args.boot, ImageBoot):
        inputs["image_id"] = args.boot.image_ref
    else:
        inputs["block_devices"] = [_block_device(args.boot, boot_volume)]
    hints = _hints(args.scheduler_hints)
    if hints:
        extra = {key: hints[key] for key in ("tenancy", "dedicated_host_id") if key in hints}
        inputs["scheduler_hints"] = [
            _present({"group": hints.get("group"), "additional_properties": extra or None}),
        ]
    return _present(inputs)


def _block_device(boot: ImageDisk | SnapshotDisk | VolumeDisk, boot_volume: Any | None) -> Body:
    device = {"boot_index": 0, "destination_type": "volume", "delete_on_termination": boot.delete_on_termination}
    if boot_volume is not None:
        # The component's own disk is deleted by the component, after the ECS: a cloud that did it would take the disk away from an ECS that
        # replaces this one, such as after a failed creation.
        return device | {"source_type": "volume", "uuid": boot_volume, "delete_on_termination": False}
    size = getattr(boot, "volume_size", None)
    return device | _present({"source_type": boot.source_type, "uuid": boot.uuid, "volume_size": size})


def _fingerprint(secret_text: Any) -> Any:
    """A digest that is no secret: the engine cannot write a secret trigger into its JSON output."""
    if secret_text is None:
        return None
    return pulumi.Output.unsecret(secret_text.apply(lambda text: hashlib.sha256(text.encode()).hexdigest()))


def volume_inputs(disk: ImageDisk | SnapshotDisk | BlankDisk, name: Any, zone: Any) -> Body:
    """The inputs of `openstack.blockstorage.Volume` for a disk of the ECS, in its AZ (ECS-212)."""
    return _present(
        {
            "name": name,
            "availability_zone": zone,
            "size": disk.volume_size,
            "volume_type": disk.volume_type,
            "image_id": disk.uuid if isinstance(disk, ImageDisk) else None,
            "snapshot_id": disk.uuid if isinstance(disk, SnapshotDisk) else None,
        }
    )


def placement(args: ServerArgs) -> Body:
    """The scheduler hints (Table 7) as they are sent; empty without any."""
    return _hints(args.scheduler_hints)


def created_with(args: ServerArgs) -> list[Any]:
    """What an ECS is created with and cannot change in place: another value means another ECS, and so another boot disk."""
    return [
        args.availability_zone,
        [nic.port if isinstance(nic, PortNic) else nic.uuid for nic in args.networks],
        args.key_name,
        placement(args),
        _fingerprint(user_data(args)),
    ]
