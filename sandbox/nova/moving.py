"""Passing states of a server, which end by the clock."""

from typing import Any

from sandbox.faults import Json
from sandbox.routing import Call


def move(call: Call, server: Json, during: str, after: str, task: str = "", **then: Any) -> Json:
    """Put a server into the state `during` until the build time is over, then into `after`, with `then` set."""
    at = call.world.ready_at()
    server |= {"status": during, "task_state": task or None, "updated_at": call.world.now()}
    change = {"status": after, "task_state": None, "updated_at": at} | then
    server["later"] = [{"at": at, "set": change}]
    return call.world.store.save("server", server)
