from __future__ import annotations

import pytest

from policy.facts import kinds
from policy.facts.facts import Phase
from policy.rules.no_delete_with_snapshots import RULE
from policy.testing import (
    StackCase,
    body,
    cloud,
    instance,
    judge_stack,
    kept,
    stack_fails,
    stack_passes,
    stack_silent,
    stated,
    thing,
)

CLOUD = cloud({"volume": {"v-1": {}}, "snapshot": {"nightly": {"volume_id": "v-1"}, "other": {"volume_id": "v-2"}}})
BEFORE = [kept(kinds.VOLUME, "data", "v-1"), kept(kinds.SERVER, "web", "s-1")]

CASES = [
    stack_passes("it stays", thing(kinds.VOLUME, "data", {"size": 10}, id="v-1"), cloud=CLOUD, before=BEFORE),
    stack_passes("it goes and has none", cloud=CLOUD, before=[kept(kinds.VOLUME, "data", "v-3")]),
    stack_passes("it stays in the cloud", cloud=CLOUD, before=[kept(kinds.VOLUME, "data", "v-1", retained=True)]),
    stack_passes("while the cloud is changed", cloud=CLOUD, before=BEFORE, during=Phase.UPDATE),
    stack_passes("a state is read", cloud=CLOUD, before=BEFORE, during=Phase.STATE),
    stack_fails("it goes", stated(instance(), id="s-1"), cloud=CLOUD, before=BEFORE, at=["data"]),
    stack_fails("it goes beside a documented server", stated(body()), cloud=CLOUD, before=BEFORE, at=["data"]),
    stack_fails("it is replaced", thing(kinds.VOLUME, "data", {"size": 10}), cloud=CLOUD, before=BEFORE, at=["data"]),
    stack_silent("a silent cloud", before=BEFORE),
    stack_silent("a state that cannot be read", cloud=CLOUD, before="it is locked", because="it is locked"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_delete_with_snapshots(case: StackCase) -> None:
    judge_stack(RULE, case)
