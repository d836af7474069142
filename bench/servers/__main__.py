"""A program with as many servers as BENCH_SERVERS says, in the form of BENCH_FORM: raw instances of four kinds, components, a batch."""

import atexit
import cProfile
import os
import time

import pulumi
import pulumi_openstack as openstack

IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "51bead38-d1a3-4d08-be20-0970c24b7cab"

PLAIN = {
    "flavor_id": "s3.medium",
    "image_id": IMAGE,
    "availability_zone": "az1-dc1",
    "networks": [{"uuid": NETWORK}],
    "key_pair": "test",
    "metadata": {"tier": "web"},
}

PROFILE = os.environ.get("BENCH_PROFILE")
if PROFILE:
    # Of this thread alone: the loop that everything but the waiting for answers runs in.
    profiler = cProfile.Profile(time.thread_time)
    atexit.register(lambda: (profiler.disable(), profiler.dump_stats(PROFILE)))
    profiler.enable()

SERVERS = int(os.environ["BENCH_SERVERS"])
FORM = os.environ["BENCH_FORM"]


class Wrapped(pulumi.ComponentResource):
    """A plain instance in a component that does nothing but hold it: two resources of the engine, as a `Server` is."""

    def __init__(self, name: str) -> None:
        super().__init__("bench:index:Wrapped", name, {"name": name, **PLAIN})
        made = openstack.compute.Instance(name, name=name, **PLAIN, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"server_id": made.id, "name": made.name, "address": made.access_ip_v4})


if FORM == "paced":
    from components.pace import set_pace

    set_pace()

if FORM == "batch":
    from components.ecs.batch_args import BatchArgs, BatchNic
    from components.ecs.server_batch import ServerBatch

    ServerBatch(
        "web",
        BatchArgs(
            flavor_ref="s3.medium",
            availability_zone="az1-dc1",
            image_ref=IMAGE,
            networks=(BatchNic(uuid=NETWORK),),
            key_name="test",
            metadata={"tier": "web"},
            min_count=SERVERS,
        ),
    )
    SERVERS = 0

for number in range(SERVERS):
    name = f"web-{number:05}"
    if FORM in ("component", "paced"):
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
    elif FORM in ("disks", "secret"):
        openstack.compute.Instance(
            name,
            name=name,
            flavor_id="s3.medium",
            block_devices=[
                {
                    "source_type": "image",
                    "uuid": IMAGE,
                    "destination_type": "volume",
                    "volume_size": 40,
                    "boot_index": 0,
                    "delete_on_termination": True,
                },
                {
                    "source_type": "blank",
                    "destination_type": "volume",
                    "volume_size": 10,
                    "boot_index": -1,
                    "delete_on_termination": True,
                },
            ],
            availability_zone="az1-dc1",
            networks=[{"uuid": NETWORK}],
            key_pair="test",
            metadata={"tier": "web"},
            user_data=pulumi.Output.secret("#!/bin/sh\n") if FORM == "secret" else None,
        )
    elif FORM == "wrapped":
        Wrapped(name)
    else:
        openstack.compute.Instance(name, name=name, **PLAIN)
