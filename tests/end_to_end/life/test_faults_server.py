"""The fault table of a single server: whatever goes wrong, one more `up` and the cloud holds exactly what is stated."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.life.stage import NETWORK, OTHER_IMAGE, TYPED, Stage, disk, server

pytestmark = pytest.mark.engine

CREATE = "POST /compute/*/servers"
CHANGED = server(
    name="web",
    metadata={"role": "db"},
    disks=[disk("data", volume_size=3), disk("logs")],
    networks=[{"uuid": NETWORK}, {"uuid": NETWORK}],
)
BIGGER = server(flavorRef="s3.xlarge.2")
REPLACED = server(boot=TYPED | {"uuid": OTHER_IMAGE})

PASSING: list[tuple[str, dict[str, Any]]] = [
    ("429", {"retry_after": 1}),
    ("503", {"times": 2}),
    ("drop-before", {}),
    ("drop-after", {}),
    ("slow-answer", {"seconds": 1}),
    ("expire-token", {}),
]
"""What goes by: the run itself must end well, because every call is tried again or looked after."""

REQUESTS = {
    "create": (None, server(), CREATE),
    "create-disk": (None, server(), "POST /volume/*/volumes"),
    "create-attach": (None, server(), "POST /compute/*/os-volume_attachments"),
    "update": (server(), CHANGED, "POST /compute/*/metadata"),
    "update-nic": (server(), CHANGED, "POST /compute/*/os-interface"),
    "update-disk": (server(), CHANGED, "POST /volume/*/volumes"),
    "resize": (server(), BIGGER, "POST /compute/*/action"),
}
LASTING = [
    ("create", "no-valid-host", None, server(), CREATE),
    ("create", "quota", None, server(), CREATE),
    ("create", "error-after-build", None, server(), CREATE),
    ("create-disk", "quota", None, server(), "POST /volume/*/volumes"),
    ("update", "quota", server(), CHANGED, "POST /volume/*/volumes"),
    ("replace", "no-valid-host", server(), REPLACED, CREATE),
    ("replace", "error-after-build", server(), REPLACED, CREATE),
    ("replace", "quota", server(), REPLACED, CREATE),
]
"""What the cloud refuses or cannot do: the run fails, and says why."""


@pytest.mark.parametrize(("kind", "said"), PASSING, ids=[kind for kind, _ in PASSING])
@pytest.mark.parametrize("operation", REQUESTS)
def test_what_goes_by_is_lived_through(operation: str, kind: str, said: dict[str, Any], stage: Stage) -> None:
    before, after, request = REQUESTS[operation]
    if before is not None:
        stage.state(before)
        stage.healed()
    stage.state(after)
    stage.fault(kind, on=request, **said)
    ran = stage.up()
    assert stage.met() > 0, "the fault never happened, so nothing was shown"
    assert ran.code == 0, ran.text
    stage.holds_what_is_stated()
    stage.healed()


@pytest.mark.parametrize(("operation", "kind", "before", "after", "request_"), LASTING, ids=lambda one: str(one)[:18])
def test_what_fails_leaves_nothing_and_is_made_by_the_next_run(  # noqa: PLR0917 - one column of the table each
    operation: str, kind: str, before: Any, after: Any, request_: str, stage: Stage
) -> None:
    if before is not None:
        stage.state(before)
        stage.healed()
    stage.state(after)
    stage.fault(kind, on=request_)
    ran = stage.up()
    assert stage.met() > 0, "the fault never happened, so nothing was shown"
    assert ran.code != 0, ran.text
    if operation.startswith("create"):
        assert stage.now() == {"servers": [], "volumes": [], "ports": []}, operation
    stage.healed()


@pytest.mark.parametrize("operation", REQUESTS)
def test_a_killed_run_is_continued(operation: str, stage: Stage) -> None:
    before, after, request = REQUESTS[operation]
    if before is not None:
        stage.state(before)
        stage.healed()
    stage.state(after)
    stage.fault("slow-answer", on=request, seconds=20)
    stage.killed("up", "--yes", "--skip-preview")
    stage.freed()
    stage.healed()
