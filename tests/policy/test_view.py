"""The view: the document's words, the author's paths, and what is known."""

from __future__ import annotations

import pytest

from policy.facts.members import Member
from policy.forms import BATCH, FORMS, INSTANCE, SERVER
from policy.native import NATIVE, NATIVE_BATCH
from policy.testing import ABSENT, UNKNOWN, Pack, Resource, body, instance, native, secret, unknown
from policy.testing.servicer import urn
from policy.unknown import NotYetKnownError
from policy.view import Request, View, flag, whole


def read(resource: Resource) -> Request:
    return FORMS[resource.type](resource.inputs)


def test_the_forms_are_a_raw_instance_our_components_and_what_they_make() -> None:
    assert set(FORMS) == {INSTANCE, SERVER, BATCH, NATIVE, NATIVE_BATCH}


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("flavorRef", "flavorId"),
        ("imageRef", "imageId"),
        ("availability_zone", "availabilityZone"),
        ("key_name", "keyPair"),
        ("user_data", "userData"),
        ("block_device_mapping_v2", "blockDevices"),
        ("metadata", "metadata"),
    ],
)
def test_a_path_is_the_one_that_the_author_wrote(key: str, written: str) -> None:
    assert read(instance()).server.path_of(key) == written
    assert read(body()).server.path_of(key) == f"server.{key}"


def test_a_raw_nic_and_disk_are_read_in_the_documents_words() -> None:
    request = read(
        instance(
            networks=[{"name": "lan", "fixedIpV4": "10.0.0.2"}],
            blockDevices=[{"sourceType": "blank", "volumeSize": 40.0}],
        )
    )
    (nic,) = request.server.each("networks")
    (disk,) = request.server.each("block_device_mapping_v2")
    assert (nic.value("uuid"), nic.path_of("uuid")) == ("lan", "networks[0].name")
    assert (nic.value("fixed_ip"), nic.path_of("fixed_ip")) == ("10.0.0.2", "networks[0].fixedIpV4")
    assert (disk.value("source_type"), whole(disk.value("volume_size"))) == ("blank", 40)
    assert disk.path_of("boot_index") == "blockDevices[0].bootIndex"


def test_security_groups_of_a_raw_instance_are_given() -> None:
    assert read(instance(securityGroups=["web"])).server.given("security_groups")


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (None, False),
        ("", False),
        ([], False),
        ({}, False),
        (UNKNOWN, True),
        ("x", True),
        (0, True),
        (False, True),
        ({"a": 1}, True),
    ],
)
def test_what_counts_as_given(value: object, given: bool) -> None:
    assert read(body(config_drive=value)).server.given("config_drive") is given


def test_reading_an_unknown_names_its_path_and_asking_does_not_raise() -> None:
    server = read(instance(imageId=UNKNOWN)).server
    assert server.given("imageRef")
    assert not server.known("imageRef")
    with pytest.raises(NotYetKnownError, match="imageId is not known yet"):
        server.value("imageRef")


def test_an_object_that_is_not_known_can_be_held_but_not_read() -> None:
    view = read(body(metadata=UNKNOWN)).server.at("metadata")
    assert view.unknown
    for reading in (lambda: view.value("a"), lambda: view.given("a"), lambda: list(view.each("a")), view.all_keys):
        with pytest.raises(NotYetKnownError) as raised:
            reading()
        assert raised.value.path == "server.metadata"


@pytest.mark.parametrize("kind", ["string", "number", "boolean", "array", "object"])
def test_every_sentinel_of_the_engine_is_unknown(kind: str) -> None:
    from policy.pack import policies

    texts = [report.text for report in Pack(policies()).analyze(body(description=unknown(kind)))]  # type: ignore[arg-type]
    assert texts == [
        "server.description: undetermined until apply: server.description is not known yet [ECS-108, Table 3, description]"
    ]


def test_an_unknown_in_a_list_is_one_entry() -> None:
    entries = list(read(body(networks=[{"uuid": "n-1"}, UNKNOWN, "text"])).server.each("networks"))
    assert [entry.path for entry in entries] == [f"server.networks[{place}]" for place in range(3)]
    assert [entry.unknown for entry in entries] == [False, True, False]


def test_the_representation_of_a_view_is_its_path() -> None:
    assert repr(read(body(adminPass="planted")).server) == "View('server')"
    assert isinstance(read(instance()).server, View)


def test_a_component_names_its_child() -> None:
    component = body()
    child = Resource(NATIVE, {}, parent=urn(component))
    assert urn(child) == "urn:pulumi:test::ecs-stacks::ecs:index:Server$ecs:compute:Server::web"
    assert Member(urn(child), NATIVE, "web", {}).made_by_component
    assert not Member(urn(native()), NATIVE, "web", {}).made_by_component


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("40", 40),
        (40.0, 40),
        (-1, -1),
        ("-1", -1),
        ("+1", 1),
        (0.5, None),
        ("4e1", None),
        ("", None),
        (True, None),
        ("٤", None),
        ("9" * 30, None),
    ],
)
def test_whole_numbers(value: object, number: int | None) -> None:
    assert whole(value) == number


@pytest.mark.parametrize(
    ("value", "boolean"),
    [
        (True, True),
        ("False", False),
        ("true", True),
        ("off", False),
        (1, None),
        ("maybe", None),
        ("", None),
        (None, None),
    ],
)
def test_booleans(value: object, boolean: bool | None) -> None:
    assert flag(value) is boolean


def test_the_harness_takes_a_key_away_and_marks_a_secret() -> None:
    assert "name" not in instance(name=ABSENT).inputs
    assert "value" in secret("x")
