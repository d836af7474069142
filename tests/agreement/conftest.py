"""How many requests are tried: a thousand in every run, ten thousand and more where `ECS_NIGHTLY` is set."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from sandbox.testing import running
from sandbox.world import Settings
from tests.agreement.judges import Sandbox

# The same requests every time: a change is not blamed for what another run happened to find. The nightly run looks for that.
settings.register_profile(
    "agreement", settings.get_profile("project"), max_examples=1000, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
settings.register_profile(
    "agreement-nightly", settings.get_profile("agreement"), max_examples=20_000, derandomize=False, print_blob=True
)
PROFILE = settings.get_profile("agreement-nightly" if os.environ.get("ECS_NIGHTLY") else "agreement")


def share(part: int) -> settings:
    """The settings of a test that tries one of so many parts of the requests."""
    return settings(PROFILE, max_examples=PROFILE.max_examples // part)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The practice cloud of the document's profile, in the seed world."""
    with running(Settings(build_seconds=10)) as cloud:
        yield Sandbox(cloud)
