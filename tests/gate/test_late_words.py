"""A plugin that is slow to end, as on a busy machine, makes no failure of a run that succeeded."""

from __future__ import annotations

import pytest

from gate.review import Answer, Verdict
from tests.gate.events import judged, judged_whole, step, summary, told
from tests.gate.test_reading import reviewed

TEXT = """Detected that /home/plugins/resource-openstack-v5.5.3/pulumi-resource-openstack exited prematurely. \n
       This is *always* a bug in the provider. Please report the issue to the provider author as appropriate."""
RUN = (step("create", "web", after={"name": "web"}), judged("web"), judged_whole())


@pytest.mark.parametrize("kind", ["gate", "apply"])
def test_it_is_told_and_does_not_block(kind: str) -> None:
    for events in ((*RUN, summary(), told("error", TEXT)), (*RUN, told("error", TEXT), summary())):
        made = reviewed(*events, kind=kind)
        assert made.verdict is Verdict.PASSED
        assert [(one.answer, one.blocks) for one in made.findings] == [(Answer.NOTED, False)]


def test_a_run_that_failed_is_not_excused() -> None:
    made = reviewed(*RUN, told("error", TEXT), summary("failed"), code=1)
    assert made.verdict is Verdict.FAILED
    assert made.findings[0].blocks
    other = reviewed(*RUN, told("error", "something else"), summary())
    assert other.verdict is Verdict.FAILED
