"""What `set_pace` spares a program, counted beside the same program without it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks, resource
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from components.pace import DEBUG, set_pace
from tests.components.test_native import SERVER, Engine, Server

SERVERS = 40


@pytest.fixture(autouse=True)
def own_pace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process has its own pace again afterwards."""
    threshold = gc.get_threshold()
    monkeypatch.setattr(pulumi.log, "debug", pulumi.log.debug)
    monkeypatch.setattr(resource, "_get_stack_trace", resource._get_stack_trace)
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


class Log:
    """Stands where the engine takes messages, and takes each one down."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def Log(self, request: Any) -> None:  # noqa: N802 - the engine's word
        self.said.append(request.message)


def run(program: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Engine, list[int], list[str]]:
    """What a program registers, how many outputs were waited for at each wait, and its messages."""
    engine, log, waits = Engine(), Log(), []
    wait = asyncio.wait

    def counted(futures: Any, **how: Any) -> Any:
        waits.append(len(futures))
        return wait(futures, **how)

    async def whole() -> None:
        mocks.set_mocks(engine.mocks, project="p", stack="dev", preview=True, monitor=engine)
        SETTINGS.engine = log
        SETTINGS.rpc_manager.clear()
        SETTINGS.outputs.clear()
        await run_pulumi_func(lambda: program() and None)

    with monkeypatch.context() as patched:
        patched.setattr("pulumi.runtime.stack.asyncio.wait", counted)
        asyncio.run(whole())
    return engine, waits, log.said


def many() -> None:
    for number in range(SERVERS):
        Server(f"web-{number}", SERVER)


def many_at_pace() -> None:
    set_pace()
    many()


def test_the_same_is_registered_without_waits_for_all_and_without_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEBUG, raising=False)
    plain, plain_waits, plain_said = run(many, monkeypatch)
    paced, paced_waits, paced_said = run(many_at_pace, monkeypatch)
    assert sorted(one.name for one in plain.requests) == sorted(one.name for one in paced.requests)
    # So the SDK does it by itself; where it no longer does, `set_pace` has lost this reason.
    assert max(plain_waits) > SERVERS
    assert max(paced_waits, default=0) < SERVERS
    assert len([one for one in plain_said if "web-" in one]) >= SERVERS
    assert [one for one in paced_said if "web-" in one] == []


def test_the_line_that_made_a_resource_is_the_one_that_the_sdk_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    def made_here() -> None:
        Server("web", SERVER)
        pulumi.ComponentResource("own:index:Thing", "plain")

    def at_pace() -> None:
        set_pace()
        made_here()

    whole, _, _ = run(made_here, monkeypatch)
    short, _, _ = run(at_pace, monkeypatch)
    positions = [
        {(one.type, one.name): one.sourcePosition for one in engine.requests if one.name in ("web", "plain")}
        for engine in (whole, short)
    ]
    assert positions[0] == positions[1]
    assert {key: place.uri.rpartition("/")[2] for key, place in positions[1].items()} == {
        ("ecs:index:Server", "web"): "test_pace.py",
        ("ecs:compute:Server", "web"): "server.py",
        ("own:index:Thing", "plain"): positions[0]["own:index:Thing", "plain"].uri.rpartition("/")[2],
    }
    assert max(len(one.stackTrace.frames) for one in whole.requests if one.name == "web") > 1
    assert [len(one.stackTrace.frames) for one in short.requests if one.name == "web"] == [1, 1]


def test_who_asks_for_debug_messages_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEBUG, "true")
    _, _, said = run(many_at_pace, monkeypatch)
    assert len([one for one in said if "web-" in one]) >= SERVERS


def test_a_mistake_is_raised_at_pace_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> None:
        set_pace()
        Server("web", SERVER)
        pulumi.Output.from_input("x").apply(_fail)

    with pytest.raises(ValueError, match="that is known"):
        run(wrong, monkeypatch)


def _fail(_: str) -> None:
    raise ValueError("a mistake that is known")
