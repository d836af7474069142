"""How a server looks: at each microversion that changed it, in each list, and by each filter."""

from __future__ import annotations

import re

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch, shape

VERSIONS = [
    "2.1",
    "2.3",
    "2.9",
    "2.16",
    "2.19",
    "2.26",
    "2.47",
    "2.60",
    "2.63",
    "2.69",
    "2.71",
    "2.73",
    "2.75",
    "2.90",
    "2.96",
]


def test_a_server_of_an_image(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create(metadata={"a": "b"}, key_name=cloud.names.key_pair)
    for version in VERSIONS:
        see(f"at {version}", shape(cloud.show(server_id, version)))
    shown = cloud.show(server_id)
    see("status", [shown[key] for key in ("status", "OS-EXT-STS:vm_state", "OS-EXT-STS:task_state", "progress")])
    see("values", {key: shown[key] for key in ("name", "metadata", "key_name", "config_drive", "OS-DCF:diskConfig",
                   "accessIPv4", "accessIPv6", "tenant_id", "user_id", "image", "flavor", "security_groups",
                   "OS-EXT-AZ:availability_zone", "OS-EXT-STS:power_state", "links")})  # fmt: skip
    see("addresses", shape(shown["addresses"]))
    see("description at 2.19", cloud.show(server_id, "2.19")["description"])
    see("volumes", len(shown["os-extended-volumes:volumes_attached"]))
    see("flavor at 2.47", sorted(cloud.show(server_id, "2.47")["flavor"]))


def test_a_server_while_it_is_built(cloud: Cloud, see: Watch) -> None:
    answer = cloud.post(cloud.server())
    made = answer.json()["server"]
    see("links", made["links"])
    see("groups", made["security_groups"])
    see("location", re.sub(r"^.*/servers/", "/servers/", answer.headers["Location"]))
    see("password", bool(re.fullmatch(r"[A-Za-z0-9]{12}", made["adminPass"])))
    see("own password", cloud.post(cloud.server("p", adminPass="Correct-horse-1")).json()["server"]["adminPass"])


def test_lists(cloud: Cloud, see: Watch) -> None:
    first = cloud.create("a")
    second = cloud.create("b", metadata={"role": "db"})
    prefix = cloud.prefix
    detail = cloud.compute("GET", f"/servers/detail?name={prefix}-a").json()["servers"][0]
    see("detail has what show has", sorted(detail) == sorted(cloud.show(first)))
    for what, query in (
        ("all", f"name={prefix}"),
        ("by the end of the name", f"name={prefix}-b$"),
        ("active", f"name={prefix}&status=ACTIVE"),
        ("in lower case", f"name={prefix}&status=active"),
        ("error", f"name={prefix}&status=ERROR"),
        ("unknown status", f"name={prefix}&status=BROKEN"),
        ("flavor", f"name={prefix}&flavor={cloud.flavor.id}"),
        ("other flavor", f"name={prefix}&flavor=none"),
        ("image", f"name={prefix}&image={cloud.image.id}"),
        ("limit", f"name={prefix}&limit=1"),
        ("limit 0", f"name={prefix}&limit=0"),
        ("limit text", f"name={prefix}&limit=x"),
        ("limit below 0", f"name={prefix}&limit=-1"),
        ("marker", f"name={prefix}&marker={second}"),
        ("unknown marker", f"name={prefix}&marker=00000000-0000-4000-8000-00000000dead"),
        ("sort by name", f"name={prefix}&sort_key=display_name&sort_dir=asc"),
        ("unknown sort key", f"name={prefix}&sort_key=colour"),
        ("unknown filter", f"name={prefix}&colour=red"),
        ("changes since the future", f"name={prefix}&changes-since=2099-01-01T00:00:00Z"),
        ("changes since no time", f"name={prefix}&changes-since=yesterday"),
        ("availability zone", f"name={prefix}&availability_zone={cloud.names.zone}"),
        ("key name", f"name={prefix}&key_name=none"),
        ("vm_state", f"name={prefix}&vm_state=active"),
        ("ip", f"name={prefix}&ip=^999"),
        ("deleted", f"name={prefix}&deleted=true"),
        ("all tenants", f"name={prefix}&all_tenants=1"),
        ("uuid", f"name={prefix}&uuid={first}"),
        ("metadata", f"name={prefix}&metadata=%7B%22role%22%3A%22db%22%7D"),
    ):
        answer = cloud.compute("GET", f"/servers?{query}")
        body = answer.json()
        if answer.status_code == 200:
            body = {key: [one["name" if key == "servers" else "rel"] for one in value] for key, value in body.items()}
        see(what, {"status": answer.status_code, "body": body})
    for version, query in (("2.66", "changes-before=2000-01-01T00:00:00Z"), ("2.26", "tags=a"), ("2.25", "tags=a")):
        answer = cloud.compute("GET", f"/servers?name={prefix}&{query}", version)
        see(f"{query} at {version}", {"status": answer.status_code, "found": len(answer.json().get("servers", []))})


def test_what_is_not_there(cloud: Cloud, see: Watch) -> None:
    unknown = "00000000-0000-4000-8000-00000000dead"
    for method, path, body in (
        ("GET", f"/servers/{unknown}", None),
        ("GET", "/servers/no-uuid", None),
        ("DELETE", f"/servers/{unknown}", None),
        ("PUT", f"/servers/{unknown}", {"server": {"name": "x"}}),
        ("POST", f"/servers/{unknown}/action", {"os-stop": None}),
        ("GET", f"/servers/{unknown}/metadata", None),
        ("GET", f"/servers/{unknown}/os-interface", None),
        ("GET", f"/servers/{unknown}/os-volume_attachments", None),
        ("GET", f"/servers/{unknown}/ips", None),
        ("GET", "/nothing", None),
        ("PATCH", f"/servers/{unknown}", None),
    ):
        see.answer(f"{method} {path}", cloud.compute(method, path, body=body))


def test_microversions(cloud: Cloud, see: Watch) -> None:
    for version in ("2.0", "2.999", "3.0", "1.1", "2.x", "2", "2.01", "-1.0"):
        answer = cloud.connection.compute.get("/flavors", headers={"OpenStack-API-Version": f"compute {version}"})
        body = answer.json()
        if answer.status_code == 406:
            body = re.sub(r"is 2\.1 and maximum is .*$", "...", next(iter(body.values()))["message"])
        see(f"compute {version}", {"status": answer.status_code, "body": shape(body) if answer.ok else body})
    headers = {"X-OpenStack-Nova-API-Version": "2.20"}
    see(
        "old header",
        cloud.connection.compute.get("/flavors", headers=headers).headers.get("X-OpenStack-Nova-API-Version"),
    )
    other = cloud.connection.compute.get("/flavors", headers={"OpenStack-API-Version": "volume 3.10"})
    see("another service's", other.headers.get("OpenStack-API-Version"))
