"""All cells of an environment in one command, by the real `ecs`: judged together, none touched where one is refused."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import daemon
from tests.end_to_end.gate_clone import SECRETS, GateClone, gate_clone
from tests.end_to_end.takeover_clone import until

pytestmark = pytest.mark.engine

FLEET = """\
config:
  openstack:cloud: sandbox
  openstack:maxRetries: "10"
  ecs-stacks:inherits: many
  ecs-stacks:cells: [a, b]
"""
MANY = """\
config:
  ecs-stacks:networks:
    lan: {cidr: 10.0.0.0/24}
  ecs-stacks:key_pairs:
    operator: {public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWWmQpUe4Fn5sYl0Yv8GyGiPBPtXL0nsZhJ6m1xYH3b operator}
  ecs-stacks:servers:
""" + "".join(
    f"""\
    web-{cell}:
      cell: {cell}
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {{image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}}
      networks: [{{network: lan}}]
      key_name: operator
"""
    for cell in "ab"
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateClone]:
    with gate_clone(tmp_path_factory.mktemp("fleet") / "clone") as made:
        stacks = made.folder / "stacks"
        (stacks / "Pulumi.fleet.yaml").write_text(FLEET, encoding="utf-8")
        (stacks / "many.yaml").write_text(MANY, encoding="utf-8")
        assert made.ecs("cells", "--stack", "fleet", "--write").returncode == 0
        yield made


def many(clone: GateClone, text: str) -> None:
    (clone.folder / "stacks" / "many.yaml").write_text(text, encoding="utf-8")


def test_none_is_touched_where_one_is_refused(clone: GateClone, tmp_path: Path) -> None:
    wrong = "networks: [{fixed_ip: 10.0.0.9}]\n      admin_pass: planted-pass-1"
    many(clone, MANY.replace("networks: [{network: lan}]", wrong, 1))
    before = clone.changing()
    done = clone.ecs("up", "--stack", "fleet", "--all", "--parallel", "2")
    assert done.returncode == 5, done.stdout + done.stderr
    assert clone.changing() == before
    line = MANY.splitlines().index("      networks: [{network: lan}]") + 1
    assert f"stacks/many.yaml:{line}" in done.stdout
    assert "[ECS-303, " in done.stdout
    assert "fleet.b: Passed: 4 to create" in done.stdout, "the other one was judged all the same"
    assert "Nothing was changed in any cell." in done.stderr
    gate = clone.ecs("gate", "--stack", "fleet", "--all", "--reports", str(tmp_path))
    assert gate.returncode == 5
    reports = {folder.name: json.loads((folder / "review.json").read_text("utf-8")) for folder in tmp_path.iterdir()}
    assert {name: one["exit_code"] for name, one in reports.items()} == {"fleet.a": 5, "fleet.b": 0}
    texts = [file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()]
    assert not [secret for secret in SECRETS for text in [*texts, done.stdout, done.stderr] if secret in text]
    many(clone, MANY)


def test_one_that_is_asked_to_end_finishes_what_it_began_and_begins_no_other(clone: GateClone) -> None:
    daemon.control(clone.cloud, "PATCH", "/sandbox/settings", {"build_seconds": 3})
    run = clone.begin("up", "--stack", "fleet", "--all", "--parallel", "1")
    until(lambda: clone.asked("POST", "/servers") or run.poll() is not None)
    run.send_signal(signal.SIGTERM)
    assert run.wait(60) not in (0, None)
    daemon.control(clone.cloud, "PATCH", "/sandbox/settings", {"build_seconds": 0})
    assert clone.names() == ["web-a"], "what was begun is there, and no other cell was begun"


def test_a_cell_that_another_run_holds_is_told_and_stops_no_other(clone: GateClone) -> None:
    lock = clone.folder / ".ecs/state/.pulumi/locks/organization/ecs-stacks/fleet.a/of-another-machine.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = {"pid": 1, "username": "j.doe", "hostname": "elsewhere", "timestamp": datetime.now(UTC).isoformat()}
    lock.write_text(json.dumps(held), encoding="utf-8")
    done = clone.ecs("up", "--stack", "fleet", "--all")
    assert done.returncode == 6, done.stdout + done.stderr
    assert "fleet.a: the stack 'fleet.a' is held by another machine's run" in done.stdout
    assert "j.doe on elsewhere" in done.stdout
    assert lock.is_file()
    assert "web-b" in clone.names()
    lock.unlink()


def test_all_are_made_and_deleted(clone: GateClone) -> None:
    done = clone.ecs("up", "--stack", "fleet", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert clone.names() == ["web-a", "web-b"]
    clone.connection.compute.delete_server(clone.server("web-b"))
    drifted = clone.ecs("drift", "--stack", "fleet", "--all")
    assert drifted.returncode == 7
    assert "fleet.a: No drift" in drifted.stdout
    assert "fleet.b: Drift: 1 resource changed" in drifted.stdout
    gone = clone.ecs("down", "--stack", "fleet", "--all", "--parallel", "2")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert "The sandbox is stopped." in gone.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("up", "--stack", "fleet.a", "--all"), "is one cell"),
        (("up", "--stack", "fleet", "--all", "--parallel", "0"), "is not one or more"),
        (("up", "--stack", "fleet", "--all", "--refresh"), "no option beside --all"),
        (("gate", "--stack", "fleet", "--all", "--html", "one.html"), "no option beside --all"),
        (("up", "--stack", "fleet"), "--all"),
    ],
)
def test_wrong_usage_is_one_sentence(clone: GateClone, arguments: tuple[str, ...], said: str) -> None:
    done = clone.ecs(*arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
