"""One of every kind that the plugin makes and that this project's stacks are made of, without a component of ours.

The stack's settings name what is there already; `later` switches to the second state, in which everything that can be
changed in place has changed.
"""

import pulumi
import pulumi_openstack as os_
from pulumi import ResourceOptions

config = pulumi.Config()
zone, size, prefix = config.require("zone"), config.require_int("size"), config.require("prefix")
volume_type, later = config.require("volume_type"), config.get_bool("later") or False
image = os_.images.get_image(name=config.require("image"))
flavor = os_.compute.get_flavor(name=config.require("flavor"))
bigger = os_.compute.get_flavor(name=config.require("bigger_flavor"))
there = os_.networking.get_network(name=config.require("network"))
zones = os_.compute.get_availability_zones()
public = os_.networking.get_network(name=config.require("public"))

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJh plugin"


def named(what: str) -> str:
    """Return a name of this run; the second state has others."""
    return f"{prefix}-{what}{'-2' if later else ''}"


# Its name stays: the plugin reads a server's NICs by their networks' names, and would replace every server.
network = os_.networking.Network(
    "lan", name=f"{prefix}-lan", admin_state_up=True, tags=["plugin"], description="later" if later else "first"
)
subnet = os_.networking.Subnet(
    "lan",
    name=named("lan"),
    network_id=network.id,
    cidr="10.66.0.0/24",
    dns_nameservers=["10.66.0.2", "10.66.0.3"] if later else ["10.66.0.2"],
    allocation_pools=[{"start": "10.66.0.100", "end": "10.66.0.200"}],
)
router = os_.networking.Router("edge", name=named("edge"), external_network_id=public.id, admin_state_up=True)
door = os_.networking.RouterInterface("edge", router_id=router.id, subnet_id=subnet.id)
# Its name stays: the plugin tells a server's groups apart by name, and would add a renamed one a second time.
group = os_.networking.SecGroup("web", name=f"{prefix}-web", description="later" if later else "first")
os_.networking.SecGroupRule(
    "ssh", security_group_id=group.id, direction="ingress", ethertype="IPv4", protocol="tcp",
    port_range_min=22, port_range_max=22, remote_ip_prefix="10.0.0.0/8",
)  # fmt: skip
os_.networking.SecGroupRule("ping", security_group_id=group.id, direction="ingress", ethertype="IPv4", protocol="icmp")
os_.networking.SecGroupRule(
    "among-us", security_group_id=group.id, direction="ingress", ethertype="IPv6", remote_group_id=group.id
)
on_subnet = ResourceOptions(depends_on=[subnet])


def port(name: str, address: str) -> os_.networking.Port:
    """Make a port with a fixed IP."""
    return os_.networking.Port(
        name,
        name=named(name),
        network_id=network.id,
        admin_state_up=True,
        fixed_ips=[{"subnet_id": subnet.id, "ip_address": address}],
        security_group_ids=[group.id],
        allowed_address_pairs=[{"ip_address": "10.66.0.250"}],
    )


first, second = port("first", "10.66.0.20"), port("second", "10.66.0.21")
key = os_.compute.Keypair("key", name=f"{prefix}-key", public_key=KEY)
apart = os_.compute.ServerGroup("apart", name=f"{prefix}-apart", policies="anti-affinity")

web = os_.compute.Instance(
    "web",
    name=named("web"),
    flavor_id=bigger.id if later else flavor.id,
    image_id=image.id,
    key_pair=key.name,
    availability_zone=zone,
    networks=[{"port": first.id}],
    scheduler_hints=[{"group": apart.id}],
    metadata={"role": "db"} if later else {"role": "web", "gone": "soon"},
    user_data="#cloud-config\n",
    admin_pass=pulumi.Output.secret("Second-1!" if later else "First-1!"),
    tags=["b"] if later else ["a"],
    opts=ResourceOptions(ignore_changes=["schedulerHints"]),
)
beside = os_.compute.Instance(
    "beside",
    name=named("beside"),
    flavor_id=flavor.id,
    image_id=image.id,
    availability_zone=zone,
    security_groups=["default", group.name] if later else [group.name],
    networks=[{"uuid": network.id, "fixed_ip_v4": "10.66.0.30"}, {"uuid": there.id}],
    power_state="shutoff" if later else "active",
    opts=on_subnet,
)
system = os_.compute.Instance(
    "system",
    name=named("system"),
    flavor_id=flavor.id,
    availability_zone=zone,
    networks=[{"uuid": network.id}],
    block_devices=[
        {
            "source_type": "image",
            "destination_type": "volume",
            "uuid": image.id,
            "volume_size": size,
            "boot_index": 0,
            "delete_on_termination": True,
        },
        {
            "source_type": "blank",
            "destination_type": "volume",
            "volume_size": 1,
            "boot_index": -1,
            "delete_on_termination": True,
        },
    ],
    opts=on_subnet,
)
disk = os_.blockstorage.Volume(
    "boot", name=named("boot"), size=size, image_id=image.id, availability_zone=zone, volume_type=volume_type
)
kept = os_.compute.Instance(
    "kept",
    name=named("kept"),
    flavor_id=flavor.id,
    availability_zone=zone,
    networks=[{"port": second.id}],
    block_devices=[
        {
            "source_type": "volume",
            "destination_type": "volume",
            "uuid": disk.id,
            "boot_index": 0,
            "delete_on_termination": False,
        }
    ],
)
data = os_.blockstorage.Volume(
    "data",
    name=named("data"),
    size=2 if later else 1,
    availability_zone=zone,
    volume_type=volume_type,
    description="grown" if later else "small",
    metadata={"kind": "data"},
    enable_online_resize=True,
)
os_.compute.VolumeAttach(
    "data",
    instance_id=kept.id if later else web.id,
    volume_id=data.id,
    # A server that is being resized lets no disk go.
    opts=ResourceOptions(delete_before_replace=True, depends_on=[web]),
)
spare = os_.networking.Port("spare", name=named("spare"), network_id=network.id, opts=on_subnet)
os_.compute.InterfaceAttach("spare", instance_id=kept.id, port_id=spare.id)
address = os_.networking.FloatingIp("web", pool=public.name, description="later" if later else "first")
os_.networking.FloatingIpAssociate(
    "web",
    floating_ip=address.address,
    port_id=second.id if later else first.id,
    opts=ResourceOptions(depends_on=[door, web, kept]),
)
picture = os_.images.Image(
    "picture",
    name=named("picture"),
    container_format="bare",
    disk_format="raw",
    local_file_path="picture.img",
    properties={"colour": "blue" if later else "red"},
    min_disk_gb=1,
)
# A role that implies another one comes back as both, on every cloud, and would be replaced for ever.
os_.identity.ApplicationCredential("robot", name=f"{prefix}-robot", roles=["reader"])

pulumi.export("zone_is_listed", zone in zones.names)
pulumi.export("addresses", pulumi.Output.all(web.access_ip_v4, kept.access_ip_v4))
pulumi.export("ids", [one.id for one in (web, beside, system, kept, data)])
