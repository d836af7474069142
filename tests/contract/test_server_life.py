"""What can be done to a server, in the states that allow it and in those that do not."""

from __future__ import annotations

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch


def test_names_and_descriptions(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    path = f"/servers/{server_id}"
    for what, version, change in (
        ("rename", "2.1", {"name": f"{cloud.prefix}-new"}),
        ("empty name", "2.1", {"name": ""}),
        ("long name", "2.1", {"name": "a" * 256}),
        ("number", "2.1", {"name": 7}),
        ("unknown key", "2.1", {"colour": "red"}),
        ("nothing", "2.1", {}),
        ("description at 2.18", "2.18", {"description": "d"}),
        ("description at 2.19", "2.19", {"description": "d"}),
        ("description null", "2.19", {"description": None}),
        ("address", "2.1", {"accessIPv4": "192.0.2.7"}),
        ("no address", "2.1", {"accessIPv4": "web"}),
    ):
        answer = cloud.compute("PUT", path, version, {"server": change})
        if answer.ok:
            shown = answer.json()["server"]
            keys = {key: shown.get(key) for key in ("name", "description", "accessIPv4")}
            see(what, {"status": answer.status_code, "shown": keys, "keys": sorted(shown)})
        else:
            see.answer(what, answer)
    see("afterwards", cloud.show(server_id)["name"])


def test_metadata(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create(metadata={"a": "1"})
    path = f"/servers/{server_id}/metadata"
    for what, method, below, body in (
        ("read", "GET", "", None),
        ("add", "POST", "", {"metadata": {"b": "2"}}),
        ("replace", "PUT", "", {"metadata": {"c": "3"}}),
        ("set one", "PUT", "/d", {"meta": {"d": "4"}}),
        ("set another", "PUT", "/d", {"meta": {"e": "4"}}),
        ("set two", "PUT", "/d", {"meta": {"d": "4", "e": "5"}}),
        ("read one", "GET", "/d", None),
        ("read none", "GET", "/zz", None),
        ("delete one", "DELETE", "/d", None),
        ("delete none", "DELETE", "/zz", None),
        ("number", "POST", "", {"metadata": {"n": 1}}),
        ("null", "POST", "", {"metadata": None}),
        ("long", "POST", "", {"metadata": {"k": "v" * 256}}),
        ("too many", "POST", "", {"metadata": {f"k{one}": "v" for one in range(129)}}),
        ("at the end", "GET", "", None),
    ):
        see.answer(what, cloud.compute(method, path + below, body=body))


def test_metadata_while_it_is_built(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.post(cloud.server()).json()["server"]["id"]
    answer = cloud.compute("POST", f"/servers/{server_id}/metadata", body={"metadata": {"a": "b"}})
    see.answer("add", answer)


def test_stop_start_reboot(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    see.answer("start while active", cloud.action(server_id, **{"os-start": None}))
    for what, action in (
        ("stop", {"os-stop": None}),
        ("stop again", {"os-stop": None}),
        ("soft reboot while stopped", {"reboot": {"type": "SOFT"}}),
        ("pause while stopped", {"pause": None}),
        ("start", {"os-start": None}),
        ("soft reboot", {"reboot": {"type": "SOFT"}}),
        ("hard reboot", {"reboot": {"type": "HARD"}}),
        ("other reboot", {"reboot": {"type": "WARM"}}),
        ("reboot without type", {"reboot": {}}),
        ("pause", {"pause": None}),
        ("unpause", {"unpause": None}),
        ("suspend", {"suspend": None}),
        ("resume", {"resume": None}),
        ("lock", {"lock": None}),
        ("unlock", {"unlock": None}),
        ("unknown", {"fly": None}),
        ("two at once", {"os-stop": None, "os-start": None}),
        ("confirm without resize", {"confirmResize": None}),
        ("revert without resize", {"revertResize": None}),
    ):
        see.answer(what, cloud.action(server_id, **action))
        see(f"{what}: then", cloud.settled(server_id))


def test_resize(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    bigger = {"resize": {"flavorRef": cloud.bigger_flavor.id}}
    see.answer("same flavor", cloud.action(server_id, resize={"flavorRef": cloud.flavor.id}))
    see.answer("unknown flavor", cloud.action(server_id, resize={"flavorRef": "none"}))
    see.answer("no flavor", cloud.action(server_id, resize={}))
    before = cloud.show(server_id)["hostId"]
    see.answer("resize", cloud.action(server_id, **bigger))
    see("then", cloud.settled(server_id))
    see("on another host", cloud.show(server_id)["hostId"] != before)
    see.answer("resize again", cloud.action(server_id, **bigger))
    see.answer("stop in between", cloud.action(server_id, **{"os-stop": None}))
    for what in ("pause", "shelve", "suspend"):
        see.answer(f"{what} in between", cloud.action(server_id, **{what: None}))
    see.answer("reboot in between", cloud.action(server_id, reboot={"type": "HARD"}))
    see.answer("password in between", cloud.action(server_id, changePassword={"adminPass": "Correct-horse-3"}))
    see.answer("rebuild in between", cloud.action(server_id, rebuild={"imageRef": cloud.image.id}))
    see.answer("image in between", cloud.action(server_id, createImage={"name": "x"}))
    see.answer(
        "metadata in between", cloud.compute("POST", f"/servers/{server_id}/metadata", body={"metadata": {"a": "b"}})
    )
    nic = {"interfaceAttachment": {"net_id": cloud.other_network.id}}
    see.answer("NIC in between", cloud.compute("POST", f"/servers/{server_id}/os-interface", body=nic))
    see(
        "rename in between",
        cloud.compute("PUT", f"/servers/{server_id}", body={"server": {"name": f"{cloud.prefix}-a"}}).status_code,
    )
    see("flavor", cloud.show(server_id)["flavor"]["id"])
    see.answer("revert", cloud.action(server_id, revertResize=None))
    see("reverted", cloud.settled(server_id))
    see("flavor reverted", cloud.show(server_id)["flavor"]["id"])
    see("back on its host", cloud.show(server_id)["hostId"] == before)
    cloud.action(server_id, **bigger)
    cloud.settled(server_id)
    see.answer("confirm", cloud.action(server_id, confirmResize=None))
    cloud.until(lambda: cloud.status(server_id) == "ACTIVE", lambda: cloud.show(server_id))
    see("flavor confirmed", cloud.show(server_id)["flavor"]["id"])


def test_passwords_and_rebuild(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    see.answer("password", cloud.action(server_id, changePassword={"adminPass": "Correct-horse-2"}))
    cloud.settled(server_id)
    see.answer("no password", cloud.action(server_id, changePassword={}))
    see.answer("number", cloud.action(server_id, changePassword={"adminPass": 7}))
    answer = cloud.action(server_id, rebuild={"imageRef": cloud.image.id})
    see.answer("rebuild", answer, keys=True)
    see("rebuilt", cloud.settled(server_id))
    unknown = {"imageRef": "00000000-0000-4000-8000-00000000dead"}
    see.answer("unknown image", cloud.action(server_id, rebuild=unknown))


def test_security_groups(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    group = cloud.connection.network.create_security_group(name=f"{cloud.prefix}-sg")
    cloud.later(lambda: cloud.connection.network.delete_security_group(group))
    for what, action in (
        ("remove before", {"removeSecurityGroup": {"name": group.name}}),
        ("add", {"addSecurityGroup": {"name": group.name}}),
        ("add again", {"addSecurityGroup": {"name": group.name}}),
        ("add unknown", {"addSecurityGroup": {"name": "none"}}),
        ("add nothing", {"addSecurityGroup": {}}),
    ):
        see.answer(what, cloud.action(server_id, **action))
    see("groups", sorted(one["name"] for one in cloud.show(server_id)["security_groups"]))
    own = cloud.compute("GET", f"/servers/{server_id}/os-security-groups").json()["security_groups"]
    see("own list", sorted(one["name"] for one in own))
    in_use = cloud.net("DELETE", f"/security-groups/{group.id}")
    cloud.known[group.id] = "<group-id>"
    see.answer("delete in use", in_use)
    see.answer("remove", cloud.action(server_id, removeSecurityGroup={"name": group.name}))


def test_ports_come_and_go(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    path = f"/servers/{server_id}/os-interface"
    see.answer("list", cloud.compute("GET", path), keys=True)
    added = cloud.compute("POST", path, body={"interfaceAttachment": {"net_id": cloud.other_network.id}})
    see.answer("add a network", added, keys=True)
    port_id = added.json()["interfaceAttachment"]["port_id"]
    see("two", len(cloud.show(server_id)["addresses"]))
    see.answer("show", cloud.compute("GET", f"{path}/{port_id}"), keys=True)
    see("remove", cloud.compute("DELETE", f"{path}/{port_id}").status_code)
    cloud.until(lambda: len(cloud.show(server_id)["addresses"]) == 1, lambda: cloud.show(server_id)["addresses"])
    cloud.known[port_id] = "<port-id>"
    see("remove again", cloud.compute("DELETE", f"{path}/{port_id}").status_code)
    unknown = "00000000-0000-4000-8000-00000000dead"
    see.answer("unknown port", cloud.compute("POST", path, body={"interfaceAttachment": {"port_id": unknown}}))
    see.answer("unknown network", cloud.compute("POST", path, body={"interfaceAttachment": {"net_id": unknown}}))
    both = {"interfaceAttachment": {"net_id": unknown, "port_id": unknown}}
    see.answer("both", cloud.compute("POST", path, body=both))


def test_disks_come_and_go(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    storage = cloud.connection.block_storage
    volume = storage.create_volume(name=f"{cloud.prefix}-v", size=1, availability_zone=cloud.names.zone)
    cloud.known[volume.id] = "<volume-id>"
    cloud.later(lambda: storage.delete_volume(volume))
    storage.wait_for_status(volume, "available", interval=0.2, wait=60)
    path = f"/servers/{server_id}/os-volume_attachments"
    before = len(cloud.compute("GET", path).json()["volumeAttachments"])
    answer = cloud.compute("POST", path, body={"volumeAttachment": {"volumeId": volume.id}})
    see.answer("attach", answer, keys=True)
    storage.wait_for_status(volume, "in-use", interval=0.2, wait=60)
    see("count", len(cloud.compute("GET", path).json()["volumeAttachments"]) - before)
    see.answer("show", cloud.compute("GET", f"{path}/{volume.id}"), keys=True)
    for version in ("2.70", "2.79", "2.89"):
        see.answer(f"show at {version}", cloud.compute("GET", f"{path}/{volume.id}", version), keys=True)
    see.answer("attach again", cloud.compute("POST", path, body={"volumeAttachment": {"volumeId": volume.id}}))
    see.answer("delete in use", cloud.volume("DELETE", f"/volumes/{volume.id}"))
    unknown = "00000000-0000-4000-8000-00000000dead"
    see.answer("attach unknown", cloud.compute("POST", path, body={"volumeAttachment": {"volumeId": unknown}}))
    see.answer("attach nothing", cloud.compute("POST", path, body={"volumeAttachment": {}}))
    see("detach", cloud.compute("DELETE", f"{path}/{volume.id}").status_code)
    storage.wait_for_status(volume, "available", interval=0.2, wait=60)
    see.answer("detach again", cloud.compute("DELETE", f"{path}/{volume.id}"))


def test_delete(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    ports = [one.id for one in cloud.connection.network.ports(device_id=server_id)]
    see("ports", len(ports))
    see.answer("delete", cloud.compute("DELETE", f"/servers/{server_id}"))
    cloud.until(lambda: cloud.compute("GET", f"/servers/{server_id}").status_code == 404, lambda: "still there")
    see("ports after", len(list(cloud.connection.network.ports(device_id=server_id))))
    see.answer("delete again", cloud.compute("DELETE", f"/servers/{server_id}"))


def test_delete_what_is_locked(cloud: Cloud, see: Watch) -> None:
    server_id = cloud.create()
    cloud.action(server_id, lock=None)
    see.answer(
        "rename", cloud.compute("PUT", f"/servers/{server_id}", body={"server": {"name": cloud.prefix}}), keys=True
    )
    see.answer("stop", cloud.action(server_id, **{"os-stop": None}))
    see.answer("delete", cloud.compute("DELETE", f"/servers/{server_id}"))
    see("locked", cloud.show(server_id, "2.9")["locked"])
    cloud.action(server_id, unlock=None)
