#!/usr/bin/env python
"""Does the real control plane behave? Prints PASS or FAIL per step; the exit status is the number of failures.

$OSREAL_DIR/venv/bin/python smoke.py      (OSREAL_DIR as in README.md)
"""

import os
import sys
import time

os.environ.setdefault(
    "OS_CLIENT_CONFIG_FILE",
    os.path.join(
        os.environ.get("OSREAL_DIR")
        or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "real-openstack"),
        "clouds.yaml",
    ),
)
import openstack  # noqa: E402

TAG = f"smoke-{int(time.time())}"
failures, volumes = 0, []


def step(title):
    def run(function):
        global failures
        start = time.time()
        try:
            verdict, note = "PASS", function() or ""
        except Exception as e:
            verdict, note = "FAIL", f"{type(e).__name__}: {e}"
            failures += 1
        print(f"{verdict} {title} ({time.time() - start:.1f} s) {note}", flush=True)

    return run


def post(body, version="2.1"):
    """POST /servers with exactly this body; the decoded answer."""
    r = cloud.compute.post("/servers", json=body, microversion=version)
    openstack.exceptions.raise_from_response(r)
    return r.json()


def active(server_id):
    return cloud.compute.wait_for_server(cloud.compute.get_server(server_id), interval=0.5, wait=90)


def base(suffix, **more):
    return {"name": f"{TAG}-{suffix}", "flavorRef": flavor.id, "networks": [{"uuid": net.id}], **more}


@step("authenticate as real-admin and real-demo, read the fixtures")
def _():
    global cloud, flavor, image, net
    openstack.connect(cloud="real-admin").authorize()
    cloud = openstack.connect(cloud="real-demo")
    flavor = cloud.compute.find_flavor("m1.tiny", ignore_missing=False)
    image = cloud.image.find_image("tiny", ignore_missing=False)
    net = cloud.network.find_network("private", ignore_missing=False)
    return f"compute API {cloud.compute.get_endpoint_data().max_microversion}"


@step("boot one server from the image on a network -> ACTIVE, address, port ACTIVE")
def _():
    s = active(post({"server": base("one", imageRef=image.id, key_name="fixture")})["server"]["id"])
    (port,) = cloud.network.ports(device_id=s.id)
    assert s.addresses["private"][0]["addr"] == port.fixed_ips[0]["ip_address"] and port.status == "ACTIVE", port
    return s.addresses["private"][0]["addr"]


@step("batch: min_count 2, max_count 3, return_reservation_id -> reservation_id, three ACTIVE")
def _():
    answer = post({"server": base("batch", imageRef=image.id, min_count=2, max_count=3, return_reservation_id=True)})
    assert list(answer) == ["reservation_id"] and answer["reservation_id"].startswith("r-"), answer
    found = cloud.compute.get("/servers/detail", params={"reservation_id": answer["reservation_id"]}).json()["servers"]
    names = sorted(active(s["id"]).name for s in found)
    assert names == [f"{TAG}-batch-{i}" for i in (1, 2, 3)], names
    return answer["reservation_id"]


@step("boot from volume: block_device_mapping_v2 makes one from the image, deleted with the server")
def _():
    bdm = {
        "boot_index": 0,
        "uuid": image.id,
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": 1,
        "delete_on_termination": True,
    }
    s = active(post({"server": base("bfv", block_device_mapping_v2=[bdm])})["server"]["id"])
    v = cloud.block_storage.get_volume(s.attached_volumes[0]["id"])
    volumes.append(v.id)
    assert v.status == "in-use" and v.is_bootable and not s.image, (v.status, s.image)


@step("boot from an existing bootable volume, which survives the server")
def _():
    kept = cloud.block_storage.create_volume(name=f"{TAG}-kept", size=1, image_id=image.id)
    cloud.block_storage.wait_for_status(kept, "available", interval=0.5, wait=60)
    bdm = {
        "boot_index": 0,
        "uuid": kept.id,
        "source_type": "volume",
        "destination_type": "volume",
        "delete_on_termination": False,
    }
    active(post({"server": base("kept", block_device_mapping_v2=[bdm])})["server"]["id"])
    assert cloud.block_storage.get_volume(kept).status == "in-use"


@step("server group, anti-affinity: two members on two hosts")
def _():
    group = cloud.compute.create_server_group(name=f"{TAG}-group", policy="anti-affinity")
    try:
        body = base("apart", imageRef=image.id, min_count=2, max_count=2, return_reservation_id=True)
        rid = post({"server": body, "os:scheduler_hints": {"group": group.id}})["reservation_id"]
        found = cloud.compute.get("/servers/detail", params={"reservation_id": rid}).json()["servers"]
        assert len({active(s["id"]).host_id for s in found}) == 2
    finally:
        cloud.compute.delete_server_group(group)


@step("delete everything: servers, ports and made-for-the-server volumes are gone")
def _():
    mine = list(cloud.compute.servers(name=f"^{TAG}"))
    for s in mine:
        cloud.compute.delete_server(s)
    for s in mine:
        cloud.compute.wait_for_delete(s, interval=0.5, wait=90)
    kept = cloud.block_storage.find_volume(f"{TAG}-kept", ignore_missing=False)
    cloud.block_storage.wait_for_status(kept, "available", interval=0.5, wait=60)
    cloud.block_storage.delete_volume(kept)
    for v in [*volumes, kept.id]:
        cloud.block_storage.wait_for_delete(openstack.block_storage.v3.volume.Volume(id=v), interval=0.5, wait=60)
    left = [p.id for s in mine for p in cloud.network.ports(device_id=s.id)]
    assert not left, left
    return f"{len(mine)} servers"


sys.exit(failures)
