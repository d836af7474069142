"""Three judges that know nothing of each other agree on every create request: arguments, policy pack and practice cloud."""

from __future__ import annotations

import pytest
from hypothesis import event, given

from policy.forms import SERVER
from policy.pack import policies
from policy.testing import Pack, Resource
from tests.agreement.cases import ACCEPTED, CASES, SCHEMA
from tests.agreement.conftest import share
from tests.agreement.differences import TABLE, Difference, Heard, hear
from tests.agreement.generate import Asked, valid
from tests.agreement.judges import BY_REQUEST, Sandbox, native_pack, pack, raw_pack
from tests.agreement.native import native
from tests.agreement.raw import CannotSayError, instance
from tests.agreement.spoil import BASES, hostile, near_valid, singles

CANNOT_BE_STATED_RAW = {
    "ECS-106", "ECS-107", "ECS-108", "ECS-114", "ECS-116", "ECS-117", "ECS-401", "ECS-402", "ECS-403", "ECS-404", "ECS-405",
    # The plugin encodes the text, so that it cannot be wrong in the same way.
    "ECS-111",
}  # fmt: skip
"""What no input of `openstack.compute.Instance` can break."""
CANNOT_BE_STATED_NATIVELY = {"ECS-202", "ECS-205", "ECS-402", "ECS-403", "ECS-404"}
"""What no input of a native server or batch can break."""


@pytest.mark.parametrize(
    ("restriction", "asked"),
    [pytest.param(broken, asked, id=f"{broken}-{place}") for place, (broken, asked) in enumerate(CASES)],
)
def test_all_three_cite_what_is_broken(sandbox: Sandbox, restriction: str, asked: Asked) -> None:
    heard = hear(asked, sandbox)
    assert [one.ids for one in heard.said] == [{restriction}] * 3, f"\n{heard}"


def test_every_restriction_that_the_request_decides_is_broken() -> None:
    assert {restriction for restriction, _ in CASES} == BY_REQUEST


@pytest.mark.parametrize("asked", SCHEMA, ids=str)
def test_what_breaks_the_types_alone_is_refused_without_a_restriction(sandbox: Sandbox, asked: Asked) -> None:
    heard = hear(asked, sandbox)
    assert [(one.refuses, one.ids) for one in heard.said] == [(True, set()), (False, set()), (True, set())], (
        f"\n{heard}"
    )


@pytest.mark.parametrize("asked", ACCEPTED, ids=str)
def test_what_is_only_odd_is_accepted_by_all(sandbox: Sandbox, asked: Asked) -> None:
    heard = hear(asked, sandbox)
    assert not any(one.refuses or one.cloud for one in heard.said), f"\n{heard}"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_foreseen_difference_is_one_and_is_explained_by_its_row_alone(sandbox: Sandbox, row: Difference) -> None:
    heard = hear(row.case, sandbox)
    assert heard.split([one for one in TABLE if one is not row]), f"nothing needs the row {row.name!r}:\n{heard}"
    assert not heard.split([row]), f"the row {row.name!r} does not explain it:\n{heard}"


every_field = pytest.mark.parametrize(
    ("place", "key"), [pytest.param(place, key, id=f"{place}.{key}") for place in BASES for key in BASES[place][0]]
)


@every_field
def test_they_agree_on_every_edge_of_every_field(sandbox: Sandbox, place: str, key: str) -> None:
    tried = [hear(asked, sandbox) for asked in singles(place, key)]
    apart = [f"{trouble}\n{heard}" for heard in tried if (trouble := heard.split(TABLE))]
    assert not apart, "\n\n".join(apart)


def agree(sandbox: Sandbox, asked: Asked) -> Heard:
    heard = hear(asked, sandbox)
    assert not (trouble := heard.split(TABLE)), f"{trouble}\n{heard}"
    event(heard.outcome)
    return heard


@share(5)
@given(asked=valid())
def test_they_agree_on_valid_requests(sandbox: Sandbox, asked: Asked) -> None:
    _, rules, cloud = agree(sandbox, asked).said
    assert not rules.refuses
    assert not cloud.cloud, f"it is valid, but the cloud says: {cloud.cloud}\n{asked}"


@share(2)
@given(asked=near_valid())
def test_they_agree_on_valid_requests_with_some_fields_spoiled(sandbox: Sandbox, asked: Asked) -> None:
    agree(sandbox, asked)


@share(5)
@given(asked=hostile())
def test_they_agree_on_hostile_requests(sandbox: Sandbox, asked: Asked) -> None:
    agree(sandbox, asked)


@share(20)
@given(asked=valid() | near_valid() | hostile())
def test_the_running_pack_says_what_its_rules_say(asked: Asked) -> None:
    reports = Pack(policies()).analyze(Resource(SERVER, {**asked.body, "microversion": asked.version}))
    said = {report.restriction for report in reports if report.level == "mandatory"}
    assert said & BY_REQUEST == pack(asked).ids


@share(2)
@given(asked=valid() | near_valid())
def test_the_pack_says_the_same_of_a_raw_instance(asked: Asked) -> None:
    event("said" if same_of_raw(asked) else "a raw instance cannot say it")


@every_field
def test_the_pack_says_the_same_of_a_raw_instance_on_every_edge_of_every_field(place: str, key: str) -> None:
    for asked in singles(place, key):
        same_of_raw(asked)


def same_of_raw(asked: Asked) -> bool:
    """Whether a raw instance can state the request; of which the pack then says the same."""
    try:
        inputs = instance(asked.body)
    except CannotSayError:
        return False
    documented, raw = pack(asked), raw_pack(inputs)
    assert documented.ids == raw.ids, f"\n{asked}\n{documented}\n  {inputs}\n{raw}"
    return True


@share(2)
@given(asked=valid() | near_valid())
def test_the_pack_says_the_same_of_a_native_resource(asked: Asked) -> None:
    event("said" if same_of_native(asked) else "a native resource cannot say it")


@every_field
def test_the_pack_says_the_same_of_a_native_resource_on_every_edge_of_every_field(place: str, key: str) -> None:
    for asked in singles(place, key):
        same_of_native(asked)


def same_of_native(asked: Asked) -> bool:
    """Whether a native resource can state the request; of which the pack then says the same."""
    try:
        kind, inputs = native(asked.body)
    except CannotSayError:
        return False
    # Which microversion is sent is the provider's choice.
    documented, said = pack(Asked(asked.body)), native_pack(kind, inputs)
    assert documented.ids - {"ECS-108"} == said.ids - {"ECS-108"}, f"\n{asked}\n{documented}\n  {inputs}\n{said}"
    return True


def test_a_native_resource_breaks_every_restriction_that_it_can_state() -> None:
    said = set()
    for restriction, asked in CASES:
        try:
            kind, inputs = native(asked.body)
        except CannotSayError:
            continue
        assert native_pack(kind, inputs).ids == {restriction}, inputs
        said.add(restriction)
    assert BY_REQUEST - said == CANNOT_BE_STATED_NATIVELY


def test_a_raw_instance_breaks_every_restriction_that_it_can_state() -> None:
    said = set()
    for restriction, asked in CASES:
        try:
            inputs = instance(asked.body)
        except CannotSayError:
            continue
        assert raw_pack(inputs).ids == {restriction}, inputs
        said.add(restriction)
    assert BY_REQUEST - said == CANNOT_BE_STATED_RAW
