"""Disks: what Cinder takes and refuses, and how it shows them."""

from __future__ import annotations

from typing import Any

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch, shape

UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def make(cloud: Cloud, **more: Any) -> Any:
    """Create a volume of 1 GB and wait until it is there."""
    body = {"size": 1, "name": f"{cloud.prefix}-v", "availability_zone": cloud.names.zone} | more
    answer = cloud.volume("POST", "/volumes", {"volume": body})
    assert answer.status_code == 202, answer.text
    volume_id = answer.json()["volume"]["id"]
    cloud.known[volume_id] = "<volume-id>"
    cloud.later(lambda: cloud.volume("DELETE", f"/volumes/{volume_id}"))
    cloud.until(lambda: show(cloud, volume_id)["status"] == "available", lambda: show(cloud, volume_id))
    return answer.json()["volume"]


def show(cloud: Cloud, volume_id: str) -> Any:
    return cloud.volume("GET", f"/volumes/{volume_id}").json().get("volume", {})


def test_create(cloud: Cloud, see: Watch) -> None:
    made = make(cloud, metadata={"a": "b"}, description="d", volume_type=cloud.names.volume_type)
    see("answer", shape(made))
    shown = show(cloud, made["id"])
    see("shown", shape(shown))
    see("values", {key: shown[key] for key in ("name", "size", "status", "bootable", "description", "metadata",
                   "availability_zone", "volume_type", "attachments", "encrypted", "multiattach", "snapshot_id",
                   "source_volid")})  # fmt: skip
    brief = cloud.volume("GET", f"/volumes?name={cloud.prefix}-v").json()["volumes"]
    see("brief", [sorted(one) for one in brief])
    detail = cloud.volume("GET", f"/volumes/detail?name={cloud.prefix}-v").json()["volumes"]
    see("detail", [sorted(one) for one in detail])


def test_what_is_refused(cloud: Cloud, see: Watch) -> None:
    for what, body in (
        ("no size", {"name": "x"}),
        ("size 0", {"size": 0}),
        ("size -1", {"size": -1}),
        ("size text", {"size": "big"}),
        ("size 1.5", {"size": 1.5}),
        ("unknown type", {"size": 1, "volume_type": "no-such-type"}),
        ("unknown image", {"size": 1, "imageRef": UNKNOWN}),
        ("unknown snapshot", {"size": 1, "snapshot_id": UNKNOWN}),
        ("unknown source", {"size": 1, "source_volid": UNKNOWN}),
        ("long name", {"size": 1, "name": "n" * 256}),
        ("unknown key", {"size": 1, "colour": "red"}),
        ("number as name", {"size": 1, "name": 7}),
        ("metadata list", {"size": 1, "metadata": []}),
    ):
        answer = cloud.volume("POST", "/volumes", {"volume": body})
        if answer.status_code == 202:
            volume_id = answer.json()["volume"]["id"]
            cloud.later(lambda volume_id=volume_id: cloud.volume("DELETE", f"/volumes/{volume_id}"))
        see.answer(what, answer, keys=answer.status_code == 202)
    see.answer("no volume", cloud.volume("POST", "/volumes", {}))
    for method, path in (
        ("GET", f"/volumes/{UNKNOWN}"),
        ("DELETE", f"/volumes/{UNKNOWN}"),
        ("GET", f"/snapshots/{UNKNOWN}"),
        ("GET", f"/types/{UNKNOWN}"),
    ):
        see.answer(f"{method} {path}", cloud.volume(method, path))


def test_quoted_size(cloud: Cloud, see: Watch) -> None:
    see("size", make(cloud, size="1")["size"])


def test_change(cloud: Cloud, see: Watch) -> None:
    path = f"/volumes/{make(cloud)['id']}"
    for what, method, below, body in (
        ("rename", "PUT", "", {"volume": {"name": f"{cloud.prefix}-new", "description": "d"}}),
        ("metadata", "POST", "/metadata", {"metadata": {"a": "b"}}),
        ("replace metadata", "PUT", "/metadata", {"metadata": {"c": "d"}}),
        ("delete metadata", "DELETE", "/metadata/c", None),
        ("shrink", "POST", "/action", {"os-extend": {"new_size": 1}}),
        ("extend by text", "POST", "/action", {"os-extend": {"new_size": "big"}}),
        ("bootable", "POST", "/action", {"os-set_bootable": {"bootable": True}}),
        ("unknown action", "POST", "/action", {"fly": {}}),
        ("nothing", "PUT", "", {"volume": {}}),
    ):
        see.answer(what, cloud.volume(method, path + below, body), keys=what == "rename")
    see("extend", cloud.volume("POST", f"{path}/action", {"os-extend": {"new_size": 2}}).status_code)
    cloud.until(lambda: cloud.volume("GET", path).json()["volume"]["status"] == "available", lambda: "not extended")
    shown = cloud.volume("GET", path).json()["volume"]
    see("afterwards", {key: shown[key] for key in ("name", "description", "size", "bootable", "metadata")})


def test_snapshots(cloud: Cloud, see: Watch) -> None:
    volume = make(cloud)
    answer = cloud.volume("POST", "/snapshots", {"snapshot": {"volume_id": volume["id"], "name": f"{cloud.prefix}-s"}})
    see("create", {"status": answer.status_code, "body": shape(answer.json())})
    path = f"/snapshots/{answer.json()['snapshot']['id']}"
    cloud.until(lambda: cloud.volume("GET", path).json()["snapshot"]["status"] == "available", lambda: "not there")
    see("shown", shape(cloud.volume("GET", path).json()))
    see.answer("delete the disk", cloud.volume("DELETE", f"/volumes/{volume['id']}"))
    see.answer("smaller", cloud.volume("POST", "/volumes", {"volume": {"size": 0, "snapshot_id": UNKNOWN}}))
    copy = make(cloud, snapshot_id=path.rsplit("/", 1)[1])
    see("copy", copy["snapshot_id"] == path.rsplit("/", 1)[1])
    see("delete", cloud.volume("DELETE", path).status_code)
    cloud.until(lambda: cloud.volume("GET", path).status_code == 404, lambda: "not gone")


def test_from_an_image(cloud: Cloud, see: Watch) -> None:
    made = make(cloud, imageRef=cloud.image.id, size=cloud.names.size)
    shown = show(cloud, made["id"])
    see("bootable", shown["bootable"])
    see("image", shown["volume_image_metadata"]["image_id"])
    see("image name", shown["volume_image_metadata"]["image_name"])


def test_delete(cloud: Cloud, see: Watch) -> None:
    path = f"/volumes/{make(cloud)['id']}"
    see("delete", cloud.volume("DELETE", path).status_code)
    cloud.until(lambda: cloud.volume("GET", path).status_code == 404, lambda: "not gone")
    see.answer("again", cloud.volume("DELETE", path))


def test_kinds_around(cloud: Cloud, see: Watch) -> None:
    types = cloud.volume("GET", "/types").json()["volume_types"]
    see("types", shape([one for one in types if one["name"] == cloud.names.volume_type]))
    zones = cloud.volume("GET", "/os-availability-zone").json()["availabilityZoneInfo"]
    see("zones", shape([one for one in zones if one["zoneName"] == cloud.names.zone]))
    limits = cloud.volume("GET", "/limits").json()
    see("limits", sorted(limits["limits"]["absolute"]))
    quotas = cloud.volume("GET", f"/os-quota-sets/{cloud.project_id}?usage=True").json()["quota_set"]
    see("quota", [key for key in ("volumes", "gigabytes", "snapshots", "backups") if key in quotas])
    see("quota keys", shape(quotas["volumes"]))
