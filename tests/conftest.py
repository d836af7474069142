"""Settings for every test."""

import os

import pytest
from hypothesis import HealthCheck, settings

# A loaded machine must not fail a property: time is measured in bench/, never in a test.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write down what the real cloud of OS_CLOUD answers")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to the night (`make nightly`) what shows once more what another test shows by day; it is counted as deselected."""
    if os.environ.get("ECS_NIGHTLY"):
        return
    night = [item for item in items if item.get_closest_marker("nightly")]
    if night:
        config.hook.pytest_deselected(items=night)
        items[:] = [item for item in items if item.get_closest_marker("nightly") is None]
