"""A program with as many servers as BENCH_SERVERS says: raw instances, or our component where BENCH_FORM says so."""

import os

import pulumi_openstack as openstack

IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "51bead38-d1a3-4d08-be20-0970c24b7cab"

for number in range(int(os.environ["BENCH_SERVERS"])):
    name = f"web-{number:05}"
    if os.environ["BENCH_FORM"] == "component":
        from components.ecs.disk import ImageBoot
        from components.ecs.nic import NetworkNic
        from components.ecs.server import Server
        from components.ecs.server_args import ServerArgs

        Server(
            name,
            ServerArgs(
                flavor_ref="s3.medium",
                availability_zone="az1-dc1",
                boot=ImageBoot(image_ref=IMAGE),
                networks=(NetworkNic(uuid=NETWORK),),
                key_name="test",
                metadata={"tier": "web"},
            ),
        )
    else:
        openstack.compute.Instance(
            name,
            name=name,
            flavor_id="s3.medium",
            image_id=IMAGE,
            availability_zone="az1-dc1",
            networks=[{"uuid": NETWORK}],
            key_pair="test",
            metadata={"tier": "web"},
        )
