"""The document's five examples, word for word."""

import json
import re
from pathlib import Path

import pytest

from sandbox.lenient import loads
from sandbox.testing import Loopback

PROJECT = "9c53a566cb3443ab910cf0daebca90c4"
SINGLE = ["image-on-disk", "snapshot", "volume", "image"]


@pytest.mark.parametrize(
    "path",
    [f"/compute/v2.1/{PROJECT}/servers", f"/compute/v2/{PROJECT}/servers", f"/compute/v2/{PROJECT}/os-volumes_boot"],
)
@pytest.mark.parametrize("example", SINGLE)
def test_a_single_example_becomes_an_active_server(cloud: Loopback, data: Path, example: str, path: str) -> None:
    reply = cloud.ask("POST", path, (data / f"{example}.json").read_text())
    assert reply.status == 202, reply.body
    server = reply.body["server"]
    assert set(server) == {"id", "links", "security_groups", "OS-DCF:diskConfig", "adminPass"}
    wanted = [{"name": "name_xx5_sg"}] if example != "snapshot" else [{"name": "default"}]
    assert server["security_groups"] == wanted
    assert [link["rel"] for link in server["links"]] == ["self", "bookmark"]
    assert server["links"][0]["href"].startswith(f"{cloud.url}/compute/v2")
    assert server["adminPass"] == ("name_xx1" if example == "image" else server["adminPass"])
    assert len(server["adminPass"]) >= 8

    cloud.wait_built()
    shown = cloud.ask("GET", f"/compute/v2.1/servers/{server['id']}").body["server"]
    assert (shown["status"], shown["name"]) == ("ACTIVE", "wjvm48")
    assert len(shown["os-extended-volumes:volumes_attached"]) == 1
    assert (shown["image"] == "") == (example != "image")
    if example != "snapshot":
        assert shown["metadata"] == {"name": "name_xx1", "id": "id_xxxx1"}
        assert shown["key_name"] == "test"
        assert [nic["addr"] for nic in shown["addresses"]["net-office"]]


def test_the_disk_of_the_first_example_is_what_it_says(cloud: Loopback, data: Path) -> None:
    server = cloud.ask("POST", "/compute/v2.1/servers", (data / "image-on-disk.json").read_text()).body["server"]
    cloud.wait_built()
    volumes = cloud.ask("GET", "/volume/v3/volumes/detail").body["volumes"]
    (disk,) = [one for one in volumes if one["attachments"]]
    assert (disk["size"], disk["volume_type"], disk["status"]) == (40, "SAS", "in-use")
    assert disk["attachments"][0]["server_id"] == server["id"]
    cloud.ask("DELETE", f"/compute/v2.1/servers/{server['id']}")
    # "delete_on_termination": "False"
    assert cloud.ask("GET", f"/volume/v3/volumes/{disk['id']}").body["volume"]["status"] == "available"


def test_the_batch_example_answers_with_a_reservation_by_which_its_servers_are_found(
    cloud: Loopback, data: Path
) -> None:
    reply = cloud.ask("POST", f"/compute/v2.1/{PROJECT}/servers", (data / "batch.json").read_text())
    assert reply.status == 202
    assert re.fullmatch(r"r-[a-z0-9]{8}", reply.body["reservation_id"])
    assert list(reply.body) == ["reservation_id"]
    path = f"/compute/v2.1/servers/detail?reservation_id={reply.body['reservation_id']}"
    found = cloud.ask("GET", path).body["servers"]
    assert {(one["name"], one["status"]) for one in found} == {(f"test-{number}", "BUILD") for number in (1, 2, 3)}
    cloud.wait_built()
    found = cloud.ask("GET", path).body["servers"]
    assert {one["status"] for one in found} == {"ACTIVE"}
    addresses = [nic["addr"] for one in found for nic in one["addresses"]["net-batch"]]
    assert len(set(addresses)) == 3
    assert cloud.ask("GET", "/compute/v2.1/servers/detail?reservation_id=r-unknown0").body["servers"] == []


def test_a_comment_ends_at_the_line_s_end_or_where_the_scrape_lost_it(data: Path) -> None:
    text = (data / "snapshot.json").read_text()
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(text)
    (disk,) = loads(text)["server"]["block_device_mapping_v2"]
    assert disk["destination_type"] == "volume"
    assert loads('{"a": "http://x//y", // the "first" one\n "b": 1}') == {"a": "http://x//y", "b": 1}


def test_plain_nova_knows_no_comments_and_no_empty_fixed_ip(community: Loopback, data: Path) -> None:
    assert community.ask("POST", "/compute/v2.1/servers", (data / "snapshot.json").read_text()).status == 400
    refused = community.ask("POST", "/compute/v2.1/servers", (data / "image-on-disk.json").read_text(), version="2.67")
    assert (refused.status, "fixed_ip" in refused.body["badRequest"]["message"]) == (400, True)
