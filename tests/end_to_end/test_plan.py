"""`ecs plan` and `ecs apply` through the real engine: what was reviewed is what is deployed, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import daemon
from tests.end_to_end.gate_clone import SECRETS, SETTINGS, GateClone, gate_clone
from tests.end_to_end.takeover_clone import until, workers

pytestmark = pytest.mark.engine

RESIZED = SETTINGS.replace("metadata: {role: web}", "metadata: {role: web, seen: yes please}")
MORE = SETTINGS + "".join(
    f"""\
    more-{number}:
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {{image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}}
      networks: [{{network: lan}}]
      key_name: operator
"""
    for number in range(3)
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateClone]:
    with gate_clone(tmp_path_factory.mktemp("plan") / "clone") as made:
        done = made.ecs("up", "--skip-preview")
        assert done.returncode == 0, done.stdout + done.stderr
        yield made


@pytest.fixture
def plan(clone: GateClone, tmp_path: Path) -> Path:
    """A plan that gives a server one more key of metadata."""
    clone.state(RESIZED)
    return planned(clone, tmp_path / "plan.json")


def planned(clone: GateClone, file: Path) -> Path:
    done = clone.ecs("plan", "--out", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    return file


def test_a_change_that_is_refused_leaves_no_plan(clone: GateClone, tmp_path: Path) -> None:
    file = planned(clone, tmp_path / "plan.json")
    clone.state(SETTINGS.replace("networks: [{network: lan}]", "networks: [{fixed_ip: 10.0.0.9}]"))
    done = clone.ecs("plan", "--out", str(file))
    assert done.returncode == 5
    assert not file.exists()
    clone.state()


def test_what_was_reviewed_is_what_is_done(clone: GateClone, plan: Path) -> None:
    """Refused while anything differs, and each reason is told; then done; then nothing is left."""
    before = clone.changing()

    def refused(*arguments: str, code: int = 7) -> str:
        done = clone.ecs("apply", str(plan), *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    clone.state(RESIZED.replace("yes please", "something else"))
    assert "stacks/Pulumi.sandbox.yaml was changed since" in refused()
    clone.state(RESIZED)
    clone.program("\n# one more line\n")
    exemptions = clone.folder / "policy" / "exemptions.yaml"
    text = exemptions.read_text(encoding="utf-8")
    exemptions.write_text(text + "# looked at again\n", encoding="utf-8")
    said = refused()
    assert "stacks/__main__.py was changed since" in said
    assert "policy/exemptions.yaml was changed since" in said, "all reasons are told at once"
    clone.program()
    exemptions.write_text(text, encoding="utf-8")
    assert "older than 1s" in refused("--max-age", "1s")
    assert "is not the plan that was reviewed" in refused("--digest", "sha256:0")
    tampered = json.loads(plan.read_text(encoding="utf-8"))
    reviewed = json.dumps(tampered)
    tampered["versions"]["pulumi"] = "3.1.0"
    plan.write_text(json.dumps(tampered), encoding="utf-8")
    assert "pulumi is 3.253.0, and was 3.1.0" in refused()
    plan.write_text(reviewed, encoding="utf-8")

    # Somebody took a server away: what would be done now is more than what was reviewed.
    clone.connection.compute.delete_server(clone.server("web-2"))
    changing = clone.changing()
    said = refused()
    assert "Server web-2: create, which was not reviewed" in said
    assert clone.changing() == changing, "nothing was done"
    back = clone.ecs("up", "--skip-preview", "--refresh", "--target", "urn:**web-2", "--target-dependents")
    assert back.returncode == 0, back.stdout + back.stderr
    assert clone.server("web-1").metadata.get("seen") is None
    assert before < clone.changing(), "the counting of requests sees none"

    done = clone.ecs("apply", str(plan))
    assert done.returncode == 0, done.stdout + done.stderr
    assert clone.server("web-1").metadata["seen"] == "yes please"
    again = clone.ecs("apply", str(plan))
    assert again.returncode == 0
    assert "Nothing is left to do" in again.stderr
    clone.state()


def test_it_is_applied_to_no_other_state_and_no_other_cloud(clone: GateClone, plan: Path, tmp_path: Path) -> None:
    other = tmp_path / "state"
    other.mkdir()
    done = clone.ecs("apply", str(plan), PULUMI_BACKEND_URL=f"file://{other}")
    assert done.returncode == 7, done.stdout + done.stderr
    assert "it is of another state" in done.stderr
    file = clone.cloud / "clouds.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("project_name: ", "project_name: other-"), encoding="utf-8")
    done = clone.ecs("apply", str(plan))
    file.write_text(text, encoding="utf-8")
    assert done.returncode == 7, done.stdout + done.stderr
    assert "it is of another cloud" in done.stderr
    clone.state()


def test_a_rule_that_would_decide_otherwise_by_now_refuses(clone: GateClone, tmp_path: Path) -> None:
    clone.state(MORE)
    file = planned(clone, tmp_path / "plan.json")
    daemon.control(clone.cloud, "PATCH", "/sandbox/settings", {"quota": {"instances": 3}})
    before = clone.changing()
    done = clone.ecs("apply", str(file))
    daemon.control(clone.cloud, "PATCH", "/sandbox/settings", {"quota": {"instances": -1}})
    assert done.returncode == 5, done.stdout + done.stderr
    assert "ECS-122" in done.stdout
    assert clone.changing() == before
    clone.state()


def test_an_apply_that_was_killed_is_resumed(clone: GateClone, tmp_path: Path) -> None:
    clone.state(MORE.replace("    more-0:\n", "    more-0:\n      user_data: planted-data-2\n"))
    file = planned(clone, tmp_path / "plan.json")
    assert not [secret for secret in SECRETS if secret in file.read_text(encoding="utf-8")]
    daemon.control(clone.cloud, "PATCH", "/sandbox/settings", {"build_seconds": 6})
    created = clone.asked("POST", "/servers")
    run = clone.begin("apply", str(file))
    until(lambda: clone.asked("POST", "/servers") >= created + 2 or run.poll() is not None)
    assert run.poll() is None, "the apply was over before it could be killed"
    for pid in workers(run):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    run.wait()
    daemon.control(clone.cloud, "PATCH", "/sandbox/settings", {"build_seconds": 0})
    done = clone.ecs("apply", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert clone.names() == ["more-0", "more-1", "more-2", "web-1", "web-2"]
    after = clone.ecs("preview", "--refresh", "--expect-no-changes")
    assert after.returncode == 0, after.stdout
    clone.state()


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "there is no such plan"), ("{}", "is no plan of this version"), ("\x00", "is no plan of this version")],
)
def test_what_is_no_plan_is_told_in_a_sentence(clone: GateClone, tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "plan.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    done = clone.ecs("apply", str(file))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
