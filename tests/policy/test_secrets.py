"""No secret of a request is in anything that the pack says, whatever happens to it."""

from __future__ import annotations

import base64
import copy
import pickle

import pytest

from policy.forms import FORMS, SERVER
from policy.judge import UNDETERMINED
from policy.masking import Masked, Secrets
from policy.native import NATIVE
from policy.pack import policies
from policy.rule import Finding, Rule
from policy.rules import RULES
from policy.testing import ABSENT, UNKNOWN, Pack, Resource, body, instance, native, native_batch, secret
from policy.testing.servicer import urn
from policy.view import Request, View

PASSWORD = "Tr0ub4dor-and-3"
SCRIPT = "#!/bin/sh\necho planted-in-user-data\n"
CODED = base64.b64encode(SCRIPT.encode()).decode()
PLANTED = (PASSWORD, "planted-in-user-data", CODED, "planted-in-a-file")

FILE = "planted-in-a-file"
REQUESTS = {
    "body": body(adminPass=PASSWORD, user_data=CODED, metadata={"admin_pass": PASSWORD}),
    "body, marked": body(
        adminPass=secret(PASSWORD), user_data=secret(CODED), metadata=secret({"admin_pass": PASSWORD})
    ),
    "body, user data that is wrong": body(user_data=secret(SCRIPT), adminPass=secret({"text": PASSWORD})),
    "body, secrets in other places": body(name=PASSWORD * 20, availability_zone=f"az1:{PASSWORD}", adminPass=PASSWORD),
    "body, a secret as an enumeration": body(
        hints={"tenancy": PASSWORD, "group": PASSWORD},
        adminPass=PASSWORD,
        block_device_mapping_v2=[{"source_type": PASSWORD, "boot_index": PASSWORD, "volume_size": PASSWORD}],
    ),
    "body, files": body(personality=[{"path": "/etc/motd", "contents": FILE}], adminPass=PASSWORD),
    "body, half unknown": body(adminPass=secret(PASSWORD), user_data=UNKNOWN, name=UNKNOWN, networks=UNKNOWN),
    "instance": instance(adminPass=PASSWORD, userData=SCRIPT, metadata={"admin_pass": PASSWORD * 30}),
    "instance, marked": instance(adminPass=secret(PASSWORD), userData=secret(CODED), personalities=[{"content": FILE}]),
    "instance, a secret as an enumeration": instance(
        adminPass=secret(PASSWORD), blockDevices=[{"sourceType": PASSWORD, "destinationType": f"x{PASSWORD}"}]
    ),
    "native": native(
        adminPass=secret(PASSWORD),
        user_data=secret(SCRIPT),
        metadata={"admin_pass": secret(PASSWORD * 30)},
        networks=[{"fixed_ip": PASSWORD}],
    ),
    "native, right": native(
        adminPass=secret(PASSWORD),
        user_data=secret(CODED),
        metadata={"admin_pass": secret(PASSWORD)},
        availability_zone=f"az1:{PASSWORD}",
    ),
    "native batch": native_batch(
        adminPass=secret(PASSWORD), user_data=secret(CODED), availability_zone=f"az1:{PASSWORD}", min_count=PASSWORD
    ),
    "the whole server is a secret": Resource(SERVER, {"server": secret({"adminPass": PASSWORD, "user_data": SCRIPT})}),
}


@pytest.mark.parametrize("title", REQUESTS)
def test_no_message_holds_a_secret(title: str) -> None:
    text = "\n".join(report.text for report in Pack(policies()).analyze(REQUESTS[title]))
    assert text
    assert not [planted for planted in PLANTED if planted in text]


@pytest.mark.parametrize("title", REQUESTS)
def test_no_rule_that_fails_itself_tells_a_secret(
    title: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def crashing(request: Request) -> list[Finding]:
        raise ValueError(f"{request!r} {request.server!r} {_everything(request.server)}")

    rules = [Rule(rule.id, check=crashing, fix=rule.fix) for rule in RULES]
    text = "\n".join(report.text for report in Pack(policies(rules)).analyze(REQUESTS[title]))
    assert "ValueError in test_secrets.py" in text
    everything = text + "".join(capsys.readouterr()) + caplog.text
    assert not [planted for planted in PLANTED if planted in everything]


def _everything(view: View) -> list[object]:
    return [] if view.unknown else [view.value(key) for key in view.all_keys() if view.known(key)]


@pytest.mark.parametrize("title", ["body", "body, marked", "instance", "native, right"])
def test_a_rule_reads_facts_about_a_secret_and_never_its_text(title: str) -> None:
    seen: list[object] = []

    def reading(request: Request) -> list[Finding]:
        metadata = request.server.at("metadata")
        seen.extend(
            [request.server.value("adminPass"), request.server.value("user_data"), metadata.value("admin_pass")]
        )
        return []

    Pack(policies([Rule("ECS-101", check=reading, fix="Never shown")])).analyze(REQUESTS[title])
    assert all(isinstance(value, Masked) for value in seen)
    assert str(seen) == "[[secret], [secret], [secret]]"
    assert seen[0] == Masked(length=len(PASSWORD), is_text=True, is_base64=False, is_encoded_text=False)


def test_a_request_that_cannot_be_read_says_so_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(props: dict[str, object]) -> Request:
        raise ValueError(str(props))

    monkeypatch.setattr("policy.judge.FORMS", {**FORMS, SERVER: unreadable})
    pack = Pack(policies())
    (report,) = pack.analyze(REQUESTS["body"])
    assert report.text.startswith(
        "web: undetermined: the request could not be read (ValueError in test_secrets.py, line "
    )
    assert not [planted for planted in PLANTED if planted in report.text]

    # Nothing was decided for the component, so nothing is held back for what it makes.
    child = Resource(NATIVE, native(name=UNKNOWN).inputs, parent=urn(REQUESTS["body"]))
    assert [found.policy for found in pack.analyze(child)] == [UNDETERMINED]


def test_a_secret_is_quoted_by_no_representation() -> None:
    secrets = Secrets()
    masked = secrets.mask(PASSWORD)
    for shown in (
        repr(secrets),
        str(secrets),
        repr(masked),
        f"{masked}",
        secrets.shown(masked),
        secrets.shown(f"a {PASSWORD}"),
    ):
        assert PASSWORD not in shown
    assert PASSWORD.encode() not in pickle.dumps(masked)
    assert copy.copy(masked) == masked


@pytest.mark.parametrize("value", [None, UNKNOWN], ids=["absent", "unknown"])
def test_what_is_absent_or_unknown_is_not_masked(value: object) -> None:
    assert Secrets().mask(value) is value


def test_a_password_that_is_not_text_is_still_given() -> None:
    request = FORMS[SERVER](body(key_name=ABSENT, adminPass=12345678).inputs)
    assert request.server.given("adminPass")
    assert "12345678" not in repr(request.server.value("adminPass"))
