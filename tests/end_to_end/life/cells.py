"""The cells of the fault tables: an operation meets a fault, and after one more `up` the cloud holds exactly what is stated."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest

from tests.end_to_end.life.stage import Json, Stage

CREATE = "POST /compute/*/servers"

PASSING: list[tuple[str, dict[str, Any]]] = [
    ("429", {"retry_after": 1}),
    ("503", {"times": 2}),
    ("drop-before", {}),
    ("drop-after", {}),
    ("slow-answer", {"seconds": 1}),
    ("expire-token", {}),
]
"""What goes by: the run itself must end well, because every call is tried again or looked after."""

TELLING = ("drop-after",)
"""What a request of the second row meets every day: the answer that is lost. In `make nightly` it meets all."""

PLAIN = ("503", "drop-after", "expire-token")
"""What a request of the first row meets every day: the busy cloud, the lost answer, the log-in that ended. In `make nightly` all."""


def cells(first: Iterable[str], second: Iterable[str], every_kind: bool = False) -> list[Any]:
    """Which operation meets which kind: those of the first row all or the plain ones, those of the second the telling one."""
    nightly = bool(os.environ.get("ECS_NIGHTLY"))
    rows = [(what, kind, said) for what in first for kind, said in PASSING if nightly or every_kind or kind in PLAIN]
    rows += [(what, kind, said) for what in second for kind, said in PASSING if nightly or kind in TELLING]
    return [pytest.param(what, kind, said, id=f"{what}-{kind}") for what, kind, said in rows]


class Operation(NamedTuple):
    """From one stack to another, and the request that the fault is for."""

    before: Json | None
    after: Json
    request: str

    def begun(self, stage: Stage) -> None:
        """The stack as it was, and the next one stated."""
        if self.before is not None:
            stage.state(self.before)
            stage.healed()
        stage.state(self.after)


def lives_through(stage: Stage, operation: Operation, kind: str, said: dict[str, Any]) -> None:
    operation.begun(stage)
    stage.fault(kind, on=operation.request, **said)
    ran = stage.up()
    assert stage.met() > 0, "the fault never happened, so nothing was shown"
    assert ran.code == 0, ran.text
    stage.holds_what_is_stated()
    stage.healed()


def is_continued_after_a_kill(stage: Stage, operation: Operation) -> None:
    operation.begun(stage)
    stage.fault("slow-answer", on=operation.request, seconds=20)
    stage.killed("up", "--yes", "--skip-preview")
    stage.freed()
    stage.healed()


def fails(stage: Stage, operation: Operation, kind: str) -> None:
    """The run must fail, and say so."""
    operation.begun(stage)
    stage.fault(kind, on=operation.request)
    ran = stage.up()
    assert stage.met() > 0, "the fault never happened, so nothing was shown"
    assert ran.code != 0, ran.text
