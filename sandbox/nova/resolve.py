"""From names to things: what a create call refers to, looked up, and what the document refuses about those things."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.cinder.model import find_type
from sandbox.faults import Fault, Json
from sandbox.nova.sale import is_abandoned
from sandbox.nova.wanted import Disk, Nic, Wanted
from sandbox.routing import Call
from sandbox.world import World

_ONE_PORT = (
    "Unable to launch multiple instances with a single configured port ID. "
    "Please launch your instance one by one with different ports."
)
_ONE_ADDRESS = "max_count cannot be greater than 1 if an fixed_ip is specified."

BMS = "ironic"
"""The resource type of flavors that are whole machines."""


@dataclass
class Parts:
    """Everything that a create call refers to."""

    flavor: Json
    zone: str
    image: Json | None = None
    key: Json | None = None
    group: Json | None = None
    nics: list[tuple[Nic, Json, Json | None]] = field(default_factory=list)
    """Each NIC with its network, and its port if there is one already."""
    disks: list[tuple[Disk, Json]] = field(default_factory=list)
    """Each disk with its source; a blank one has none (`{}`)."""
    security_groups: list[Json] = field(default_factory=list)


def resolve(call: Call, wanted: Wanted) -> Parts:
    """Look up what `wanted` refers to; raises a `Fault` as Nova does for what is not there."""
    world = call.world
    flavor = find_flavor(world, wanted.flavor)
    if flavor is None:
        raise Fault(400, f"Flavor {wanted.flavor} could not be found.")
    parts = Parts(flavor=flavor, zone=_zone(world, wanted))
    if wanted.image:
        parts.image = world.need("image", wanted.image, Fault(400, "Can not find requested image"))
    if wanted.key_name is not None:
        parts.key = world.need("keypair", wanted.key_name, Fault(400, "Invalid key_name provided."))
    if wanted.group is not None:
        missing = Fault(400, f"Instance group {wanted.group} could not be found.")
        parts.group = world.need("server_group", str(wanted.group), missing)
    parts.security_groups = [find_security_group(call, name) for name in dict.fromkeys(wanted.security_groups)]
    parts.nics = _nics(call, wanted)
    if not world.ecs and (not wanted.image or wanted.disks):
        _check_boot(wanted)
    parts.disks = [(disk, _source(world, wanted, disk)) for disk in wanted.disks]
    if world.ecs:
        _refuse_things(wanted, parts)
    return parts


def find_flavor(world: World, wanted: str) -> Json | None:
    """Return the flavor with this id."""
    return world.store.get("flavor", wanted)


def find_security_group(call: Call, wanted: str) -> Json:
    """Return the security group with this id or name; raises a `Fault` (400) if there is none."""
    store = call.world.store
    found = store.get("security_group", wanted)
    if found is None:
        named = store.all("security_group", name=wanted)
        if len(named) > 1:
            message = f"Multiple security_group matches found for name '{wanted}', use an ID to be more specific."
            raise Fault(409, message)
        found = named[0] if named else None
    if found is None:
        raise Fault(400, f"Unable to find security_group with name or id '{wanted}'")
    return found


def _zone(world: World, wanted: Wanted) -> str:
    zones = [zone["id"] for zone in world.store.all("zone")]
    asked, _, host = (wanted.zone or zones[0]).partition(":")
    if host:
        raise Fault(403, "Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.")
    if asked not in zones:
        raise Fault(400, "The requested availability zone is not available")
    return asked


def _nics(call: Call, wanted: Wanted) -> list[tuple[Nic, Json, Json | None]]:
    world = call.world
    if wanted.nics == "none":
        return []
    if wanted.nics is None or wanted.nics in ("auto", ()):
        own = [one for one in world.store.all("network") if not one["router:external"]]
        if len(own) > 1:
            raise Fault(409, "Multiple possible networks found, use a Network ID to be more specific.")
        return [(Nic(uuid=network["id"]), network, None) for network in own]
    batch = wanted.max_count > 1
    found: list[tuple[Nic, Json, Json | None]] = []
    for nic in wanted.nics:
        if not isinstance(nic, Nic):
            continue
        if batch and (nic.port or nic.fixed_ip):
            raise Fault(400, "Failed to launch instances: " + (_ONE_PORT if nic.port else _ONE_ADDRESS))
        found.append(_nic(world, nic))
    ports = [port["id"] for _, _, port in found if port]
    for port_id in ports:
        if ports.count(port_id) > 1:
            twice = "was specified twice: you cannot attach a port multiple times."
            raise Fault(400, f"Port ID '{port_id}' {twice}")
    return found


def _nic(world: World, nic: Nic) -> tuple[Nic, Json, Json | None]:
    if nic.port is None:
        missing = Fault(400, f"Network {nic.uuid} could not be found.")
        return nic, world.need("network", str(nic.uuid), missing), None
    port = world.need("port", nic.port, Fault(400, f"Port id {nic.port} could not be found."))
    if port["device_id"]:
        raise Fault(409, f"Port {nic.port} is still in use.")
    network = world.need("network", port["network_id"], Fault(400, f"Network {port['network_id']} could not be found."))
    return nic, network, port


def _source(world: World, wanted: Wanted, disk: Disk) -> Json:
    invalid = "Block Device Mapping is Invalid:"
    boots_image = wanted.image is not None and disk.boot_index == 0
    if disk.source == "image" and disk.destination == "local" and not boots_image and not world.ecs:
        raise Fault(400, f"{invalid} Mapping image to local is not supported.")
    if disk.kind is not None and find_type(world, disk.kind) is None:
        raise Fault(400, f"Volume type {disk.kind} could not be found.")
    if disk.source == "blank":
        _check_blank(disk)
        return {}
    if disk.uuid is None:
        raise Fault(400, f"{invalid} Missing device UUID.")
    missing = f"{invalid} failed to get {disk.source} {disk.uuid}."
    if disk.source == "snapshot":
        missing = f"Snapshot {disk.uuid} could not be found."
    found = world.need(disk.source, disk.uuid, Fault(400, missing))
    if disk.source == "volume":
        _check_volume(disk, found)
    if disk.source == "image" and disk.destination == "volume" and not disk.size:
        raise Fault(400, "Images with destination_type 'volume' need to have a non-zero size specified")
    if disk.source == "snapshot" and disk.size is not None and disk.size < found["size"]:
        message = f"The volume size of {disk.size} GB is smaller than its snapshot's {found['size']} GB."
        raise Fault(400, f"{invalid} {message}")
    return found


def _check_blank(disk: Disk) -> None:
    if disk.uuid:
        raise Fault(400, "Block Device Mapping is Invalid: Invalid device UUID.")
    if disk.destination == "volume" and not disk.size:
        raise Fault(400, "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size")


def _check_volume(disk: Disk, volume: Json) -> None:
    if disk.boot_index == 0 and not volume["bootable"]:
        raise Fault(400, f"Block Device {disk.uuid} is not bootable.")
    if volume["status"] != "available":
        state = f"must be available or downloading to reserve, but the current status is {volume['status']}."
        raise Fault(400, f"Invalid volume: Invalid input received: Invalid volume: Volume {disk.uuid} status {state}")


def _check_boot(wanted: Wanted) -> None:
    if not wanted.image and not wanted.disks:
        raise Fault(400, "Missing imageRef attribute")
    # The image itself is a boot device only where no mapping is given; plain Nova wants it spelled out otherwise.
    indexes = sorted(disk.boot_index for disk in wanted.disks if disk.boot_index is not None and disk.boot_index >= 0)
    if indexes != list(range(len(indexes))) or not indexes:
        message = "Boot sequence for the instance and image/block device mapping combination is not valid."
        raise Fault(400, f"Block Device Mapping is Invalid: {message}")
    if wanted.max_count > 1 and any(disk.source == "volume" for disk in wanted.disks):
        raise Fault(400, "Cannot attach one or more volumes to multiple instances")


def _refuse_things(wanted: Wanted, parts: Parts) -> None:
    """Refuse what the document refuses about the things themselves, all of it in one answer."""
    found = [*_wrong_images(parts), *_wrong_disks(parts), *_wrong_flavor(wanted, parts), *_wrong_networks(parts)]
    if found:
        raise Fault(400, " ".join(found))


def _wrong_images(parts: Parts) -> Iterator[str]:
    images = [parts.image] if parts.image else []
    images += [source for disk, source in parts.disks if disk.source == "image"]
    if any(image["properties"].get("__whole_image") == "true" for image in images):
        yield "the image is a full-ECS image: this API cannot create ECSs from it. [ECS-115]"


def _wrong_disks(parts: Parts) -> Iterator[str]:
    for place, (disk, source) in enumerate(parts.disks):
        path = f"block_device_mapping_v2[{place}]"
        if disk.source == "snapshot" and disk.boot_index == 0 and not source["bootable"]:
            yield f"{path}: the snapshot is not one of a system disk, so it cannot boot. [ECS-207]"
        if disk.source == "volume" and source["availability_zone"] != parts.zone:
            where = f"{source['availability_zone']}, the ECS in {parts.zone}"
            yield f"{path}: the disk is in AZ {where}; both must be in the same AZ. [ECS-212]"


def _wrong_flavor(wanted: Wanted, parts: Parts) -> Iterator[str]:
    if is_abandoned(parts.flavor, parts.zone):
        yield f"the flavor {parts.flavor['id']} is no longer on sale in {parts.zone} (its status there is abandon)."
    if parts.flavor["extra_specs"].get("resource_type") != BMS:
        return
    if parts.disks:
        yield "block_device_mapping_v2 is not available for BMS flavors. [ECS-216]"
    if wanted.hints:
        yield "os:scheduler_hints is not available for BMS flavors. [ECS-506]"


def _wrong_networks(parts: Parts) -> Iterator[str]:
    for place, (_, network, _) in enumerate(parts.nics):
        if network["provider:network_type"] == "geneve":
            message = "the network is of type geneve, the internal high-speed network of BMSs"
            yield f"networks[{place}]: {message}; an ECS cannot be created in it. [ECS-305]"
