"""The pace of a program that makes many resources: what the engine's SDK does for each of them and nobody asked for."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
from functools import cache
from pathlib import Path

import pulumi
from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.settings import _get_rpc_manager

DEBUG = "PULUMI_OPTION_DEBUG"
"""The variable that switches the engine's `--debug` on, and so keeps the SDK's own messages."""

OWN_CONSTRUCTORS = 3
"""Those of the SDK's `Resource` and `CustomResource` or `ComponentResource`, and that of the resource's own class."""

YOUNG = 50_000
"""How many new objects there may be before the collector looks at them."""


def set_pace() -> None:
    """Spare this program four costs of the SDK that grow with its resources; call it before the first one is made.

    The SDK sends each debug message in a request of its own and waits for the answer, eleven times for each server, for an engine that
    throws it away: they are sent only where `PULUMI_OPTION_DEBUG` is set, since a program is not told of a `--debug`. It waits for all
    outputs of all resources at once, and again for all of them after each answer: here it waits for the registrations, one after the
    other. And Python's collector goes again and again through futures that live until the end: it looks less often.
    And it sends the whole stack of calls with each resource, most of it the SDK's own, which is half of a resource in the state: here
    the line that made the resource, which is all that anything reads. docs/decisions/0016-where-the-time-goes.md has what each is worth.
    """
    if os.environ.get(DEBUG, "").lower() in ("", "0", "false"):
        pulumi.log.debug = _nothing
    # The SDK waits for registrations only where one has begun when the program ends, and none has before the loop turns. It is private
    # there, so the SDK is pinned.
    _get_rpc_manager().rpcs.append(asyncio.ensure_future(asyncio.sleep(0)))
    resource._get_stack_trace = _made_at  # noqa: SLF001 - private too
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def _made_at() -> source_pb2.StackTrace:
    """The line that made a resource, as the SDK finds it: before the third constructor, counted from the innermost."""
    frame = inspect.currentframe()
    constructors = 0
    while frame is not None and frame.f_back is not None:
        constructors += frame.f_code.co_name == "__init__"
        frame = frame.f_back
        if constructors == OWN_CONSTRUCTORS:
            place = source_pb2.SourcePosition(uri=_uri(frame.f_code.co_filename), line=frame.f_lineno)
            return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=place)])
    return source_pb2.StackTrace()


@cache
def _uri(file: str) -> str:
    return Path(file).absolute().as_uri()


def _nothing(
    msg: str, resource: pulumi.Resource | None = None, stream_id: int | None = None, ephemeral: bool | None = None
) -> None:
    """Say nothing: the SDK's own `debug` with nobody to hear it."""
    del msg, resource, stream_id, ephemeral
