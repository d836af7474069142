"""What a plan of OpenTofu says, and what is made of previews and plans."""

from __future__ import annotations

import pytest

from bench.engine import Preview
from bench.peers.opentofu import planned
from bench.processes import Used
from bench.tofu import memory

SAID = """\
          + uuid           = "51bead38-d1a3-4d08-be20-0970c24b7cab"
        }
    }

Plan: 1000 to add, 2 to change, 30 to destroy.

Note: You didn't use the -out option to save this plan.
"""


def test_a_plan_says_what_it_does() -> None:
    assert planned(SAID) == (1000, 2, 30)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "No changes. Your infrastructure matches the configuration.",
        'name = "Plan: 3 to add, 0 to change, 0 to destroy."',
    ],
)
def test_a_text_that_says_nothing_of_it_is_no_plan(said: str) -> None:
    assert planned(said) is None


def test_the_memory_of_all_kinds_of_process_is_added_up() -> None:
    kinds = {"engine": Used(1.0, 3 << 20), "program": Used(2.0, 5 << 20), "pack": Used()}
    assert memory(Preview(1.0, 3.0, kinds)) == 8.0
