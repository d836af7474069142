"""A raw instance with a value that becomes known only when the network is there, and is wrong then."""

import pulumi_openstack as openstack

network = openstack.networking.Network("lan", name="lan")
openstack.networking.Subnet("lan", network_id=network.id, cidr="10.50.0.0/24", ip_version=4)
openstack.compute.Instance(
    "web",
    name="web",
    flavor_id="s3.medium",
    image_id="6b344c54-d606-4e1a-a99e-a7d0250c3d14",
    key_pair="test",
    networks=[{"uuid": network.id}],
    availability_zone=network.id.apply(lambda _: "az1-dc1:host-7"),
)
