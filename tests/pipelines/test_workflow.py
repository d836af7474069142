"""The life of a change through the pipelines' own steps, executed one by one in clean clones of what is committed.

GitHub's jobs judge, plan and apply it and find a drift; GitLab's heal the drift; the operator's gate lets pass what is there. Each
fixture is a stage, and brings those before it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.gate import WRITERS
from tests.pipelines.runner import Ran
from tests.pipelines.site import BAD, GOOD, STACK, Site, site

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("team")
    for name in ("github", "gitlab"):
        (folder / name).mkdir()
    with site(folder) as made:
        made.commit("change", BAD)
        made.git("branch", "bad")
        yield made


@pytest.fixture(scope="module")
def refused(team: Site) -> Ran:
    """The gate of a pull request with a mistake."""
    return team.on_github.github("gate", STACK, "change")


@pytest.fixture(scope="module")
def passed(team: Site, refused: Ran) -> Ran:
    """The gate of the same pull request, mended."""
    team.commit("change", GOOD)
    return team.on_github.github("gate", STACK, "change")


@pytest.fixture(scope="module")
def planned(team: Site, passed: Ran) -> Ran:
    team.merge("change")
    return team.on_github.github("plan", STACK)


@pytest.fixture(scope="module")
def applied(team: Site, planned: Ran) -> tuple[Ran, list[str]]:
    """The apply, and the servers that are there after it."""
    return team.on_github.github("apply", STACK), team.servers()


@pytest.fixture(scope="module")
def drifted(team: Site, applied: tuple[Ran, list[str]]) -> Ran:
    """The night after somebody deleted a server by hand."""
    team.take_away("web-2")
    return team.on_github.github("drift", STACK)


@pytest.fixture(scope="module")
def healed(team: Site, drifted: Ran) -> tuple[Ran, Ran]:
    return team.on_gitlab.gitlab("plan", STACK), team.on_gitlab.gitlab("apply", STACK)


def codes(ran: Ran) -> dict[str, int | None]:
    """The exit codes of the steps that have a name, without the set-up."""
    return {name: code for name, code in ran.codes.items() if ":" not in name and name != "Set up"}


def review(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / WRITERS["json"]).read_text(encoding="utf-8"))
    return found


def test_a_bad_change_is_refused_with_its_reports_and_a_comment(team: Site, refused: Ran) -> None:
    assert refused.failed
    assert codes(refused) == {"Gate": 5, "Comment": 0, "Findings in the code": 0, "Keep the reports": 0}, refused.text
    assert "stacks/Pulumi.pipeline.yaml" in refused.texts["Gate"]
    kept = team.on_github.artifacts[f"gate-{STACK}"]
    assert {one.name for one in kept.iterdir()} == set(WRITERS.values())
    assert review(kept)["verdict"] == "refused"
    posted = next(one for one in team.forge.asked if one.startswith("POST"))
    assert posted == "POST /repos/team/ecs-stacks/issues/7/comments"


def test_the_mended_change_passes_and_its_comment_takes_the_place_of_the_first(team: Site, passed: Ran) -> None:
    assert not passed.failed, passed.text
    assert set(codes(passed).values()) == {0}
    (comment,) = team.forge.ours()
    assert comment.splitlines()[0] == f"<!-- ecs-gate:ecs-stacks/{STACK} -->"
    assert "Passed" in comment
    assert "ECS-303" not in comment
    assert team.forge.count("POST") == 1
    assert team.servers() == [], "a gate changes nothing"


def test_what_was_planned_is_applied_in_another_clone(team: Site, planned: Ran, applied: tuple[Ran, list[str]]) -> None:
    ran, servers = applied
    assert not planned.failed, planned.text
    assert codes(planned) == {"Plan": 0, "Keep the plan": 0}
    summary = (team.on_github.folder / "summary-3.md").read_text(encoding="utf-8")
    assert "web-1" in summary, "whoever approves sees the plan on the page of the run"
    assert not ran.failed, ran.text
    assert codes(ran) == {"Fetch the plan": 0, "Apply": 0, "Keep the reports": 0}
    assert review(team.on_github.artifacts[f"apply-{STACK}"])["verdict"] == "passed"
    assert planned.folder != ran.folder
    assert servers == ["web-1", "web-2"]


def test_a_drift_is_found_at_night_and_the_audit_takes_place_all_the_same(team: Site, drifted: Ran) -> None:
    assert drifted.failed
    assert codes(drifted) == {"Drift": 7, "Audit": 0, "Keep the reports": 0}, drifted.text
    assert "web-2" in drifted.texts["Drift"]
    kept = team.on_github.artifacts[f"drift-{STACK}"]
    assert review(kept / "drift")["verdict"] == "changed"
    assert review(kept / "audit")["verdict"] == "passed"


def test_the_drift_is_healed_and_the_next_night_is_quiet(team: Site, healed: tuple[Ran, Ran]) -> None:
    for ran in healed:
        assert not ran.failed, ran.text
    assert team.servers() == ["web-1", "web-2"]
    for job in ("drift", "audit"):
        night = team.on_gitlab.gitlab(job, STACK)
        assert not night.failed, night.text
    assert team.on_gitlab.artifacts["drift"].joinpath("reports", WRITERS["junit"]).is_file()


def test_gitlabs_gate_refuses_too_and_comments_after_it(team: Site, healed: tuple[Ran, Ran]) -> None:
    before = team.forge.count("POST")
    ran = team.on_gitlab.gitlab("gate", STACK, "bad")
    assert ran.failed
    assert list(ran.codes.values()) == [0, 5, 0], ran.text
    assert "GET /api/v4/projects/42/merge_requests/7/notes" in team.forge.asked
    # It is the same forge, where the comment of that stack is there already.
    assert team.forge.count("POST") == before
    assert "Refused" in team.forge.ours()[0]
    assert review(team.on_gitlab.artifacts["gate"] / "reports")["verdict"] == "refused"


def test_the_operators_gate_lets_pass_what_is_good_and_hands_the_pack_over(team: Site, healed: tuple[Ran, Ran]) -> None:
    runner = team.on_gitlab
    lock = team.locked()
    bad = runner.gate_of_operator(STACK, "bad")
    assert bad.codes == {"gate": 5}, bad.text
    assert runner.handed_over() == {}, "the engine of a refused change gets nothing"
    assert lock.exists(), "and nothing is written"
    good = runner.gate_of_operator(STACK)
    assert not good.failed, good.text
    assert not lock.exists(), "what a killed pod left is taken over"
    environment = {**runner.environment(), **runner.secrets, **runner.handed_over()}
    # What the operator's agent does next.
    done = subprocess.run(
        ["pulumi", "preview", "--stack", f"organization/ecs-stacks/{STACK}", "--expect-no-changes", "--non-interactive"],
        cwd=good.folder, env=environment, check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Policies:" in done.stdout
    assert "ecs-stacks@v" in done.stdout, "the engine runs the pack too"


def test_no_secret_is_in_anything_that_was_said_or_kept(team: Site, healed: tuple[Ran, Ran]) -> None:
    runners = (team.on_github, team.on_gitlab)
    kept = [one for runner in runners for one in (runner.folder / "artifacts").rglob("*.*") if one.is_file()]
    summaries = list(team.on_github.folder.glob("summary-*.md"))
    assert len(kept) > 30
    assert summaries
    said = [one.read_text(encoding="utf-8") for one in [*kept, *summaries]] + team.forge.ours()
    said += [text for runner in runners for text in runner.heard]
    assert sum("ecs-stacks/pipeline" in text for text in said) > 20, "there is something that could tell"
    for secret in team.secrets:
        assert len(secret) > 8
        assert not [text for text in said if secret in text]
