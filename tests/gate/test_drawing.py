"""What is drawn of a run: networks, servers and disks, and how they hang together."""

from __future__ import annotations

from typing import Any

import pytest

from gate.drawing import BATCH, DISK, NATIVE, NETWORK, RAW, SUBNET, drawn
from gate.reading import Reading
from gate.review import Drawing, DrawnDisk, DrawnNetwork, DrawnNic, Effect
from tests.gate.events import after, step, urn

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
LAN = step("same", "lan", {"name": "lan"}, {"name": "lan"}, type_=NETWORK, ident="net-1")
NEW = step("create", "new", after={"name": "new"}, type_=NETWORK)
MORE = step("create", "more", after={"name": "more"}, type_=NETWORK)
DATA = step("same", "data", {"size": 5}, {"size": 5.0, "volumeType": "SSD"}, type_=DISK, ident="disk-1")


def draw(*events: dict[str, Any], behind: dict[str, dict[str, list[str]]] | None = None, **says: str) -> Drawing:
    """The drawing of events; `behind` says which resources an input of a resource comes from, as an engine's plan does."""
    reading = Reading()
    for one in events:
        reading.event(one)
    plans = {name: {"goal": {"propertyDependencies": inputs}} for name, inputs in (behind or {}).items()}
    return drawn(reading, {urn(name): (line,) for name, line in says.items()}, {"resourcePlans": plans})


def disks(op: str, before: Any, now: Any, **says: str) -> list[tuple[str, Effect]]:
    """Each disk of a server, with what happens to it."""
    (server,) = draw(step(op, "web", before, now, ident="1"), **says).servers
    return [(disk.label, disk.effect) for disk in server.disks]


def test_a_server_is_drawn_with_what_a_reviewer_asks_for() -> None:
    inputs = {
        "flavorRef": "s3.medium", "availability_zone": "az1", "imageRef": "image",
        "networks": [{"uuid": "net-1", "fixed_ip": "10.0.0.9"}, {"port": "abcdefgh-1234"}, {"port": UNKNOWN}],
        "disks": [{"name": "logs", "volume_size": 20.0, "volume_type": "SAS"},
                  {"name": "tmp", "volume_size": 1, "delete_on_termination": True}],
    }  # fmt: skip
    (server,) = draw(LAN, step("create", "web", after=inputs), web="what is said").servers
    assert (server.name, server.effect, server.flavor, server.zone, server.count) == (
        "web", Effect.CREATE, "s3.medium", "az1", "",
    )  # fmt: skip
    assert server.says == ("what is said",)
    assert server.nics == (
        DrawnNic(network=urn("lan", NETWORK), label="10.0.0.9"),
        DrawnNic(network="", label="port abcdefgh"),
        DrawnNic(network="", label="port"),
    )
    assert server.disks == (
        DrawnDisk(label="boot", effect=Effect.CREATE),
        DrawnDisk(label="logs", size=20, type="SAS", kept=True, effect=Effect.CREATE),
        DrawnDisk(label="tmp", size=1, kept=False, effect=Effect.CREATE),
    )


def test_a_raw_instance_is_drawn_as_well() -> None:
    inputs = {
        "flavorName": "s3.small", "availabilityZone": "az2", "networks": [{"uuid": "net-1", "fixedIpV4": "10.0.0.4"}],
        "blockDevices": [{"bootIndex": 0, "volumeSize": 40, "volumeType": "SSD", "deleteOnTermination": True},
                         {"bootIndex": 1, "volumeSize": 10}],
    }  # fmt: skip
    (server,) = draw(LAN, step("create", "raw", after=inputs, type_=RAW)).servers
    assert (server.flavor, server.zone) == ("s3.small", "az2")
    assert server.nics == (DrawnNic(network=urn("lan", NETWORK), label="10.0.0.4"),)
    assert server.disks == (
        DrawnDisk(label="boot", size=40, type="SSD", kept=False, effect=Effect.CREATE),
        DrawnDisk(label="1", size=10, kept=True, effect=Effect.CREATE),
    )
    (by_image,) = draw(step("create", "raw", after={"imageId": "i", "flavorId": "7"}, type_=RAW)).servers
    assert (by_image.flavor, [disk.label for disk in by_image.disks]) == ("7", ["boot"])


@pytest.mark.parametrize(
    ("least", "most", "count"), [(2, 2, "2"), (2.0, 5.0, "2-5"), (UNKNOWN, 3, "?-3"), (None, None, "?")]
)
def test_a_batch_says_how_many(least: Any, most: Any, count: str) -> None:
    (batch,) = draw(step("create", "pool", after={"min_count": least, "max_count": most}, type_=BATCH)).servers
    assert batch.count == count


class TestNetworks:
    """A network that has no id yet is found by where the value comes from."""

    WEB = step("create", "web", after={"networks": [{"uuid": UNKNOWN}]})

    def test_one_that_is_made_in_the_same_run(self) -> None:
        behind = {urn("web"): {"networks": [urn("web-port", "openstack:networking/port:Port"), urn("new", NETWORK)]}}
        (server,) = draw(NEW, self.WEB, behind=behind).servers
        assert server.nics[0].network == urn("new", NETWORK)

    @pytest.mark.parametrize("behind", [{}, {urn("web"): {"networks": [urn("new", NETWORK), urn("more", NETWORK)]}}])
    def test_where_it_cannot_be_told_none_is_guessed(self, behind: dict[str, dict[str, list[str]]]) -> None:
        (server,) = draw(NEW, MORE, self.WEB, behind=behind).servers
        assert server.nics[0].network == ""

    def test_a_stranger_is_drawn_once(self) -> None:
        two = [step("create", name, after={"networks": [{"uuid": "0123456789"}]}) for name in ("a", "b")]
        found = draw(*two)
        assert found.networks == (DrawnNetwork(key="0123456789", label="network 01234567", ours=False),)
        assert {server.nics[0].network for server in found.servers} == {"0123456789"}

    def test_a_subnet_gives_its_network_the_range(self) -> None:
        known = step("create", "s", after={"networkId": "net-1", "cidr": "10.0.0.0/24"}, type_=SUBNET)
        fresh = step("create", "t", after={"networkId": UNKNOWN, "cidr": "10.1.0.0/24"}, type_=SUBNET)
        found = draw(LAN, NEW, known, fresh, behind={urn("t", SUBNET): {"networkId": [urn("new", NETWORK)]}})
        assert [(one.label, one.cidr, one.effect) for one in found.networks] == [
            ("lan", "10.0.0.0/24", Effect.SAME),
            ("new", "10.1.0.0/24", Effect.CREATE),
        ]


class TestDisks:
    """What becomes of each disk is what a reviewer must not be wrong about."""

    TWO: dict[str, Any] = {"imageRef": "i", "disks": [{"name": "logs"}, {"name": "tmp"}]}  # noqa: RUF012

    def test_a_change_leaves_the_disks_alone(self) -> None:
        same = [("boot", Effect.SAME), ("logs", Effect.SAME), ("tmp", Effect.SAME)]
        assert disks("same", self.TWO, self.TWO) == same
        assert disks("update", self.TWO, self.TWO | {"name": "x"}) == same
        assert disks("update", {"boot": {"volume_size": 9}}, {"boot": {"volume_size": 9}}) == [("boot", Effect.SAME)]

    def test_one_that_comes_and_one_that_goes(self) -> None:
        one, other = self.TWO | {"disks": [{"name": "logs"}]}, self.TWO | {"disks": [{"name": "tmp"}]}
        assert disks("update", one, other) == [("boot", Effect.SAME), ("tmp", Effect.CREATE), ("logs", Effect.DELETE)]

    @pytest.mark.parametrize(("op", "effect"), [("delete", Effect.DELETE), ("replace", Effect.REPLACE)])
    def test_what_happens_to_the_server_happens_to_them(self, op: str, effect: Effect) -> None:
        now = None if op == "delete" else self.TWO
        assert disks(op, self.TWO, now) == [("boot", effect), ("logs", effect), ("tmp", effect)]

    def test_a_rebuild_wipes_the_system_disk_and_no_other(self) -> None:
        reading = Reading()
        for stated in (
            {"imageRef": "j", "disks": [{"name": "logs"}]},
            {"boot": {"uuid": "j"}, "disks": [{"name": "logs"}]},
        ):
            reading.event(step("update", "web", stated, stated, ident="1"))
            reading.steps[urn("web")].effect = Effect.REBUILD
            (server,) = drawn(reading, {}, {}).servers
            assert [(one.label, one.effect) for one in server.disks] == [
                ("boot", Effect.REBUILD),
                ("logs", Effect.SAME),
            ]
            reading = Reading()

    def test_one_of_its_own_stands_alone_until_a_server_names_it(self) -> None:
        alone = draw(DATA)
        assert alone.disks == (DrawnDisk(label="data", size=5, type="SSD", kept=True),)
        assert draw(DATA, step("same", "web", {}, {"disks": [{"uuid": "disk-1"}]})).disks == ()
        behind = {urn("web"): {"disks": [urn("fresh", DISK)]}}
        fresh = step("create", "fresh", after={"size": 1}, type_=DISK)
        web = step("create", "web", after={"disks": [{"uuid": UNKNOWN}]})
        assert draw(fresh, web, behind=behind).disks == ()
        assert draw(fresh, web).disks != ()


def test_what_a_look_at_the_cloud_found_is_drawn() -> None:
    found = draw(
        step("refresh", "web", {"a": 1}, {"a": 1}, ident="1"), after("delete", "web", {"flavorRef": "s"}, ident="1")
    )
    assert [(one.name, one.effect, one.flavor) for one in found.servers] == [("web", Effect.DELETE, "s")]


def test_what_is_done_counts_more_than_what_was_found() -> None:
    look = step("refresh", "web", {"a": 1}, {"a": 1}, ident="1"), after("update", "web", {"a": 1}, {"a": 2}, ident="1")
    found = draw(*look, step("delete", "web", {"a": 2}, ident="1"))
    assert [one.effect for one in found.servers] == [Effect.DELETE]


def test_a_component_is_not_drawn() -> None:
    event = step("create", "web", after={})
    event["resourcePreEvent"]["metadata"]["new"]["custom"] = False
    assert draw(event).servers == ()
    assert NATIVE == "ecs:compute:Server"
