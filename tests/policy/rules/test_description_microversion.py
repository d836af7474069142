from __future__ import annotations

from dataclasses import replace

import pytest

from policy.rules.description_microversion import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    Resource,
    body,
    fails,
    instance,
    judge,
    passes,
    undetermined,
)


def stated(microversion: object, **server: object) -> Resource:
    request = body(**server)
    return replace(request, inputs={**request.inputs, "microversion": microversion})


CASES = [
    passes("a raw instance cannot say it", instance()),
    passes("none", body()),
    passes("the empty default", body(description="")),
    fails(
        "an old microversion does not know the empty one either", stated("2.18", description=""), "server.description"
    ),
    passes("a text", body(description="the web server")),
    passes("a text with a microversion that knows it", stated("2.19", description="the web server")),
    passes("a late microversion", stated("compute 2.104", description="the web server")),
    passes("an old microversion without a description", stated("2.1")),
    fails("an old microversion", stated("2.18", description="the web server"), "server.description"),
    fails("the first microversion", stated("2.1", description="the web server"), "server.description"),
    fails("more than 255 characters", body(description="w" * 256), "server.description"),
    fails("a number", body(description=7), "server.description"),
    undetermined("a text that is not known yet", body(description=UNKNOWN), "server.description"),
    undetermined("a microversion that is not known yet", stated(UNKNOWN, description="the web server"), "microversion"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_description_microversion(case: Case) -> None:
    judge(RULE, case)
