import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openstack
import pytest

from sandbox.testing import Loopback, running
from sandbox.world import Settings

IMAGE = "24040000-0000-4000-8000-000000000001"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"


@pytest.fixture(scope="session")
def _ecs() -> Iterator[Loopback]:
    with running(Settings(build_seconds=10)) as loopback:
        yield loopback


@pytest.fixture(scope="session")
def _community() -> Iterator[Loopback]:
    with running(Settings(build_seconds=10).with_profile("community")) as loopback:
        yield loopback


@pytest.fixture
def cloud(_ecs: Loopback) -> Loopback:
    """A cloud of profile `ecs` in the seed world; nothing in it is older than the test."""
    _ecs.start_over()
    return _ecs


@pytest.fixture
def community(_community: Loopback) -> Loopback:
    _community.start_over()
    return _community


def connect(loopback: Loopback) -> Any:
    return openstack.connect(
        auth=loopback.auth, region_name="sandbox", app_name="tests", load_yaml_config=False, load_envvars=False
    )


@pytest.fixture
def sdk(cloud: Loopback) -> Iterator[Any]:
    connection = connect(cloud)
    yield connection
    connection.close()


@pytest.fixture
def data() -> Path:
    return Path(__file__).parent / "data"


_BODY: dict[str, Any] = {
    "server": {
        "name": "web",
        "flavorRef": "s3.medium",
        "imageRef": IMAGE,
        "availability_zone": "az1-dc1",
        "networks": [{"uuid": NETWORK}],
    }
}


@pytest.fixture
def body() -> Callable[..., dict[str, Any]]:
    """A create call that works; a keyword changes a key of the server, None takes it away."""

    def make(hints: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        made = copy.deepcopy(_BODY)
        for key, value in changes.items():
            if value is None:
                made["server"].pop(key, None)
            else:
                made["server"][key] = value
        if hints is not None:
            made["os:scheduler_hints"] = hints
        return made

    return make
