"""Several servers by one call: names, reservations, quotas, and what happens when one member cannot be placed."""

from __future__ import annotations

from typing import Any

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch


def all_settled(cloud: Cloud, reservation_id: str) -> list[dict[str, Any]]:
    cloud.until(
        lambda: all(one["status"] != "BUILD" for one in cloud.reserved(reservation_id)),
        lambda: cloud.reserved(reservation_id),
    )
    return sorted(cloud.reserved(reservation_id), key=lambda one: one["name"])


def test_a_batch_is_found_by_its_reservation(cloud: Cloud, see: Watch) -> None:
    answer = cloud.post(cloud.server("b", min_count="2", max_count="3", return_reservation_id="true"))
    see.answer("create", answer)
    reservation = answer.json()["reservation_id"]
    at_once = cloud.reserved(reservation)
    see("at once", sorted(one["status"] in ("BUILD", "ACTIVE") for one in at_once))
    done = all_settled(cloud, reservation)
    see("names", [one["name"] for one in done])
    see("statuses", [one["status"] for one in done])
    see("keys", sorted(done[0]))
    see("unknown reservation", cloud.reserved("r-nosuchone"))
    brief = cloud.compute("GET", f"/servers?reservation_id={reservation}").json()["servers"]
    see("brief", [sorted(one) for one in brief])


def test_a_batch_without_the_flag(cloud: Cloud, see: Watch) -> None:
    answer = cloud.post(cloud.server("b", min_count=2))
    see.answer("create", answer, keys=True)
    see("the id is of", cloud.show(answer.json()["server"]["id"])["name"])


def test_no_room_for_one_member(cloud: Cloud, see: Watch) -> None:
    group = cloud.connection.compute.create_server_group(name=f"{cloud.prefix}-g", policy="anti-affinity")
    cloud.later(lambda: cloud.connection.compute.delete_server_group(group))
    hosts = 3 if cloud.profile == "real" else 9
    body = cloud.server("b", min_count=1, max_count=hosts, return_reservation_id=True)
    answer = cloud.post(body, hints={"group": group.id})
    see("create", answer.status_code)
    done = all_settled(cloud, answer.json()["reservation_id"])
    see("statuses", sorted({one["status"] for one in done}))
    see("fault", {key: value for key, value in done[0]["fault"].items() if key != "details"})
    see("all are there", len(done) == hosts)
    see("hosts", sorted({one["hostId"] for one in done}))
    see("addresses", [one["addresses"] for one in done][:1])
    see("members", len(cloud.connection.compute.get_server_group(group.id).member_ids) == hosts)


def test_members_of_a_group_are_apart(cloud: Cloud, see: Watch) -> None:
    group = cloud.connection.compute.create_server_group(name=f"{cloud.prefix}-g", policy="anti-affinity")
    cloud.later(lambda: cloud.connection.compute.delete_server_group(group))
    body = cloud.server("b", min_count=2, return_reservation_id=True)
    done = all_settled(cloud, cloud.post(body, hints={"group": group.id}).json()["reservation_id"])
    see("apart", len({one["hostId"] for one in done}))
    members = cloud.connection.compute.get_server_group(group.id).member_ids
    see("members", sorted(members) == sorted(one["id"] for one in done))


def test_more_than_the_quota(cloud: Cloud, see: Watch) -> None:
    limits = cloud.compute("GET", "/limits").json()["limits"]["absolute"]
    left = limits["maxTotalInstances"] - limits["totalInstancesUsed"]
    for word, value in (("left", left), ("limit", limits["maxTotalInstances"]), ("used", limits["totalInstancesUsed"])):
        cloud.known[f" {value}"] = f" <{word}>"
    answer = cloud.post(cloud.server("b", min_count=left + 1, max_count=left + 2))
    body = answer.json()
    see("refused", {"status": answer.status_code, "kind": sorted(body)})
    see("sentence", body["forbidden"]["message"].split(":")[0])


def test_names_of_a_batch_of_one(cloud: Cloud, see: Watch) -> None:
    for high in (1, "1"):
        answer = cloud.post(cloud.server(f"one{high!r}", min_count=1, max_count=high))
        see(f"max_count {high!r}", cloud.show(answer.json()["server"]["id"])["name"])
    see("hostname in a batch", cloud.post(cloud.server("h", min_count=2, hostname="h"), "2.90").status_code)
