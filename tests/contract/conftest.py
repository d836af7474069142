"""The same suite for three clouds: the sandbox in both profiles, and the real one that `OS_CLOUD` names.

The real cloud is the judge. What it answered is kept in `recorded/`, so that the sandbox is held against it on machines
where no real one runs; `--record` writes it anew, and without that a real cloud that answers otherwise fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import daemon
from tests.contract.cloud import SANDBOX, Cloud, Names, connected
from tests.contract.observe import Difference, Normal, Record, Watch, compare, load_differences

REAL = "real"


collect_ignore = [] if os.environ.get("ECS_NIGHTLY") or os.environ.get("OS_CLOUD") else ["test_provider.py"]
"""What the provider does on the sandbox is proven every day in tests/end_to_end/life; by night, and on a real cloud, here too."""


def targets() -> list[str]:
    """Return the clouds to test: the sandbox's profiles, and the real one where it is named."""
    return ["ecs", "community", *([REAL] if os.environ.get("OS_CLOUD") else [])]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        metafunc.parametrize("target", targets(), scope="session", indirect=True)


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    profile: str = request.param
    if profile == REAL:
        with connected(REAL, Names.from_environment(), None, os.environ["OS_CLOUD"]) as cloud:
            yield cloud
        return
    folder = tmp_path_factory.mktemp("contract") / profile
    version = {"max_microversion": "2.96"} if profile == "ecs" else {}
    started = daemon.start(folder, profile=profile, build_seconds=0.05, **version)
    try:
        with connected(profile, SANDBOX, started.clouds_file, "sandbox") as cloud:
            yield cloud
    finally:
        daemon.stop(folder)


@pytest.fixture
def cloud(target: Cloud) -> Iterator[Cloud]:
    """The cloud under test; what the test made is gone afterwards."""
    yield target
    target.clean()


@pytest.fixture(scope="session")
def table() -> list[Difference]:
    """The differences that are known, each with its reason."""
    return load_differences()


@pytest.fixture
def see(cloud: Cloud, request: pytest.FixtureRequest, table: list[Difference]) -> Iterator[Watch]:
    """Takes down what the cloud answers; at the end of the test it is held against the real cloud's record."""
    watch = Watch(Normal(cloud.known))
    yield watch
    assert watch.seen, "the test looked at nothing"
    module = Path(str(request.node.path)).stem
    test = request.node.originalname
    record = Record.of(module)
    if cloud.profile == REAL and request.config.getoption("--record"):
        record.answers[test] = watch.seen
        record.write()
        return
    assert test in record.answers, f"{test} was never recorded: run with OS_CLOUD and --record"
    problems = compare(test, cloud.profile, record.answers[test], watch.seen, table)
    assert not problems, "\n".join(["the answers differ from the real cloud's:", *problems])
