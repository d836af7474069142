"""`ecs gate`, `audit` and `drift` through the real engine: verdict, exit code, proof, and that no report holds a secret."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commands.gate import WRITERS
from tests.end_to_end.gate_clone import RAW, ROOT, SECRETS, SETTINGS, GateClone, gate_clone

pytestmark = pytest.mark.engine

LATER = """
import pulumi_openstack as openstack
lan = openstack.networking.Network("later")
openstack.compute.Instance(
    "raw-1", name="raw-1", flavor_name="s3.medium", image_id="6b344c54-d606-4e1a-a99e-a7d0250c3d14", availability_zone="az1-dc1",
    networks=[{"uuid": lan.id}], key_pair="operator", config_drive=lan.id.apply(lambda _: False),
)
"""
"""Whether it has a config drive is known only when the network is made."""


ANOTHER = """\
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy
PolicyPack("another", [ResourceValidationPolicy(name="any", description="Finds nothing.", validate=lambda args, report: None)],
           EnforcementLevel.MANDATORY)
"""
"""A pack that runs, and is not the project's."""

INSTANCE = "openstack:compute/instance:Instance"
NOT_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value in a state that nothing has produced."""

LEVELS = '{"all": "advisory", "ECS-303": "mandatory", "ECS-118": "disabled", "cloud": {"seconds": 20}}'
EXEMPTION = """\
exemptions:
  - {{rule: ECS-110, resource: raw, stacks: [sandbox], reason: until it moves, approver: j.doe, expires: {}}}
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateClone]:
    with gate_clone(tmp_path_factory.mktemp("gate") / "clone") as made:
        yield made


def review(clone: GateClone, *arguments: str, code: int, **variables: str) -> dict[str, Any]:
    """The JSON report of a run, held against the published schema."""
    done = clone.ecs(*arguments, "--json", "-", **variables)
    assert done.returncode == code, done.stdout[-3000:] + done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(found, json.loads((ROOT / "docs" / "review.schema.json").read_text(encoding="utf-8")))
    assert found["exit_code"] == code
    return found


def test_a_good_change_passes_and_every_resource_is_proven_to_be_judged(clone: GateClone) -> None:
    # The engine takes any of its options from variables; one that leaves something out must not make a green gate.
    found = review(clone, "gate", code=0, PULUMI_OPTION_TARGET="**operator", PULUMI_OPTION_CONFIG_FILE="none.yaml")
    assert found["verdict"] == "passed"
    coverage = found["coverage"]
    assert coverage["pack"].startswith("ecs-stacks ")
    # Stack, provider, and each of network, key pair and two servers as component and as what is inside; the network has a subnet too.
    assert coverage["resources"] == coverage["judged"] == 2 + 2 * 4 + 1
    assert coverage["whole_stack"] is True
    assert {one["name"]: one["effect"] for one in found["changes"]} == {
        "lan": "create", "operator": "create", "web-1": "create", "web-2": "create",
    }  # fmt: skip
    rules = {one["rule"]: one for one in found["rules"]}
    assert rules["ECS-303"]["passed"] == 2
    assert rules["ECS-303"]["level"] == "mandatory"


def test_the_drawing_knows_the_network_although_it_has_no_id_yet(clone: GateClone) -> None:
    drawing = review(clone, "gate", code=0)["drawing"]
    (lan,) = drawing["networks"]
    assert (lan["label"], lan["cidr"], lan["effect"]) == ("lan", "10.0.0.0/24", "create")
    nics = {one["name"]: one["nics"] for one in drawing["servers"]}
    assert nics == {
        "web-1": [{"network": lan["key"], "label": "10.0.0.10"}],
        "web-2": [{"network": lan["key"], "label": ""}],
    }


def test_what_is_refused_is_told_with_its_line_and_nothing_is_asked_of_the_cloud(
    clone: GateClone, tmp_path: Path
) -> None:
    clone.program(RAW)
    clone.state(SETTINGS.replace("    web-2:\n", "    web-2:\n      admin_pass: planted-pass-4\n"))
    before = clone.changing()
    done = clone.ecs("gate", "--reports", str(tmp_path))
    assert done.returncode == 5, done.stdout + done.stderr
    assert clone.changing() == before
    found = json.loads((tmp_path / WRITERS["json"]).read_text(encoding="utf-8"))
    program = (clone.folder / "stacks" / "__main__.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(program, 1) if "openstack.compute.Instance(" in text)
    blocking = {one["rule"]: one["place"] for one in found["findings"] if one["blocks"]}
    assert blocking == {rule: {"file": "stacks/__main__.py", "line": line} for rule in ("ECS-105", "ECS-303")}
    warned = {one["rule"]: one["place"] for one in found["findings"] if one["rule"] == "ECS-110"}
    settings = clone.settings.read_text(encoding="utf-8").splitlines()
    password = settings.index("    web-2:") + 2
    # Its path names the key pair, the nearest of what it is about that the settings state.
    assert warned["ECS-110"]["file"] == "stacks/Pulumi.sandbox.yaml"
    assert warned["ECS-110"]["line"] > password

    outputs = {name: (tmp_path / file).read_text(encoding="utf-8") for name, file in WRITERS.items()}
    outputs["terminal"] = done.stdout + done.stderr
    assert set(outputs) == {*WRITERS, "terminal"}
    for name, text in outputs.items():
        assert "ECS-303" in text, name
        for secret in SECRETS:
            assert secret not in text, f"{secret} is in {name}"
            assert base64.b64encode(secret.encode()).decode() not in text, f"{secret} is in {name}"
    clone.program()
    clone.state()


def test_a_mistake_in_the_settings_is_told_with_its_restriction_and_line(clone: GateClone) -> None:
    clone.state(SETTINGS.replace("networks: [{network: lan}]", "networks: [{fixed_ip: 10.0.0.9}]"))
    found = review(clone, "gate", code=5)
    (finding,) = [one for one in found["findings"] if one["blocks"]]
    line = clone.settings.read_text(encoding="utf-8").splitlines().index("      networks: [{fixed_ip: 10.0.0.9}]") + 1
    assert finding["rule"] == "ECS-303"
    assert finding["place"] == {"file": "stacks/Pulumi.sandbox.yaml", "line": line}
    assert found["coverage"]["whole_stack"] is False
    clone.state()


def test_strict_ends_with_another_code_where_a_rule_cannot_decide(clone: GateClone) -> None:
    clone.program(LATER)
    assert review(clone, "gate", code=0)["verdict"] == "passed"
    found = review(clone, "gate", "--strict", code=6)
    assert found["verdict"] == "undetermined"
    assert {one["rule"]: one["undetermined"] for one in found["rules"] if one["undetermined"]} == {"ECS-105": 1}
    clone.program()


def test_changes_that_nobody_expected_have_a_code_of_their_own(clone: GateClone) -> None:
    assert review(clone, "gate", "--expect-no-changes", code=7)["verdict"] == "changed"


def test_a_run_without_the_pack_proves_nothing_and_fails(clone: GateClone) -> None:
    own = clone.folder / "policy-own"
    (clone.folder / "policy").rename(own)
    (clone.folder / "policy").mkdir()
    shutil.copy2(ROOT / "policy" / "PulumiPolicy.yaml", clone.folder / "policy")
    (clone.folder / "policy" / "__main__.py").write_text(ANOTHER, encoding="utf-8")
    try:
        found = review(clone, "gate", code=1)
        assert found["verdict"] == "failed"
        assert len(found["coverage"]["missing"]) == found["coverage"]["resources"] > 0
        assert "has not judged" in found["findings"][0]["text"]
    finally:
        shutil.rmtree(clone.folder / "policy")
        own.rename(clone.folder / "policy")


@pytest.fixture(scope="module")
def deployed(clone: GateClone) -> GateClone:
    clone.program()
    clone.state()
    done = clone.ecs("up", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    return clone


def test_where_nothing_exists_there_is_nothing_to_audit(clone: GateClone) -> None:
    found = review(clone, "audit", code=0)
    assert found["coverage"]["resources"] == 0


def encrypted(clone: GateClone, state: dict[str, Any], text: str) -> dict[str, str]:
    """A text as a secret of a state, encrypted as the engine does; the engine is what proves it."""
    _, salt, _ = state["deployment"]["secrets_providers"]["state"]["salt"].split(":", 2)
    passphrase = (clone.folder / "stacks" / "sandbox.passphrase").read_text(encoding="utf-8").strip()
    key = AESGCM(hashlib.pbkdf2_hmac("sha256", passphrase.encode(), base64.b64decode(salt), 1_000_000, 32))
    nonce = os.urandom(12)
    parts = (nonce, key.encrypt(nonce, json.dumps(text).encode(), None))
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "ciphertext": ":".join(["v1", *(base64.b64encode(one).decode() for one in parts)]),
    }


class TestWhatExists:
    """After the stack was deployed."""

    def test_an_audit_judges_every_resource_of_the_state(self, deployed: GateClone, tmp_path: Path) -> None:
        found = review(deployed, "audit", code=0)
        # One more than the program registers: the plugin's own provider is in the state.
        assert found["coverage"]["judged"] == found["coverage"]["resources"] == 12
        exported = tmp_path / "state.json"
        assert deployed.pulumi("stack", "export", "--file", str(exported)).returncode == 0
        text = exported.read_text(encoding="utf-8")
        # Somebody's state, in which a server has what the cloud does not support: told from the file alone.
        state = json.loads(text)
        (server,) = [
            one for one in state["deployment"]["resources"]
            if one["type"] == "ecs:index:Server" and one["urn"].endswith("web-1")
        ]  # fmt: skip
        server["inputs"]["server"]["networks"] = [{"fixed_ip": "10.0.0.9"}]
        raw = {
            **server,
            "urn": server["urn"].replace("ecs:index:Server", INSTANCE).replace("web-1", "raw"),
            "type": INSTANCE,
        }
        raw["inputs"] = {
            "name": "raw", "flavorId": "s3.none", "imageId": NOT_KNOWN, "networks": [{"fixedIpV4": "10.0.0.9", "__defaults": []}],
            "configDrive": True, "metadata": {"a": 1, "b": 2.5}, "blockDevices": [{"bootIndex": 7, "volumeSize": 40}],
        }  # fmt: skip
        raw["inputs"]["userData"] = encrypted(deployed, state, "aaaa")
        state["deployment"]["resources"].append(raw)
        exported.write_text(json.dumps(state), encoding="utf-8")
        (deployed.folder / "policy" / "levels" / "sandbox.json").write_text(LEVELS, encoding="utf-8")
        (deployed.folder / "policy" / "exemptions.yaml").write_text(
            EXEMPTION.format(datetime.now(UTC).date() + timedelta(days=30)), encoding="utf-8"
        )
        found = review(deployed, "audit", "--file", str(exported), code=5)
        assert "ECS-303" in {one["rule"] for one in found["findings"] if one["blocks"]}
        # What is wrong about the user data can only be known of its text.
        assert "ECS-111" in {one["rule"] for one in found["findings"]}
        answers = {one["answer"] for one in found["findings"]}
        assert answers == {"failed", "undetermined", "exempted"}
        # A pack that begins otherwise is run by the engine, which must come to the same.
        with (deployed.folder / "policy" / "__main__.py").open("a", encoding="utf-8") as file:
            file.write("# of somebody's own\n")
        told = review(deployed, "audit", "--file", str(exported), code=5)
        for one in (found, told):
            del one["made"]
            # The engine has no order of the keys of a map.
            one["findings"].sort(key=json.dumps)
        assert found == told

    def test_drift_is_told_and_not_written(self, deployed: GateClone) -> None:
        assert review(deployed, "drift", code=0)["changes"]
        state = deployed.state_file.read_bytes()
        compute = deployed.connection.compute
        compute.set_server_metadata(deployed.server("web-1"), role="changed by hand")
        compute.delete_server(deployed.server("web-2"))
        found = review(deployed, "drift", code=7)
        changed = {one["name"]: one for one in found["changes"] if one["effect"] != "same"}
        assert {name: one["effect"] for name, one in changed.items()} == {"web-1": "change", "web-2": "delete"}
        assert [(one["path"], one["before"], one["after"]) for one in changed["web-1"]["properties"]] == [
            ("metadata.role", "web", "changed by hand")
        ]
        assert deployed.state_file.read_bytes() == state
        done = deployed.ecs("up", "--skip-preview", "--refresh")
        assert done.returncode == 0, done.stdout + done.stderr
        assert deployed.server("web-1").metadata["role"] == "web"
        assert review(deployed, "drift", code=0)["verdict"] == "passed"


def test_at_a_terminal_it_shows_how_far_it_is_and_colours_what_it_says(clone: GateClone) -> None:
    environment = {name: value for name, value in clone.environment.items() if name != "NO_COLOR"}
    main, terminal = os.openpty()
    run = subprocess.Popen(
        [clone.folder / ".venv" / "bin" / "ecs", "gate"], cwd=clone.folder, env={**environment, "TERM": "xterm"}, stdout=terminal,
        stderr=terminal, stdin=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    # Reading a terminal whose other side is closed is an error.
    with contextlib.suppress(OSError):
        while part := os.read(main, 65536):
            shown += part
    os.close(main)
    assert run.wait(60) == 0
    text = shown.decode(errors="replace")
    assert "resources ..." in text
    assert "\x1b[1;32m" in text, "the verdict is green"
    assert "Passed" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gate", "--json", "-", "--html", "-"), "both go to standard output"),
        (("gate", "--no-such"), "no option of this command"),
        (("audit", "--file", "nowhere.json"), "there is no such file"),
        (("audit", "--file", "odd.json"), "is no exported state"),
        (("plan", "--out", "policy"), "policy: cannot be written: Is a directory"),
        (("gate", "--stack", "nope"), "there is no stack 'nope'"),
    ],
)
def test_wrong_usage_is_one_sentence(clone: GateClone, arguments: tuple[str, ...], said: str) -> None:
    (clone.folder / "odd.json").write_text('{"deployment": {"resources": [{"id": "7"}]}}', encoding="utf-8")
    done = clone.ecs(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
