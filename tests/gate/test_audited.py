"""A state judged by this process: when it is left to the engine, and whose word on levels, exemptions and places counts."""

from __future__ import annotations

import hashlib
import shutil
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commands.reviewing import follow
from gate.assembly import Run, review
from gate.places import Places
from gate.reading import Reading
from gate.review import Review, Verdict
from policy import passphrase
from policy.judge import Judge
from policy.state import State
from tests.gate.events import STACK, URN

PACK = Path(__file__).parents[2] / "policy"
INSTANCE = "openstack:compute/instance:Instance"
SILENT = {"cloud": {"enforcementLevel": "disabled", "read": False}}
"""Levels with which no cloud is asked."""

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc:def"}
CLEAR = {**{key: value for key, value in SECRET.items() if key != "ciphertext"}, "plaintext": '"aaaa"'}
BOTH = SECRET | CLEAR
FILE = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "plaintext": '"aaaa"'}
GOOD = {
    "name": "web", "flavorId": "s3.medium", "imageId": "24040000-0000-4000-8000-000000000001", "availabilityZone": "az1-dc1",
    "keyPair": "operator", "networks": [{"uuid": "51bead38-d1a3-4d08-be20-0970c24b7cab"}],
}  # fmt: skip


def resource(name: str, type_: str = INSTANCE, **more: Any) -> dict[str, Any]:
    return {"urn": f"{URN}{type_}::{name}", "type": type_, "custom": True, "parent": STACK, **more}


ROOT = {"urn": STACK, "type": "pulumi:pulumi:Stack", "custom": False}
PROVIDER = resource("default_5", "pulumi:providers:openstack", inputs={"cloud": "sandbox"})
REFUSED = resource("web", inputs={**GOOD, "configDrive": True})


def audited(*resources: dict[str, Any], pack: Path = PACK, levels: dict[str, Any] | None = None) -> Review:
    reading = Reading()
    follow(reading, list(resources))
    for event in State(3, resources).events(pack, "dev", SILENT | (levels or {})):
        reading.event(event)
    return review(reading, Run("audit", "ecs-stacks", "dev", Places(lambda path: (path, 1), pack, pack), 1))


def own_pack(folder: Path) -> Path:
    folder.mkdir()
    for name in ("__main__.py", "PulumiPolicy.yaml"):
        shutil.copy2(PACK / name, folder)
    return folder


def test_what_the_rules_refuse_is_told_of_its_resource_and_all_is_proven() -> None:
    made = audited(ROOT, PROVIDER, REFUSED)
    assert (made.verdict, made.exit_code) == (Verdict.REFUSED, 5)
    assert [(one.rule, one.urn) for one in made.findings if one.blocks] == [("ECS-105", REFUSED["urn"])]
    assert (made.coverage.judged, made.coverage.missing, made.coverage.whole_stack) == (3, (), True)
    assert made.coverage.pack == "ecs-stacks 0.1.0"
    assert audited(ROOT, resource("web", inputs=GOOD)).verdict is Verdict.PASSED


def test_a_level_of_its_own_goes_before_that_of_all_and_what_is_disabled_is_silent() -> None:
    assert audited(ROOT, REFUSED, levels={"all": "advisory"}).exit_code == 0
    assert audited(ROOT, REFUSED, levels={"all": "advisory", "ECS-105": "mandatory"}).exit_code == 5
    assert audited(ROOT, REFUSED, levels={"ECS-105": {"enforcementLevel": "disabled"}}).findings == ()


def test_the_exemptions_are_those_of_the_pack_that_is_named(tmp_path: Path) -> None:
    pack = own_pack(tmp_path / "policy")
    soon = datetime.now(UTC).date() + timedelta(days=30)
    line = f"{{rule: ECS-110, resource: web, stacks: [dev], reason: until it moves, approver: j.doe, expires: {soon}}}"
    (pack / "exemptions.yaml").write_text(f"exemptions:\n  - {line}\n", encoding="utf-8")
    nobody = resource("web", inputs={key: value for key, value in GOOD.items() if key != "keyPair"})
    must = {"ECS-110": "mandatory"}
    assert audited(ROOT, nobody, levels=must).exit_code == 5
    made = audited(ROOT, nobody, pack=pack, levels=must)
    assert made.exit_code == 0
    assert [one.answer.value for one in made.findings] == ["exempted"]


def test_what_is_only_waiting_to_be_deleted_is_not_judged() -> None:
    made = audited(ROOT, resource("web", inputs=GOOD), resource("old", inputs=REFUSED["inputs"], delete=True))
    assert (made.verdict, made.findings) == (Verdict.PASSED, ())


@pytest.mark.parametrize(
    ("version", "resources", "own"),
    [
        pytest.param(3, [PROVIDER, REFUSED], True, id="clear"),
        pytest.param(
            3, [resource("web", inputs=GOOD, outputs={"adminPass": SECRET})], True, id="a secret in an output"
        ),
        pytest.param(
            3, [resource("pw", "random:index:Password", inputs={"a": SECRET})], True, id="a secret of another's"
        ),
        pytest.param(4, [REFUSED], False, id="another format"),
        pytest.param(3, [resource("web", inputs={**GOOD, "userData": SECRET})], False, id="a secret in a request"),
        pytest.param(3, [resource("web", inputs={**GOOD, "userData": CLEAR})], True, id="a secret in clear"),
        pytest.param(3, [resource("web", inputs={**GOOD, "userData": BOTH})], False, id="a secret in two forms"),
        pytest.param(3, [resource("web", inputs={**GOOD, "userData": FILE})], False, id="a file"),
        pytest.param(3, [resource("web", inputs={"metadata": [{"a": SECRET}]})], False, id="a secret further in"),
        pytest.param(3, [{**PROVIDER, "inputs": {"password": SECRET}}], False, id="a secret of the provider"),
        pytest.param(3, [{**REFUSED, "urn": "urn:pulumi:web"}], False, id="no URN"),
    ],
)
def test_what_only_the_engine_can_read_is_left_to_it(version: int, resources: list[dict[str, Any]], own: bool) -> None:
    assert State(version, [ROOT, *resources]).can_judge(PACK) is own


SALT = b"8 bytes!"


def closed(text: str, passphrase: str, rounds: int) -> str:
    key = AESGCM(hashlib.pbkdf2_hmac("sha256", passphrase.encode(), SALT, rounds, 32))
    return f"v1:{b64encode(SALT + b'once').decode()}:{b64encode(key.encrypt(SALT + b'once', text.encode(), None)).decode()}"


@pytest.fixture
def encrypted(monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], dict[str, Any]]:
    """A server whose user data is a secret that the cloud would take for base64, and how the state says that it is encrypted."""
    monkeypatch.setattr(passphrase, "_ROUNDS", 2)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "right")
    salt = f"v1:{b64encode(SALT).decode()}:{closed('pulumi', 'right', 2)}"
    server = resource("web", inputs={**GOOD, "userData": {**SECRET, "ciphertext": closed('"aaaa"', "right", 2)}})
    return server, {"type": "passphrase", "state": {"salt": salt}}


def test_a_secret_is_opened_by_the_passphrase_and_told_nowhere(
    encrypted: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    server, providers = encrypted
    state = State(3, [ROOT, server], providers)
    assert state.can_judge(PACK)
    said = [one["policyEvent"] for one in state.events(PACK, "dev", SILENT) if "policyEvent" in one]
    assert [one["policyName"] for one in said] == ["ECS-111"]
    assert "aaaa" not in str(said)


def test_a_secret_that_this_process_cannot_open_is_left_to_the_engine(
    encrypted: tuple[dict[str, Any], dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, providers = encrypted
    assert not State(3, [server], {**providers, "type": "cloud"}).can_judge(PACK)
    assert not State(3, [server], {**providers, "state": {"salt": "v1:a"}}).can_judge(PACK)
    assert not State(3, [server], {**providers, "state": {"salt": f"v2{providers['state']['salt'][2:]}"}}).can_judge(
        PACK
    )
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    assert not State(3, [server], providers).can_judge(PACK)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    assert not State(3, [server], providers).can_judge(PACK)
    (tmp_path / "passphrase").write_text("right\n", encoding="utf-8")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    assert State(3, [server], providers).can_judge(PACK)


def test_a_pack_that_begins_otherwise_is_left_to_the_engine(tmp_path: Path) -> None:
    pack = own_pack(tmp_path / "policy")
    assert State(3, [ROOT]).can_judge(pack)
    with (pack / "__main__.py").open("a", encoding="utf-8") as file:
        file.write("# of somebody's own\n")
    assert not State(3, [ROOT]).can_judge(pack)


def test_a_pack_that_breaks_is_a_failure_that_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted-secret")

    monkeypatch.setattr(Judge, "resource", broken)
    made = audited(ROOT, REFUSED)
    assert (made.verdict, made.exit_code) == (Verdict.FAILED, 1)
    assert made.coverage.missing == (REFUSED["urn"],)
    assert any("RuntimeError in test_audited.py" in one.text for one in made.findings)
    assert "planted-secret" not in made.model_dump_json()
