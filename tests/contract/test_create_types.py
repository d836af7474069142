"""A create call with every kind of value in every field: what is read leniently, what is refused, and in which words."""

from __future__ import annotations

from typing import Any

from tests.contract.cloud import Cloud
from tests.contract.observe import Watch

COUNTS: list[Any] = [0, "0", -1, "", None, "two", 2.5, True, [], "01", " 1 ", "1.0", 1.0]


def note(see: Watch, name: str, answer: Any) -> None:
    """A 202 is noted by its keys, for the ids differ; a refusal word for word."""
    see.answer(name, answer, keys=answer.status_code == 202)


def test_counts(cloud: Cloud, see: Watch) -> None:
    for value in COUNTS:
        note(see, f"min_count {value!r}", cloud.post({**cloud.server(), "min_count": value}))
    for value in (0, "x", None):
        note(see, f"max_count {value!r}", cloud.post({**cloud.server(), "max_count": value}))
    note(see, "min above max", cloud.post(cloud.server(min_count=2, max_count=1)))
    note(see, "min above quoted max", cloud.post(cloud.server(min_count="2", max_count="1")))


def test_reservation_flag(cloud: Cloud, see: Watch) -> None:
    for value in (True, False, "true", "True", "on", "yes", "1", "false", "off", "no", "0", 1, 0, "t", "abc", None, ""):
        note(see, repr(value), cloud.post({**cloud.server(), "return_reservation_id": value}))


def test_flags(cloud: Cloud, see: Watch) -> None:
    for value in (True, "true", "no", "", "x", 1, None):
        note(see, f"config_drive {value!r}", cloud.post({**cloud.server(), "config_drive": value}))
    for value in ("AUTO", "MANUAL", "auto", "", None, 1):
        note(see, f"diskConfig {value!r}", cloud.post({**cloud.server(), "OS-DCF:diskConfig": value}))


def test_texts(cloud: Cloud, see: Watch) -> None:
    for what, value in (
        ("empty", ""),
        ("blank", "   "),
        ("a blank before", " a"),
        ("255", "a" * 255),
        ("256", "a" * 256),
        ("number", 7),
        ("null", None),
        ("tab", "a\tb"),
        ("unicode", "sérvér-机"),
    ):
        note(see, f"name {what}", cloud.post({**cloud.server(), "name": value}))
    note(see, "no name", cloud.post(cloud.server(name=None)))
    for value in (None, 7, "", "no-such-key"):
        note(see, f"key_name {value!r}", cloud.post({**cloud.server(), "key_name": value}))
    for what, value in (("null", None), ("no base64", "%%%"), ("empty", ""), ("number", 7), ("base64", "eA==")):
        note(see, f"user_data {what}", cloud.post({**cloud.server(), "user_data": value}))
    for value in (None, 7, "", "abc"):
        note(see, f"adminPass {value!r}", cloud.post({**cloud.server(), "adminPass": value}))
    note(see, "user_data too long", cloud.post(cloud.server(user_data="QUFB" * 16384)))


def test_references(cloud: Cloud, see: Watch) -> None:
    unknown = "00000000-0000-4000-8000-00000000dead"
    for what, value in (("unknown", "no-such-flavor"), ("empty", ""), ("null", None), ("list", [])):
        note(see, f"flavorRef {what}", cloud.post({**cloud.server(), "flavorRef": value}))
    note(see, "no flavorRef", cloud.post(cloud.server(flavorRef=None)))
    for what, value in (("unknown", unknown), ("no uuid", "image"), ("empty", ""), ("null", None), ("number", 7)):
        note(see, f"imageRef {what}", cloud.post({**cloud.server(), "imageRef": value}))
    note(see, "no imageRef", cloud.post(cloud.server(imageRef=None)))
    for what, value in (("unknown", "nowhere"), ("empty", ""), ("null", None), ("number", 7)):
        note(see, f"availability_zone {what}", cloud.post({**cloud.server(), "availability_zone": value}))
    for what, groups in (
        ("unknown", [{"name": "no-such-group"}]),
        ("unknown uuid", [{"name": unknown}]),
        ("empty list", []),
        ("twice", [{"name": "default"}, {"name": "default"}]),
        ("no name", [{}]),
        ("text", "default"),
        ("list of texts", ["default"]),
    ):
        note(see, f"security_groups {what}", cloud.post({**cloud.server(), "security_groups": groups}))


def test_metadata(cloud: Cloud, see: Watch) -> None:
    for what, value in (
        ("null value", {"a": None}),
        ("number value", {"a": 1}),
        ("long key", {"k" * 256: "v"}),
        ("long value", {"k": "v" * 256}),
        ("empty key", {"": "v"}),
        ("odd key", {"a/b": "v"}),
        ("list", []),
        ("null", None),
        ("many", {f"k{one}": "v" for one in range(129)}),
    ):
        note(see, what, cloud.post({**cloud.server(), "metadata": value}))


def test_hints(cloud: Cloud, see: Watch) -> None:
    unknown = "00000000-0000-4000-8000-00000000dead"
    for what, value in (
        ("no object", []),
        ("group that is not there", {"group": unknown}),
        ("group that is no uuid", {"group": "web"}),
        ("group null", {"group": None}),
        ("unknown key", {"colour": "red"}),
        ("different_host that is no uuid", {"different_host": ["x"]}),
    ):
        note(see, what, cloud.post(cloud.server(), hints=value))


def test_unknown_keys(cloud: Cloud, see: Watch) -> None:
    note(see, "one", cloud.post({**cloud.server(), "colour": "red"}))
    note(see, "two", cloud.post({**cloud.server(), "colour": "red", "size": 1}))
    note(see, "in a NIC", cloud.post(cloud.server(networks=[{"uuid": cloud.network.id, "colour": "red"}])))
    note(see, "beside the server", cloud.compute("POST", "/servers", body={"server": cloud.server(), "colour": "red"}))
    note(see, "no server", cloud.compute("POST", "/servers", body={"colour": "red"}))
    note(see, "server is a list", cloud.compute("POST", "/servers", body={"server": []}))
    note(see, "body is a list", cloud.compute("POST", "/servers", body=[]))


def test_description(cloud: Cloud, see: Watch) -> None:
    note(see, "2.18", cloud.post(cloud.server(description="d"), "2.18"))
    for what, value in (("text", "d"), ("empty", ""), ("null", None), ("long", "d" * 256), ("number", 7)):
        note(see, f"2.19 {what}", cloud.post({**cloud.server(), "description": value}, "2.19"))


def test_newer_keys(cloud: Cloud, see: Watch) -> None:
    for key, value, before, since in (
        ("tags", ["a"], "2.51", "2.52"),
        ("hostname", "web", "2.89", "2.90"),
        ("trusted_image_certificates", None, "2.62", "2.63"),
    ):
        for version in (before, since):
            note(see, f"{key} at {version}", cloud.post({**cloud.server(), key: value}, version))
    note(see, "personality at 2.57", cloud.post({**cloud.server(), "personality": []}, "2.57"))
    note(see, "personality at 2.56", cloud.post({**cloud.server(), "personality": []}, "2.56"))
    note(see, "tags too many", cloud.post(cloud.server(tags=[f"t{one}" for one in range(51)]), "2.52"))
    note(see, "tags twice", cloud.post(cloud.server(tags=["a", "a"]), "2.52"))
