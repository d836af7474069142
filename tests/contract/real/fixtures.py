"""Called by up.sh: fixtures.py identity | agents COUNT SINCE | resources. Each phase is idempotent."""

import os
import sys
import time
from datetime import UTC, datetime

import openstack

E = os.environ
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJh fixture"
admin = openstack.connect(cloud="real-admin")


def ensure(found, create, *args, **kwargs):
    return found or create(*args, **kwargs)


def identity():
    """Service users, the demo project, and the catalogue."""
    ident = admin.identity
    roles = {r: ensure(ident.find_role(r), ident.create_role, name=r) for r in ("admin", "member", "service")}
    for user, project, granted in [
        (u, "service", ("admin", "service")) for u in ("nova", "neutron", "glance", "cinder", "placement")
    ] + [("demo", "demo", ("member",))]:
        p = ensure(ident.find_project(project), ident.create_project, name=project, domain_id="default")
        u = ensure(
            ident.find_user(user),
            ident.create_user,
            name=user,
            domain_id="default",
            password=E["PASSWORD"],
            default_project_id=p.id,
        )
        for r in granted:
            ident.assign_project_role_to_user(p, u, roles[r])
    base = E["OSREAL_URL"]
    for kind, name, url in [
        ("placement", "placement", f"{base}:{E['PLACEMENT']}"),
        ("image", "glance", f"{base}:{E['GLANCE']}"),
        ("network", "neutron", f"{base}:{E['NEUTRON']}"),
        ("compute", "nova", f"{base}:{E['NOVA']}/v2.1"),
        ("block-storage", "cinder", f"{base}:{E['CINDER']}/v3/%(project_id)s"),
        ("volumev3", "cinderv3", f"{base}:{E['CINDER']}/v3/%(project_id)s"),
    ]:
        s = ensure(ident.find_service(name), ident.create_service, type=kind, name=name)
        have = {e.interface for e in ident.endpoints(service_id=s.id)}
        for interface in {"public", "internal", "admin"} - have:
            ident.create_endpoint(service_id=s.id, interface=interface, url=url, region_id="RegionOne")


def fresh(service, since):
    stamp = datetime.fromisoformat(service.updated_at or "1970-01-01").replace(tzinfo=UTC)
    return stamp.timestamp() >= since


def agents(computes, since):
    """Wait until every back-end service has reported in since this start."""
    want = {
        "nova-scheduler": 1,
        "nova-conductor": 1,
        "nova-compute": computes,
        "cinder-scheduler": 1,
        "cinder-volume": 1,
    }
    for _ in range(180):
        try:
            up = [
                s.binary
                for proxy in (admin.compute, admin.block_storage)
                for s in proxy.services()
                if s.state == "up" and fresh(s, since)
            ]
        except openstack.exceptions.SDKException as e:
            up = [str(e)]
        if all(up.count(b) >= n for b, n in want.items()):
            return
        time.sleep(1)
    sys.exit(f"services up after 180 s: {up}, wanted {want}")


def resources():
    """Flavours, image, networks, key pair, volume type, bootable volume; generous demo quotas."""
    demo = openstack.connect(cloud="real-demo")
    pid = demo.current_project_id
    admin.set_compute_quotas(pid, instances=200, cores=2000, ram=4000000, server_groups=100)
    admin.set_volume_quotas(pid, volumes=500, gigabytes=10000)
    admin.set_network_quotas(pid, networks=500, subnets=500, ports=2000)
    for name, vcpus, ram, disk in (("m1.tiny", 1, 512, 1), ("s3.medium", 1, 4096, 10)):
        ensure(admin.compute.find_flavor(name), admin.compute.create_flavor, name=name, vcpus=vcpus, ram=ram, disk=disk)
    image = ensure(
        admin.image.find_image("tiny"),
        admin.image.create_image,
        name="tiny",
        disk_format="raw",
        container_format="bare",
        visibility="public",
        data=b"\0" * 4096,
        validate_checksum=False,
    )
    ensure(
        admin.block_storage.find_type("noop"),
        admin.block_storage.create_type,
        name="noop",
        extra_specs={"volume_backend_name": "fake"},
    )
    for net, cidr in (("private", "10.10.0.0/22"), ("private2", "10.20.0.0/22")):
        n = ensure(demo.network.find_network(net), demo.network.create_network, name=net)
        ensure(
            demo.network.find_subnet(net),
            demo.network.create_subnet,
            name=net,
            network_id=n.id,
            ip_version=4,
            cidr=cidr,
        )
    public = ensure(
        admin.network.find_network("public"), admin.network.create_network, name="public", is_router_external=True
    )
    ensure(
        admin.network.find_subnet("public"),
        admin.network.create_subnet,
        name="public",
        network_id=public.id,
        ip_version=4,
        cidr="203.0.113.0/24",
        is_dhcp_enabled=False,
    )
    for cloud in (admin, demo):
        ensure(cloud.compute.find_keypair("fixture"), cloud.compute.create_keypair, name="fixture", public_key=KEY)
    volume = ensure(
        demo.block_storage.find_volume("bootable"),
        demo.block_storage.create_volume,
        name="bootable",
        size=1,
        image_id=image.id,
        volume_type="noop",
    )
    volume = demo.block_storage.wait_for_status(volume, "available", interval=0.5, wait=60)
    if not volume.is_bootable:
        sys.exit("the bootable volume is not bootable")


if __name__ == "__main__":
    phase, *args = sys.argv[1:]
    {"identity": identity, "agents": agents, "resources": resources}[phase](*map(int, args))
