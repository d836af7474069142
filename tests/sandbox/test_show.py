"""A look inside: the inventory, the drawing's choice, the page's answer, and reading a sandbox that does not run."""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import daemon
from sandbox.faults import Fault
from sandbox.folder import HOST
from sandbox.routing import Call
from sandbox.show import web
from sandbox.show.boxes import MOST, sections
from sandbox.show.bundles import ALONE, BOXES, choose
from sandbox.show.gather import gather
from sandbox.show.inventory import Group, Inventory, Server
from sandbox.show.page import content, page
from sandbox.show.reader import NothingToShowError, read
from sandbox.show.tables import lines, tables
from sandbox.show.text import columns, shorten, visible, wrap
from sandbox.testing import Loopback

SERVERS = "/compute/v2.1/servers"
EXTERNAL = "e47e4a10-0005-4000-8000-000000000005"
Body = Callable[..., dict[str, Any]]


def look(cloud: Loopback) -> Inventory:
    with cloud.world.store.transaction(write=False):
        return gather(cloud.world.store, profile="ecs", at=cloud.world.now())


def create(cloud: Loopback, body: dict[str, Any]) -> str:
    reply = cloud.ask("POST", SERVERS, body)
    assert reply.status == 202, reply.body
    return str(reply.body["server"]["id"])


def browse(cloud: Loopback, **headers: str) -> tuple[HTTPResponse, str]:
    line = HTTPConnection(HOST, cloud.port, timeout=10)
    try:
        line.putrequest("GET", "/", skip_host=True)
        for name, value in {"Host": f"127.0.0.1:{cloud.port}", "Accept": "text/html", **headers}.items():
            line.putheader(name.replace("_", "-"), value)
        line.endheaders()
        answer = line.getresponse()
        return answer, answer.read().decode()
    finally:
        line.close()


def fake(number: int, **changes: Any) -> Server:
    made: dict[str, Any] = {
        "id": f"id-{number}",
        "name": f"web-{number}",
        "status": "ACTIVE",
        "task": None,
        "fault": None,
        "flavor": "s3.medium",
        "cores": 1,
        "ram": 4096,
        "zone": "az1-dc1",
        "host": "host-1",
        "group_id": None,
        "reservation_id": None,
        "key_name": None,
        "image": None,
        "created_at": 0.0,
    }
    return Server(**{**made, **changes})


def world_of(*servers: Server, groups: tuple[Group, ...] = ()) -> Inventory:
    return Inventory("ecs", 0.0, None, servers, (), (), (), (), (), groups, (), (), ())


def test_it_tells_what_the_api_was_asked_for(cloud: Loopback, body: Body) -> None:
    group = cloud.ask(
        "POST", "/compute/v2.1/os-server-groups", {"server_group": {"name": "spread", "policies": ["anti-affinity"]}}
    )
    group_id = group.body["server_group"]["id"]
    first = create(cloud, body(name="db-1", key_name="test", hints={"group": group_id}))
    second = create(cloud, body(name="db-2", hints={"group": group_id}))
    cloud.wait_built()
    port = cloud.ask("GET", f"/network/v2.0/ports?device_id={first}").body["ports"][0]
    wanted = {"floatingip": {"floating_network_id": EXTERNAL, "port_id": port["id"]}}
    public = cloud.ask("POST", "/network/v2.0/floatingips", wanted).body["floatingip"]["floating_ip_address"]

    found = look(cloud)
    one, two = found.servers
    assert (one.id, one.name, one.status, one.flavor, one.key_name) == (first, "db-1", "ACTIVE", "s3.medium", "test")
    (nic,) = one.nics
    assert (nic.network, nic.port_id, nic.fixed_ips) == ("net-store", port["id"], (port["fixed_ips"][0]["ip_address"],))
    assert nic.floating_ips == ((public, EXTERNAL),)
    (disk,) = one.disks
    assert (disk.size, disk.boot, disk.device, disk.server) == (40, True, "/dev/vda", "db-1")
    assert (found.groups[0].name, found.groups[0].members) == ("spread", (first, second))
    assert one.host != two.host
    assert [(one.name, one.server_id) for one in found.disks if one.server_id is None] == [
        ("system-disk", None),
        ("data-disk", None),
    ]
    assert {port.name for port in found.ports if port.holder is None} == {"port-office"}
    assert [(one.address, one.server) for one in found.floating_ips] == [(public, "db-1")]


def test_its_quotas_are_the_ones_that_the_api_tells(cloud: Loopback, body: Body) -> None:
    create(cloud, body())
    cloud.ask("POST", "/volume/v3/snapshots", {"snapshot": {"volume_id": "da7a0000-0002-4000-8000-000000000002"}})
    project = cloud.world.project_id
    told = {
        "compute": cloud.ask("GET", f"/compute/v2.1/os-quota-sets/{project}/detail").body["quota_set"],
        "volume": cloud.ask("GET", f"/volume/v3/os-quota-sets/{project}?usage=True").body["quota_set"],
        "network": cloud.ask("GET", f"/network/v2.0/quotas/{project}/details.json").body["quota"],
    }
    quotas = look(cloud).quotas
    assert {one.service for one in quotas} == set(told)
    for one in quotas:
        entry = told[one.service][one.name]
        assert (one.used, one.limit) == (entry.get("in_use", entry.get("used")), entry["limit"]), one.name


def test_no_secret_gets_in_not_even_masked(cloud: Loopback, body: Body) -> None:
    secrets = {"adminPass": "Passw0rd-of-admin", "user_data": base64.b64encode(b"my first boot").decode()}
    metadata = {"admin_pass": "Passw0rd-in-metadata", "role": "metadata-is-not-shown"}
    create(cloud, body(key_name="test", metadata=metadata, **secrets))
    inventory = look(cloud)
    shown = json.dumps(inventory.as_json()) + page(inventory, content(inventory), live=True)
    shown += repr(tables(inventory)) + browse(cloud)[1]
    for secret in (*secrets.values(), *metadata.values(), cloud.log_in(), cloud.world.control_key, "hmac-sha256"):
        assert secret not in shown
    assert "web" in shown


def test_a_server_in_error_shows_why(cloud: Loopback, body: Body) -> None:
    group = cloud.ask(
        "POST", "/compute/v2.1/os-server-groups", {"server_group": {"name": "g", "policies": ["anti-affinity"]}}
    )
    hints = {"group": group.body["server_group"]["id"]}
    for _ in range(cloud.world.settings.hosts + 1):
        create(cloud, body(hints=hints))
    cloud.wait_built()
    broken = look(cloud).servers[-1]
    assert (broken.status, broken.host, broken.fault) == (
        "ERROR",
        None,
        "No valid host was found. There are not enough hosts available.",
    )
    assert broken.fault in content(look(cloud)).split('<h2 id="servers"')[0]


def test_a_program_gets_json_from_the_root_and_a_browser_the_page(cloud: Loopback) -> None:
    assert cloud.ask("GET", "/", token=None).body == {"sandbox": {"id": "test", "profile": "ecs"}}
    answer, text = browse(cloud)
    assert (answer.status, answer.getheader("Content-Type")) == (200, "text/html; charset=utf-8")
    assert text.startswith("<!doctype html>")
    assert answer.getheader("Vary") == "Accept"
    assert answer.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert answer.getheader("Access-Control-Allow-Origin") is None


def test_the_page_allows_nothing_but_its_own_style_and_script(cloud: Loopback) -> None:
    answer, text = browse(cloud)
    policy = dict(part.strip().split(" ", 1) for part in (answer.getheader("Content-Security-Policy") or "").split(";"))
    assert (policy["default-src"], policy["connect-src"]) == ("'none'", "'self'")
    assert (policy["frame-ancestors"], policy["form-action"], policy["base-uri"]) == ("'none'", "'none'", "'none'")
    assert "unsafe" not in str(policy)
    assert re.findall(r"<script[^>]*>", text) == ["<script>"]
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)
    assert " style=" not in text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:15000", "127.0.0.1.evil.example", "", "localhost.:1"])
def test_another_name_for_this_machine_is_not_shown_the_page(cloud: Loopback, host: str) -> None:
    answer, text = browse(cloud, Host=host)
    assert answer.status == 403
    assert "127.0.0.1 and localhost only" in text
    assert "net-office" not in text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:15000", "[::1]:15000", "127.0.0.1"])
def test_the_names_of_this_machine_are(cloud: Loopback, host: str) -> None:
    assert browse(cloud, Host=host)[0].status == 200


def test_another_machine_is_not_shown_the_page(cloud: Loopback) -> None:
    call = Call(cloud.world, "GET", "/", "", headers={"host": "localhost", "accept": "text/html"}, client="192.0.2.7")
    assert web.wants_page(call)
    with pytest.raises(Fault, match="on the machine only") as refused:
        web.answer(call)
    assert refused.value.status == 403


def test_it_is_sent_again_only_when_something_changed_be_it_by_time_alone(cloud: Loopback, body: Body) -> None:
    tags = []

    def ask() -> int:
        answer, text = browse(cloud, If_None_Match=tags[-1] if tags else "")
        tags.append(answer.getheader("ETag") or "")
        assert bool(text) == (answer.status == 200)
        return answer.status

    assert [ask(), ask()] == [200, 304]
    create(cloud, body())
    assert [ask(), ask()] == [200, 304]
    cloud.clock.advance(cloud.world.settings.build_seconds / 2)
    assert ask() == 304
    cloud.wait_built()
    assert [ask(), ask()] == [200, 304]
    cloud.start_over()
    assert ask() == 200
    assert len(set(tags)) == 4


def test_an_unchanged_world_is_not_read_again(cloud: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    browse(cloud)
    monkeypatch.setattr(web, "gather", lambda *_, **__: pytest.fail("it was read again"))
    assert browse(cloud)[0].status == 200


def test_what_time_will_change_is_known_beforehand(cloud: Loopback, body: Body) -> None:
    assert look(cloud).changes_at is None
    begun = cloud.world.now()
    create(cloud, body())
    assert look(cloud).changes_at == begun + cloud.world.settings.build_seconds


class Parsed(HTMLParser):
    """What a browser would make of a text: how often each tag stands in it, and the texts between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser hands it in
        self.tags[tag] += 1

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


NAMES = ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "&lt;b&gt;", "]]>", "</main></svg>"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_text(cloud: Loopback, body: Body, name: str) -> None:
    create(cloud, body(name=name))
    cloud.ask("POST", "/network/v2.0/networks", {"network": {"name": name}})
    parsed = Parsed(content(look(cloud)))
    assert parsed.tags["main"] == 1
    assert not parsed.tags.keys() & {"script", "img"}
    # Once in the drawing as a box or a rail, and once in the table, for the server and for the network.
    assert parsed.texts.count(name) >= 4


def test_half_a_character_breaks_nothing(cloud: Loopback, body: Body) -> None:
    server = cloud.world.store.get("server", create(cloud, body()))
    # No service takes such a name today; what is looked at may come from an older sandbox.
    cloud.world.store.save("server", (server or {}) | {"name": "half \ud800 of one"})
    answer, text = browse(cloud)
    assert (answer.status, r"half \ud800 of one" in text) == (200, True)


SERVER = st.builds(
    lambda number, status, group, batch: fake(number, status=status, group_id=group, reservation_id=batch),
    st.integers(0, 9999),
    st.sampled_from(["ACTIVE", "ACTIVE", "BUILD", "ERROR"]),
    st.sampled_from([None, "g-1", "g-2", "gone"]),
    st.sampled_from([None, "r-1", "r-2"]),
)
GROUPS = (Group("g-1", "one", "anti-affinity", ()), Group("g-2", "two", "affinity", ()))


@given(st.lists(SERVER, max_size=ALONE * 4, unique_by=lambda one: one.id))
def test_every_server_is_drawn_or_counted_as_not_drawn(servers: list[Server]) -> None:
    chosen = choose(world_of(*servers, groups=GROUPS))
    drawn = [server.id for bundle in chosen.bundles for server in bundle.servers]
    assert len(drawn) == len(set(drawn))
    assert len(drawn) + chosen.left_out == len(servers)
    assert len(chosen.bundles) <= BOXES
    if len(servers) <= ALONE:
        assert chosen.left_out == 0
        assert all(len(bundle.servers) == 1 for bundle in chosen.bundles)
    order = [bundle.group_id if bundle.group_id in ("g-1", "g-2") else None for bundle in chosen.bundles]
    assert order == sorted(order, key=lambda one: one or "")


def test_a_batch_shares_a_box_and_the_few_beside_it_keep_theirs() -> None:
    batch = [fake(number, name=f"batch-{number}", reservation_id="r-1") for number in range(1000)]
    broken = fake(5000, name="lost", status="ERROR", reservation_id="r-1", fault="No valid host was found.")
    single = [fake(6000 + number, name=f"db-{number}", group_id="g-1") for number in range(3)]
    chosen = choose(world_of(*batch, broken, *single, groups=GROUPS))
    assert chosen.left_out == 0
    assert sorted(len(one.servers) for one in chosen.bundles) == [1, 1, 1, 1, 1000]


def test_what_is_not_drawn_is_said() -> None:
    unlike = [fake(number, name=chr(0x4E00 + number)) for number in range(BOXES + 7)]
    (drawn, note) = sections(world_of(*unlike))
    assert len(drawn.boxes) == BOXES
    assert note.remarks == ("7 servers more not drawn: see the table below.",)


def test_a_box_that_is_not_drawn_counts_for_all_of_its_servers() -> None:
    pairs = [fake(2 * kind + one, name=f"{chr(0x4E00 + kind)}-{one}") for kind in range(BOXES + 5) for one in (0, 1)]
    chosen = choose(world_of(*pairs))
    assert (len(chosen.bundles), chosen.left_out) == (BOXES, 10)


def test_free_things_beyond_some_are_counted(cloud: Loopback) -> None:
    network = "79a68cef-0936-4e21-b1f4-b800ecb70246"
    for _ in range(MOST + 2):
        cloud.ask("POST", "/network/v2.0/ports", {"port": {"network_id": network}})
    (free,) = [section for section in sections(look(cloud)) if section.heading == "On no server"]
    # One port is in the seed world.
    assert (len(free.boxes), free.remarks) == (MOST, ("3 ports more not drawn: see the table below.",))


@given(st.text(max_size=60), st.integers(5, 40))
def test_a_shortened_text_fits_and_a_short_one_is_left_alone(text: str, most: int) -> None:
    short = shorten(text, most)
    assert columns(short) <= most
    assert short.isprintable()
    if columns(visible(text)) <= most:
        assert short == visible(text)


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("web-1", 9, "web-1"),
        ("batch-of-servers-17", 9, "batc…s-17"),
        ("名前名前名前", 6, "名…前"),
        ("a\x1bb", 9, r"a\x1bb"),
    ],
)
def test_both_ends_of_a_long_name_are_kept(text: str, most: int, short: str) -> None:
    assert shorten(text, most) == short


def test_a_long_message_is_wrapped_and_its_end_is_shortened() -> None:
    assert wrap("No valid host was found.", 10, 5) == ["No valid", "host was", "found."]
    assert wrap("one two three four five", 9, 2) == ["one two", "thre…five"]


def test_a_sandbox_that_does_not_run_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    place = tmp_path / "sandbox"
    with pytest.raises(NothingToShowError, match="ecs sandbox start"):
        read(place)
    daemon.start(place, profile="community")
    running = read(place)
    daemon.stop(place)
    before = sorted(one.name for one in place.iterdir())
    stopped = read(place)
    assert sorted(one.name for one in place.iterdir()) == before
    assert (stopped.profile, stopped.networks, stopped.disks) == ("community", running.networks, running.disks)
    assert {one.name for one in stopped.networks} >= {"net-office", "external"}


def test_a_database_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "sandbox.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(NothingToShowError, match=r"cannot be read .*: ecs sandbox reset"):
        read(tmp_path)


def test_every_table_has_a_cell_for_each_column(cloud: Loopback, body: Body) -> None:
    create(cloud, body())
    every = tables(look(cloud))
    assert len({table.key for table in every}) == len(every)
    for table in every:
        assert all(len(row) == len(table.columns) for row in table.rows), table.key
        assert len(table.anchors) in (0, len(table.rows))
        assert all(line.isprintable() for row in table.rows for cell in row for line in lines(cell))
