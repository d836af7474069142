"""Settings for every test."""

import pytest
from hypothesis import HealthCheck, settings

# A loaded machine must not fail a property: time is measured in bench/, never in a test.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write down what the real cloud of OS_CLOUD answers")
