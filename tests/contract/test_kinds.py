"""Flavors, images, key pairs, server groups, zones, limits: how they are listed, shown, made and refused."""

from __future__ import annotations

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch, shape

UNKNOWN = "00000000-0000-4000-8000-00000000dead"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJhc2U2NGJh contract"


def test_flavors(cloud: Cloud, see: Watch) -> None:
    see("list", shape(cloud.compute("GET", "/flavors").json()["flavors"]))
    for version in ("2.1", "2.55", "2.61", "2.75"):
        shown = cloud.compute("GET", f"/flavors/{cloud.flavor.id}", version).json()["flavor"]
        see(f"at {version}", sorted(shown))
    see(
        "values",
        {key: shown[key] for key in ("vcpus", "ram", "disk", "swap", "rxtx_factor", "os-flavor-access:is_public")},
    )
    see("name", shown["name"] == cloud.names.flavor)
    see.answer("unknown", cloud.compute("GET", "/flavors/none"))
    see("specs", sorted(cloud.compute("GET", f"/flavors/{cloud.flavor.id}/os-extra_specs").json()))
    see("min ram", [one["name"] for one in cloud.compute("GET", "/flavors?minRam=999999999").json()["flavors"]])
    see.answer("min ram text", cloud.compute("GET", "/flavors?minRam=x"))
    see.answer(
        "make one", cloud.compute("POST", "/flavors", body={"flavor": {"name": "x", "ram": 1, "vcpus": 1, "disk": 1}})
    )


def test_key_pairs(cloud: Cloud, see: Watch) -> None:
    name = f"{cloud.prefix}-key"
    made = cloud.compute("POST", "/os-keypairs", body={"keypair": {"name": name, "public_key": KEY}})
    cloud.later(lambda: cloud.compute("DELETE", f"/os-keypairs/{name}"))
    see.answer("import", made)
    see.answer("twice", cloud.compute("POST", "/os-keypairs", body={"keypair": {"name": name, "public_key": KEY}}))
    see("shown", shape(cloud.compute("GET", f"/os-keypairs/{name}").json()))
    see("at 2.2", shape(cloud.compute("GET", f"/os-keypairs/{name}", "2.2").json()))
    listed = cloud.compute("GET", "/os-keypairs").json()["keypairs"]
    see("listed", shape([one for one in listed if one["keypair"]["name"] == name]))
    fresh = cloud.compute("POST", "/os-keypairs", body={"keypair": {"name": f"{name}-2"}})
    cloud.later(lambda: cloud.compute("DELETE", f"/os-keypairs/{name}-2"))
    see.answer("generate", fresh, keys=True)
    for what, body in (
        ("no key", {"name": "x", "public_key": "no key"}),
        ("empty name", {"name": "", "public_key": KEY}),
        ("odd name", {"name": "a/b", "public_key": KEY}),
        ("long name", {"name": "n" * 256, "public_key": KEY}),
        ("no name", {"public_key": KEY}),
        ("number", {"name": 7}),
        ("type at 2.1", {"name": "x", "public_key": KEY, "type": "ssh"}),
    ):
        see.answer(what, cloud.compute("POST", "/os-keypairs", body={"keypair": body}))
    see.answer("generate at 2.92", cloud.compute("POST", "/os-keypairs", "2.92", {"keypair": {"name": "x"}}))
    see.answer("unknown", cloud.compute("GET", "/os-keypairs/none"))
    see.answer("delete unknown", cloud.compute("DELETE", "/os-keypairs/none"))
    see("delete", cloud.compute("DELETE", f"/os-keypairs/{name}").status_code)


def test_server_groups(cloud: Cloud, see: Watch) -> None:
    name = f"{cloud.prefix}-g"
    for version, body in (
        ("2.1", {"policies": ["anti-affinity"]}),
        ("2.15", {"policies": ["soft-anti-affinity"]}),
        ("2.64", {"policy": "anti-affinity", "rules": {"max_server_per_host": 2}}),
    ):
        made = cloud.compute("POST", "/os-server-groups", version, {"server_group": {"name": name} | body})
        group_id = made.json()["server_group"]["id"]
        cloud.later(lambda group_id=group_id: cloud.compute("DELETE", f"/os-server-groups/{group_id}"))
        see.answer(f"at {version}", made, keys=True)
        see(f"policy at {version}", [made.json()["server_group"].get(key) for key in ("policy", "policies", "rules")])
    for what, version, body in (
        ("no policy", "2.1", {"name": name}),
        ("two policies", "2.1", {"name": name, "policies": ["affinity", "anti-affinity"]}),
        ("unknown policy", "2.1", {"name": name, "policies": ["apart"]}),
        ("soft at 2.1", "2.1", {"name": name, "policies": ["soft-affinity"]}),
        ("policies at 2.64", "2.64", {"name": name, "policies": ["affinity"]}),
        ("rules for affinity", "2.64", {"name": name, "policy": "affinity", "rules": {"max_server_per_host": 2}}),
        ("rule 0", "2.64", {"name": name, "policy": "anti-affinity", "rules": {"max_server_per_host": 0}}),
        ("empty name", "2.1", {"name": "", "policies": ["affinity"]}),
    ):
        see.answer(what, cloud.compute("POST", "/os-server-groups", version, {"server_group": body}))
    see.answer("unknown", cloud.compute("GET", f"/os-server-groups/{UNKNOWN}"))
    see.answer("delete unknown", cloud.compute("DELETE", f"/os-server-groups/{UNKNOWN}"))


def test_images(cloud: Cloud, see: Watch) -> None:
    image = cloud.connection.image
    shown = image.get(f"/images/{cloud.image.id}").json()
    needed = ("checksum", "container_format", "created_at", "disk_format", "file", "id", "min_disk", "min_ram", "name",
              "owner", "protected", "schema", "self", "size", "status", "tags", "updated_at", "visibility", "os_hidden")  # fmt: skip
    see("shown", {key: shape(shown[key]) for key in needed if key in shown})
    see("values", {key: shown[key] for key in ("name", "status", "visibility", "protected", "self", "file", "schema")})
    see("by name", [one["name"] for one in image.get(f"/images?name={cloud.names.image}").json()["images"]])
    see("keys of the list", sorted(image.get(f"/images?name={cloud.names.image}").json()))
    see("unknown", image.get(f"/images/{UNKNOWN}").status_code)
    see("no image", image.get("/images/none").status_code)
    made = image.post("/images", json={"name": f"{cloud.prefix}-i", "disk_format": "raw", "container_format": "bare"})
    see("create", made.status_code)
    image_id = made.json()["id"]
    cloud.later(lambda: image.delete(f"/images/{image_id}"))
    see("queued", made.json()["status"])
    upload = image.put(
        f"/images/{image_id}/file", data=b"\0" * 512, headers={"Content-Type": "application/octet-stream"}
    )
    see("upload", upload.status_code)
    cloud.until(lambda: image.get(f"/images/{image_id}").json()["status"] == "active", lambda: "not active")
    done = image.get(f"/images/{image_id}").json()
    see("uploaded", [done["size"], done["checksum"], done["status"]])
    see("download", image.get(f"/images/{image_id}/file").content == b"\0" * 512)
    patch = [
        {"op": "replace", "path": "/name", "value": f"{cloud.prefix}-new"},
        {"op": "add", "path": "/colour", "value": "red"},
    ]
    changed = image.patch(
        f"/images/{image_id}", json=patch, headers={"Content-Type": "application/openstack-images-v2.1-json-patch"}
    )
    see("change", [changed.status_code, changed.json().get("name"), changed.json().get("colour")])
    see("delete", image.delete(f"/images/{image_id}").status_code)
    see("gone", image.get(f"/images/{image_id}").status_code)


def test_zones_limits_and_quotas(cloud: Cloud, see: Watch) -> None:
    zones = cloud.compute("GET", "/os-availability-zone").json()["availabilityZoneInfo"]
    see("zones", [one for one in zones if one["zoneName"] == cloud.names.zone])
    see("in detail", cloud.compute("GET", "/os-availability-zone/detail").status_code)
    limits = cloud.compute("GET", "/limits").json()["limits"]["absolute"]
    see("limits", sorted(limits))
    for version in ("2.36", "2.57"):
        see(f"limits at {version}", sorted(cloud.compute("GET", "/limits", version).json()["limits"]["absolute"]))
        shown = cloud.compute("GET", f"/os-quota-sets/{cloud.project_id}", version).json()["quota_set"]
        see(f"quota at {version}", sorted(shown))
    detail = cloud.compute("GET", f"/os-quota-sets/{cloud.project_id}/detail").json()["quota_set"]
    see("detail", shape(detail["instances"]))
    before = cloud.compute("GET", "/limits").json()["limits"]["absolute"]["totalInstancesUsed"]
    cloud.create()
    after = cloud.compute("GET", "/limits").json()["limits"]["absolute"]["totalInstancesUsed"]
    see("counted", after - before)
    change = {"quota_set": {"instances": 1000}}
    see("forbidden", cloud.compute("GET", "/os-hypervisors").status_code)
    see("services", cloud.compute("GET", "/os-services").status_code)
    see("change the quota", cloud.compute("PUT", f"/os-quota-sets/{UNKNOWN}", body=change).status_code in (200, 403))


def test_what_happened(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    path = f"/servers/{server_id}/os-instance-actions"
    actions = cloud.compute("GET", path).json()["instanceActions"]
    see("actions", [one["action"] for one in actions])
    see("keys", shape(actions[0]))
    one = cloud.compute("GET", f"{path}/{actions[0]['request_id']}")
    see("one", sorted(one.json()["instanceAction"]))
    see("addresses", shape(cloud.compute("GET", f"/servers/{server_id}/ips").json()))
    see("diagnostics", cloud.compute("GET", f"/servers/{server_id}/diagnostics").status_code)
    see("tags", cloud.compute("GET", f"/servers/{server_id}/tags", "2.26").json())
    see("add a tag", cloud.compute("PUT", f"/servers/{server_id}/tags/a", "2.26").status_code)
    see("again", cloud.compute("PUT", f"/servers/{server_id}/tags/a", "2.26").status_code)
    see("tags now", cloud.compute("GET", f"/servers/{server_id}/tags", "2.26").json())
    see("remove it", cloud.compute("DELETE", f"/servers/{server_id}/tags/a", "2.26").status_code)
    see.answer("remove it again", cloud.compute("DELETE", f"/servers/{server_id}/tags/a", "2.26"))
