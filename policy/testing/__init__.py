"""A harness for rules: tables of requests, judged by the real policy servicer.

    from policy.testing import UNKNOWN, body, fails, instance, judge, passes, undetermined

    CASES = [
        passes("a port alone is enough", body(networks=[{"port": "p-1"}])),
        fails("neither is not", body(networks=[{}]), "server.networks[0]"),
        undetermined("the list is not known yet", body(networks=UNKNOWN), "server.networks"),
    ]

`judge(RULE, case)` sends the request as the engine does - floats for numbers, sentinels for unknowns, marks around secrets - and raises
`AssertionError` for a finding that is missing and for one that comes on top. A rule that stack or cloud decide has a table of stacks
(`stack_passes`, ...), and `judge_stack` for it: see `policy.testing.stacks`.
"""

from policy.testing.cases import Case, fails, judge, mixed, passes, undetermined
from policy.testing.clouds import FakeCloud, cloud
from policy.testing.requests import ABSENT, Resource, body, instance, native, native_batch
from policy.testing.servicer import Pack, Report, secret, unknown
from policy.testing.stacks import (
    StackCase,
    Stated,
    judge_stack,
    kept,
    ref,
    stack_fails,
    stack_passes,
    stack_silent,
    stack_undetermined,
    stated,
    thing,
)
from policy.unknown import UNKNOWN

__all__ = [
    "ABSENT",
    "UNKNOWN",
    "Case",
    "FakeCloud",
    "Pack",
    "Report",
    "Resource",
    "StackCase",
    "Stated",
    "body",
    "cloud",
    "fails",
    "instance",
    "judge",
    "judge_stack",
    "kept",
    "mixed",
    "native",
    "native_batch",
    "passes",
    "ref",
    "secret",
    "stack_fails",
    "stack_passes",
    "stack_silent",
    "stack_undetermined",
    "stated",
    "thing",
    "undetermined",
    "unknown",
]
