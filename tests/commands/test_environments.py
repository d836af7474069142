"""`ecs new`, `ecs promote` and `ecs cells`: what they write, what they refuse, and that nothing is half written."""

from __future__ import annotations

import base64
import json
import os
import shutil
import stat
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from commands.deployable import LARGEST, handed_over
from tests.commands.test_commands import ROOT, ecs

IMAGE = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
BASE = f"""\
config:
  ecs-stacks:networks:
    lan: {{cidr: 10.0.0.0/24}}
  ecs-stacks:servers:
    web:
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {{image_ref: {IMAGE}}}
      networks: [{{network: lan}}]
"""
DEV = """\
config:
  openstack:cloud: dev
  ecs-stacks:inherits: base
  ecs-stacks:protection: {servers: false}
  ecs-stacks:consent: {web: [replace]}
  # the new one
  ecs-stacks:servers:
    web:
      flavor_ref: s3.large   # bigger
      admin_pass: {secure: v1:of-dev}
      user_data: "#cloud-config of dev"
"""
STAGING = f"""\
# keep me
config:
  openstack:cloud: "staging" # and me
  ecs-stacks:inherits: base
  # and me too
  ecs-stacks:servers:
    old: {{flavor_ref: s3.medium, availability_zone: az1-dc1, boot: {{image_ref: {IMAGE}}}, networks: [{{network: lan}}]}}
encryptionsalt: v1:of-staging
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that looks like a clone, with a base and two environments; its state is its own."""
    (tmp_path / "stacks").mkdir()
    shutil.copytree(ROOT / "policy" / "levels", tmp_path / "policy" / "levels")
    shutil.copy2(ROOT / "Pulumi.yaml", tmp_path)
    shutil.copy2(ROOT / "stacks" / "__main__.py", tmp_path / "stacks")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    for name, text in (("base", BASE), ("Pulumi.dev", DEV), ("Pulumi.staging", STAGING)):
        (tmp_path / "stacks" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def settings(clone: Path, environment: str) -> str:
    return (clone / "stacks" / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8")


def files(clone: Path) -> set[str]:
    return {str(file.relative_to(clone)) for file in clone.rglob("*") if ".venv" not in file.parts and file.is_file()}


def test_the_difference_is_shown_and_nothing_is_written(clone: Path) -> None:
    ran = ecs("promote", "dev", "staging", cwd=clone)
    assert ran.stdout.splitlines() == [
        "~ servers.web.flavor_ref: s3.medium -> s3.large",
        *(
            f"! servers.web.{key}: a secret, each environment's own; set it by hand: "
            f"pulumi config set --secret --path 'ecs-stacks:servers.web.{key}' --stack staging"
            for key in ("admin_pass", "user_data")
        ),
        "- servers.old: only staging has it, and keeps it (`--remove` takes it out)",
        "Nothing was written; `--write` writes it into stacks/Pulumi.staging.yaml.",
    ]
    assert ran.returncode == 7
    assert settings(clone, "staging") == STAGING


def test_it_is_written_with_comments_order_and_what_is_staging_s_own(clone: Path) -> None:
    ran = ecs("promote", "dev", "staging", "--write", cwd=clone)
    assert ran.returncode == 0, ran.stderr
    text = settings(clone, "staging")
    assert text == STAGING.replace("encryptionsalt", "    web:\n      flavor_ref: s3.large\nencryptionsalt")
    again = ecs("promote", "dev", "staging", "--write", cwd=clone)
    assert (again.returncode, settings(clone, "staging")) == (0, text)
    assert again.stdout.splitlines()[-1] == "Nothing of dev is to be brought to staging."
    assert {name for name in files(clone) if name.endswith(".new")} == set()


def test_what_only_staging_has_goes_when_that_is_said(clone: Path) -> None:
    (clone / "stacks" / "base.yaml").write_text(BASE + "  ecs-stacks:server_groups: {spread: {}}\n", encoding="utf-8")
    (clone / "stacks" / "Pulumi.dev.yaml").write_text(
        DEV + "  ecs-stacks:server_groups: {spread: null}\n", encoding="utf-8"
    )
    assert ecs("promote", "dev", "staging", "--only", "servers.old", cwd=clone).returncode == 0
    ran = ecs("promote", "dev", "staging", "--remove", "--write", cwd=clone)
    assert ran.returncode == 0, ran.stderr
    config = yaml.safe_load(settings(clone, "staging"))["config"]
    assert config["ecs-stacks:servers"] == {"web": {"flavor_ref": "s3.large"}}
    assert config["ecs-stacks:server_groups"] == {"spread": None}


def test_json_names_every_difference_and_no_secret(clone: Path) -> None:
    ran = ecs("promote", "dev", "staging", "--json", cwd=clone)
    assert ran.returncode == 7
    told = json.loads(ran.stdout)
    assert [(one["change"], one["path"]) for one in told["differences"]] == [
        ("changed", "servers.web.flavor_ref"),
        ("removed", "servers.old"),
    ]
    assert told["differences"][0]["from"] == "s3.large"
    assert [one["path"] for one in told["secrets"]] == ["servers.web.admin_pass", "servers.web.user_data"]
    assert told["written"] is False
    assert "v1:" not in ran.stdout
    assert "cloud-config" not in ran.stdout


def test_what_is_kept_or_excepted_is_no_difference(clone: Path) -> None:
    assert ecs("promote", "dev", "staging", "--except", "servers.web", cwd=clone).returncode == 0
    kept = STAGING.replace("  # and me too", "  ecs-stacks:keeps: [servers.web.flavor_ref]\n  # and me too")
    (clone / "stacks" / "Pulumi.staging.yaml").write_text(kept, encoding="utf-8")
    assert ecs("promote", "dev", "staging", cwd=clone).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["dev", "dev"], "dev and dev are the same environment."),
        (["dev", "nope"], "there is no environment 'nope'. Name one of: dev, staging; or make it: `ecs new nope`."),
        (["dev.a", "staging"], "dev.a is a cell. Name its environment: dev."),
        (["dev", "staging", "--only", "servers.wbe"], "neither dev nor staging states servers.wbe."),
        (
            ["dev", "staging", "--only", "servers.old.boot"],
            "servers.old.boot is part of servers.old, which goes whole.",
        ),
    ],
)
def test_wrong_usage_is_one_error(arguments: list[str], says: str, clone: Path) -> None:
    ran = ecs("promote", *arguments, cwd=clone)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert says in ran.stderr


def test_a_result_that_would_be_refused_is_not_written(clone: Path) -> None:
    broken = DEV.replace("flavor_ref: s3.large", "flavor_ref: 5")
    (clone / "stacks" / "Pulumi.dev.yaml").write_text(broken, encoding="utf-8")
    before = files(clone)
    ran = ecs("promote", "dev", "staging", "--write", cwd=clone)
    assert ran.returncode == 2
    assert "nothing was written, since the result would be refused:" in ran.stderr
    assert "stacks/Pulumi.staging.yaml:9: ecs-stacks:servers.web.flavor_ref: is not text" in ran.stderr
    assert (settings(clone, "staging"), files(clone)) == (STAGING, before)


@pytest.mark.engine
def test_a_new_environment_is_whole_and_can_be_read(clone: Path) -> None:
    ran = ecs("new", "qa", "--cloud", "elsewhere", cwd=clone)
    assert ran.returncode == 0, ran.stderr
    document = yaml.safe_load(settings(clone, "qa"))
    assert document["config"]["openstack:cloud"] == "elsewhere"
    assert document["config"]["ecs-stacks:inherits"] == "base"
    assert document["encryptionsalt"].startswith("v1:"), "the engine has made the stack with the passphrase"
    phrase = clone / ".ecs" / "qa.passphrase"
    assert stat.S_IMODE(phrase.stat().st_mode) == 0o600
    assert len(phrase.read_text(encoding="utf-8").strip()) > 30
    assert (clone / ".ecs" / "state" / ".pulumi" / "stacks" / "ecs-stacks" / "qa.json").is_file()
    assert phrase.read_text(encoding="utf-8").strip() not in ran.stdout
    assert ecs("policy", "check-levels", str(clone / "policy" / "levels" / "qa.json"), cwd=clone).returncode == 0
    assert ecs("promote", "dev", "qa", cwd=clone).returncode == 7
    before = files(clone), settings(clone, "qa")
    again = ecs("new", "qa", cwd=clone)
    assert again.returncode == 2
    assert "stacks/Pulumi.qa.yaml and policy/levels/qa.json are there already." in again.stderr
    assert (files(clone), settings(clone, "qa")) == before


@pytest.mark.engine
def test_a_new_environment_begins_as_another_without_its_secrets(clone: Path) -> None:
    levels = '{"undetermined": "disabled"}\n'
    (clone / "policy" / "levels" / "dev.json").write_text(levels, encoding="utf-8")
    ran = ecs(
        "new", "qa", "--from", "dev", cwd=clone, PULUMI_CONFIG_PASSPHRASE="mine", PULUMI_BACKEND_URL="file:///nowhere"
    )
    assert ran.returncode == 0, ran.stderr
    text = settings(clone, "qa")
    assert yaml.safe_load(text)["config"] == {
        "openstack:cloud": "qa",
        "ecs-stacks:inherits": "base",
        "ecs-stacks:servers": {"web": {"flavor_ref": "s3.large"}},
    }
    assert "# bigger" in text
    assert "--path 'ecs-stacks:servers.web.admin_pass' --stack qa" in ran.stdout
    assert "its stack is not made yet" in ran.stdout
    assert (clone / "policy" / "levels" / "qa.json").read_text(encoding="utf-8") == levels
    assert not list((clone / ".ecs").glob("*.passphrase")), "one was set"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.b"], "'a.b' has a dot, which divides an environment from its cell."),
        (["../x"], "has a dot"),
        (["QA"], "'QA' is no name of an environment."),
        (["qa", "--from", "nope"], "there is no environment 'nope' to begin with."),
        (["dev"], "stacks/Pulumi.dev.yaml and policy/levels/dev.json are there already."),
    ],
)
def test_a_new_environment_is_refused_and_nothing_is_made(arguments: list[str], says: str, clone: Path) -> None:
    before = files(clone)
    ran = ecs("new", *arguments, cwd=clone)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert files(clone) == before


def test_settings_that_the_engine_could_not_hand_over_are_refused_before_it_starts(clone: Path) -> None:
    servers = "".join(
        f"    web-{number}: {{flavor_ref: s3.medium, metadata: {{a: '{'x' * 200}'}}}}\n" for number in range(500)
    )
    (clone / "stacks" / "Pulumi.dev.yaml").write_text(f"config:\n  ecs-stacks:servers:\n{servers}", encoding="utf-8")
    ran = ecs("preview", "--stack", "dev", cwd=clone)
    assert ran.returncode == 2
    assert f"the engine can hand over {LARGEST:,}. Move servers to a file that it inherits" in ran.stderr
    assert not (clone / ".ecs").exists()


def test_an_alias_counts_as_what_it_stands_for(clone: Path) -> None:
    servers = "".join(f"    web-{number}: *web\n" for number in range(500))
    first = f"    web: &web {{flavor_ref: s3.medium, metadata: {{a: '{'x' * 300}'}}}}\n"
    text = f"config:\n  ecs-stacks:servers:\n{first}{servers}"
    assert len(text) < LARGEST // 4
    (clone / "stacks" / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")
    ran = ecs("preview", "--stack", "dev", cwd=clone)
    assert (ran.returncode, "the engine can hand over" in ran.stderr) == (2, True)


def test_the_size_is_that_of_the_engine() -> None:
    """213 bytes: counted in a program that `pulumi preview` 3.253.0 ran with these settings."""
    text = """\
openstack:cloud: sandbox
ecs-stacks:servers:
  web: {text: "<&> é \\" x", n: 5, t: true, l: [a, 1.5, null]}
ecs-stacks:inherits: a&b
ecs-stacks:cells: [a]
"""
    assert handed_over(yaml.safe_load(text)) == 213


def test_a_configuration_is_as_large_as_the_system_has_it() -> None:
    """The largest that a process can be started with, asked of the system itself."""
    signs = {"ecs-stacks:servers": {"web": {"text": '<&>"é', "secret": {"secure": "v1:x:" + "A" * 40}}}}
    room = LARGEST - handed_over(signs | {"a": ""})
    for more, starts in ((0, True), (1, False)):
        size = handed_over(signs | {"a": "x" * (room + more)})
        variables = {"PULUMI_CONFIG": "x" * size, "PATH": os.environ["PATH"]}
        try:
            done = subprocess.run(["true"], env=variables, check=False).returncode == 0
        except OSError:
            done = False
        assert done is starts


class _Vault(BaseHTTPRequestHandler):
    """Two calls of Vault's transit engine; what it encrypts it turns round."""

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/transit/encrypt/ecs":
            data = {"ciphertext": "vault:v1:" + body["plaintext"][::-1]}
        else:
            data = {"plaintext": body["ciphertext"].removeprefix("vault:v1:")[::-1]}
        answer = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.engine
def test_a_key_service_in_the_settings_takes_the_place_of_the_passphrase(clone: Path) -> None:
    """As in a fresh clone of a team that moved there: the engine itself would want a passphrase for a stack that it makes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Vault)
    Thread(target=server.serve_forever, daemon=True).start()
    key = base64.b64encode(b"vault:v1:" + base64.b64encode(bytes(range(32)))[::-1]).decode()
    text = DEV.partition("  ecs-stacks:consent")[0] + f"secretsprovider: hashivault://ecs\nencryptedkey: {key}\n"
    (clone / "stacks" / "Pulumi.dev.yaml").write_text(
        text.replace("openstack:cloud: dev", "openstack:cloud: sandbox"), encoding="utf-8"
    )
    vault = {"VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_address[1]}", "VAULT_SERVER_TOKEN": "x"}
    try:
        shown = json.loads(ecs("env", "dev", "--json", cwd=clone).stdout)
        assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in shown
        ran = ecs("refresh", "--stack", "dev", cwd=clone, **vault)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    finally:
        server.shutdown()
        server.server_close()
        ecs("sandbox", "stop", cwd=clone)
    kept = json.loads((clone / ".ecs/state/.pulumi/stacks/ecs-stacks/dev.json").read_text(encoding="utf-8"))
    assert f"encryptedkey: {key}" in settings(clone, "dev"), "the key is that of the settings"
    assert "passphrase" not in json.dumps(kept)


@pytest.mark.engine
def test_a_request_is_imported_into_a_cell_with_its_secret(clone: Path) -> None:
    file = clone / "stacks" / "Pulumi.fleet.yaml"
    file.write_text("config:\n  openstack:cloud: x\n  ecs-stacks:cells: [a, b]\n", encoding="utf-8")
    link = clone / "stacks" / "Pulumi.fleet.b.yaml"
    link.symlink_to(file.name)
    request = str(ROOT / "docs" / "examples" / "image-on-disk.json")
    refused = ecs("import", request, "--stack", "fleet", "--name", "web", cwd=clone)
    assert (refused.returncode, "Name the one to add it to: fleet.a, fleet.b." in refused.stderr) == (2, True)
    ran = ecs("import", request, "--stack", "fleet.b", "--name", "web", cwd=clone, PULUMI_CONFIG_PASSPHRASE="x")
    assert ran.returncode == 0, ran.stderr
    web = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]["ecs-stacks:servers"]["web"]
    assert (web["cell"], list(web["user_data_base64"])) == ("b", ["secure"])
    assert link.is_symlink()
