"""`ecs comment` on forges that are busy, hang up and refuse: one comment a stack, never a second, and no token in what is said."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commands import comment as comments
from commands.failure import Failure
from tests.pipelines.forge import TOKEN, Forge, forge

ROOT = Path(__file__).parents[2]
DEV = "<!-- ecs-gate:ecs-stacks/dev -->\n# Refused\n"
OURS = ("GITHUB_", "GITLAB_", "CI_", "ECS_")


@pytest.fixture
def hub() -> Iterator[Forge]:
    with forge() as made:
        yield made


@pytest.fixture(params=["github", "gitlab"])
def pipeline(request: pytest.FixtureRequest, hub: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forge:
    """A forge, and the variables of a pipeline of it."""
    enter(monkeypatch, hub.github(tmp_path) if request.param == "github" else hub.gitlab())
    return hub


def enter(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name in [one for one in os.environ if one.startswith(OURS)]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(comments, "PAUSE", 0.01)


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Comment, and return what was said; a failure is what it says, with its exit code before it."""

    def say(text: str = DEV) -> str:
        file = tmp_path / "review.md"
        file.write_text(text, encoding="utf-8")
        try:
            comments.comment(file)
        except Failure as failure:
            print(f"{failure.code}: {failure}")
        said = "".join(capsys.readouterr())
        assert TOKEN not in said
        return said

    return say


def test_it_is_made_and_then_replaced(pipeline: Forge, say: Callable[..., str]) -> None:
    pipeline.seed(2)
    assert say() == "The comment is made.\n"
    assert say(DEV + "again\n") == "The comment is replaced.\n"
    assert pipeline.ours() == [DEV + "again\n"]
    assert len(pipeline.comments) == 3
    assert pipeline.count("POST") == 1


def test_it_is_found_on_the_third_page(pipeline: Forge, say: Callable[..., str]) -> None:
    pipeline.seed(230)
    pipeline.add(DEV)
    pipeline.seed(1)
    assert say(DEV + "again\n") == "The comment is replaced.\n"
    assert pipeline.ours() == [DEV + "again\n"]
    assert pipeline.count("GET") == 3


def test_a_full_last_page_is_no_trap(pipeline: Forge, say: Callable[..., str]) -> None:
    pipeline.seed(100)
    assert say() == "The comment is made.\n"


def test_each_stack_and_each_kind_has_its_own(pipeline: Forge, say: Callable[..., str]) -> None:
    texts = [DEV, *(DEV.replace("/dev ", f"/{name} ") for name in ("dev-2", "prod", "dev:drift"))]
    for text in texts:
        assert say(text) == "The comment is made.\n"
    for text in texts:
        assert say(text + "again\n") == "The comment is replaced.\n"
    assert pipeline.ours() == [text + "again\n" for text in texts]


def test_somebody_who_quotes_the_marker_is_not_overwritten(pipeline: Forge, say: Callable[..., str]) -> None:
    pipeline.add(f"> {DEV}\nWhy?")
    assert say() == "The comment is made.\n"
    assert pipeline.comments[0]["body"].endswith("Why?")


@pytest.mark.parametrize("status", [429, 503, 500, 502, 504])
@pytest.mark.parametrize("method", ["GET", "POST", "edit"])
def test_a_busy_forge_is_asked_again(pipeline: Forge, say: Callable[..., str], method: str, status: int) -> None:
    if method == "edit":
        pipeline.add(DEV)
        pipeline.faults = [("PATCH", status)] if "GITHUB_ACTIONS" in os.environ else [("PUT", status)]
    else:
        pipeline.faults = [(method, status)] * 2
    assert say(DEV + "again\n").startswith("The comment is ")
    assert pipeline.ours() == [DEV + "again\n"]
    assert pipeline.faults == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_forge_that_stays_busy_is_given_up(pipeline: Forge, say: Callable[..., str], method: str) -> None:
    pipeline.faults = [(method, 503)] * 50
    assert say() == "1: the comment could not be written: the forge answers 503. Try again.\n"
    assert pipeline.count(method) == comments.TRIES
    pipeline.faults = [("POST", 502)] * 50
    assert "the forge's answer was lost each time. Look, and try again" in say()
    assert pipeline.ours() == []


def test_a_lost_answer_makes_no_second_comment(pipeline: Forge, say: Callable[..., str]) -> None:
    pipeline.faults = [("POST", "lost")]
    assert say() == "The comment is made.\n"
    assert pipeline.ours() == [DEV]
    assert pipeline.count("POST") == 1
    pipeline.faults = [("PATCH", "lost"), ("PUT", "lost")] if "GITHUB_ACTIONS" in os.environ else [("PUT", "lost")]
    assert say(DEV + "again\n") == "The comment is replaced.\n"
    assert pipeline.ours() == [DEV + "again\n"]


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        (401, "Give the token the right to write comments."),
        (403, "Give the token the right to write comments."),
        (404, "Check that the request still exists, and that the token may see it."),
        (422, "Try again."),
        (301, "the token is not sent there: give its address of today."),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refusal_is_told_with_its_fix(
    pipeline: Forge, say: Callable[..., str], method: str, status: int, fix: str
) -> None:
    pipeline.faults = [(method, status)]
    said = say()
    assert said.startswith(f"1: the comment could not be written: {status} ")
    assert said.endswith(f"{fix}\n")
    assert pipeline.ours() == []
    assert pipeline.count(method) == 1, "a refusal is not asked again"
    assert not [one for one in pipeline.asked if "elsewhere" in one]


def test_another_token_is_refused(pipeline: Forge, say: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "ECS_GITLAB_TOKEN"):
        monkeypatch.setenv(name, "planted-other")
    assert say().startswith("1: the comment could not be written: 401 ")


def test_a_login_of_the_machine_does_not_take_the_tokens_place(
    pipeline: Forge, say: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert say() == "The comment is made.\n"


def test_a_line_break_after_the_token_is_not_the_tokens(
    pipeline: Forge, say: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "ECS_GITLAB_TOKEN"):
        monkeypatch.setenv(name, f"{TOKEN}\n")
    assert say() == "The comment is made.\n"
    for name in ("GITHUB_TOKEN", "ECS_GITLAB_TOKEN"):
        monkeypatch.setenv(name, f"{TOKEN}\nX: y")
    assert "InvalidHeader" in say()


def test_without_a_token_it_says_which(
    pipeline: Forge, say: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "ECS_GITLAB_TOKEN"):
        monkeypatch.setenv(name, "")
    assert say().startswith(("2: GITHUB_TOKEN is not set", "2: ECS_GITLAB_TOKEN is not set"))
    assert pipeline.asked == []


def test_nobody_there_is_told(say: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = Forge(f"http://127.0.0.1:{free.getsockname()[1]}")
    enter(monkeypatch, nobody.github(tmp_path))
    assert say() == "1: the comment could not be written: the forge cannot be reached. Try again.\n"


def test_what_is_no_forge_is_told(pipeline: Forge, say: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.faults = [("GET", 203)]
    assert "what answers is no forge" in say()


@pytest.mark.parametrize("event", [{}, {"pull_request": None}, {"pull_request": {}}, {"issue": {"number": 7}}])
def test_a_pipeline_of_no_request_says_so(
    hub: Forge, say: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: dict[str, object]
) -> None:
    enter(monkeypatch, hub.github(tmp_path, event))
    assert say().startswith("This pipeline is for no pull or merge request")
    enter(monkeypatch, {name: value for name, value in hub.gitlab().items() if name != "CI_MERGE_REQUEST_IID"})
    assert say().startswith("This pipeline is for no pull or merge request")
    assert hub.asked == []


def test_the_command_ends_with_its_exit_code(hub: Forge, tmp_path: Path) -> None:
    file = tmp_path / "review.md"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}

    def run() -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [ROOT / ".venv" / "bin" / "ecs", "comment", file], env={**kept, **hub.github(tmp_path)}, check=False,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert TOKEN not in done.stdout + done.stderr
        return done

    missing = run()
    assert (missing.returncode, missing.stderr) == (
        2,
        f"error: {file}: cannot be read. Write it with `ecs gate --markdown {file}`.\n",
    )
    file.write_text("# Some other text\n", encoding="utf-8")
    other = run()
    assert other.returncode == 2
    assert "does not begin with the marker of a report" in other.stderr
    file.write_text(DEV, encoding="utf-8")
    assert run().returncode == 0
    hub.faults = [("GET", 403)]
    refused = run()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: the comment could not be written: 403 ")
