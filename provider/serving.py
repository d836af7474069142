"""The engine's protocol: requests in, answers out, errors as the engine wants them."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from components.ecs.changes import Effect
from provider.batch.handler import Batches
from provider.context import Lazy, Subject
from provider.difference import Difference
from provider.failure import (
    CancelledError,
    CloudError,
    HalfMadeError,
    LostError,
    NoAnswerError,
    RefusedError,
    TooLateError,
)
from provider.properties import UNKNOWN, Properties, read, unknown_in, written
from provider.reach import PLACE, TIMES, where
from provider.server.handler import Servers
from provider.telling import Telling
from provider.work import Work

VERSION = "0.1.0"
SECONDS = 900.0
"""The time limit of an operation where the resource has none of its own (customTimeouts)."""

EXPECTED = (CloudError, NoAnswerError, LostError, TooLateError, RefusedError, CancelledError)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine. `connect` makes the requests out of the provider's own settings."""

    def __init__(
        self, connect: Callable[[Properties, Callable[[str], None], threading.Event], Any], telling: Telling
    ) -> None:
        self._connect, self._telling = connect, telling
        self._settings: Properties = {}
        self.cancelled = threading.Event()
        self._run = Lazy(lambda: connect(self._settings, telling.general, self.cancelled))
        self._kinds = {one.type: one for one in (Servers(self._run), Batches(self._run))}

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the engine's word
        """Which version this is."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """None: the components are the interface."""
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Take the settings; refuse a time that is none."""
        news = read(request.news)
        failures = [
            provider_pb2.CheckFailure(property=key, reason="is not a number of seconds above 0")
            for key in TIMES
            if key in news and not unknown_in(news[key]) and not _is_time(news[key])
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Another way to the same cloud replaces nothing; another cloud replaces everything that was made in the first."""
        had, wanted = read(request.olds), read(request.news)
        changed = sorted(key for key in had.keys() | wanted.keys() if had.get(key) != wanted.get(key))
        moved = bool(changed) and not unknown_in(wanted) and where(had) != where(wanted)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=[key for key in changed if key in PLACE] if moved else [],
        )

    def Configure(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Remember how the cloud is reached; it is asked for nothing yet."""
        self._settings = read(request.args)
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refuse what this cloud cannot do."""
        kind, inputs = self._kind(request, context), read(request.news)

        def checked(_subject: Subject) -> Any:
            failures = [provider_pb2.CheckFailure(property=key, reason=why) for key, why in kind.check(inputs)]
            return provider_pb2.CheckResponse(inputs=written(inputs), failures=failures)

        return self._doing(request, context, checked)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Tell what a change does."""
        kind, had, wanted = self._kind(request, context), read(request.olds), read(request.news)

        def compared(subject: Subject) -> Any:
            found = kind.differ(subject, had, wanted)
            if found.refused:
                raise RefusedError("; ".join(found.refused))
            for line in found.lines:
                self._telling.line(request.urn, line)
            return _difference(found, had, wanted)

        return self._doing(request, context, compared)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Make a resource, or say at preview what it will be."""
        kind, inputs = self._kind(request, context), read(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=written(kind.previewed(inputs, {}) | {"id": UNKNOWN}))

        def made(subject: Subject) -> Any:
            ident, outputs = kind.create(subject, inputs)
            return provider_pb2.CreateResponse(id=ident, properties=written(outputs | {"id": ident}))

        return self._doing(request, context, made)

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Change a resource in place."""
        kind, had, wanted = self._kind(request, context), read(request.olds), read(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=written(kind.previewed(wanted, had) | {"id": request.id}))
        return self._doing(
            request,
            context,
            lambda subject: provider_pb2.UpdateResponse(
                properties=written(kind.update(subject, had, wanted) | {"id": request.id})
            ),
        )

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Delete a resource."""
        kind, had = self._kind(request, context), read(request.properties)

        def deleted(subject: Subject) -> Any:
            kind.delete(subject, had)
            return empty_pb2.Empty()

        return self._doing(request, context, deleted)

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """See what a resource is like now."""
        kind, had, inputs = self._kind(request, context), read(request.properties), read(request.inputs)

        def seen(subject: Subject) -> Any:
            found = kind.read(subject, had, inputs)
            if found is None:
                return provider_pb2.ReadResponse(id="")
            return provider_pb2.ReadResponse(
                id=found[0], properties=written(found[1] | {"id": found[0]}), inputs=written(found[2])
            )

        return self._doing(request, context, seen)

    def Cancel(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Stop waiting: what is under way is recorded as it is."""
        self.cancelled.set()
        return empty_pb2.Empty()

    def _kind(self, request: Any, context: Any) -> Any:
        name = request.urn.split("::")[2].rsplit("$", 1)[-1]
        if name not in self._kinds:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"this provider has no resource {name}")
        return self._kinds[name]

    def _doing(self, request: Any, context: Any, do: Callable[[Subject], Any]) -> Any:
        """Run an operation; its failure becomes one clear error."""
        poll = float(self._settings.get("pollSeconds") or 2.0)
        seconds = float(getattr(request, "timeout", 0.0) or SECONDS)
        work = Work(self._telling.of(request.urn), self.cancelled, seconds, poll)
        try:
            return do(Subject(request.urn, work, str(getattr(request, "id", ""))))
        except HalfMadeError as half:
            _fail_half(context, half)
        except EXPECTED as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, a user reads a sentence; its text may quote secrets
            place = traceback.extract_tb(error.__traceback__)[-1]
            told = f"the provider failed: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}. Please report it"
            context.abort(grpc.StatusCode.INTERNAL, f"{told}; what it made is found again by the next `up`")
        raise AssertionError("abort raises")


def _is_time(value: Any) -> bool:
    try:
        return 0 < float(value) < float("inf")
    except (TypeError, ValueError):
        return False


def _difference(found: Difference, had: Properties, wanted: Properties) -> Any:
    changes = provider_pb2.DiffResponse.DIFF_SOME if found.effects else provider_pb2.DiffResponse.DIFF_NONE
    kinds = provider_pb2.PropertyDiff
    detailed = {}
    for key, effect in found.effects.items():
        word = "UPDATE" if key in had and key in wanted else "ADD" if key in wanted else "DELETE"
        word = "UPDATE" if key not in had and key not in wanted else word
        detailed[key] = kinds(kind=kinds.Kind.Value(word + ("_REPLACE" if effect is Effect.REPLACE else "")))
    return provider_pb2.DiffResponse(
        changes=changes,
        diffs=list(found.effects),
        replaces=found.replaces,
        deleteBeforeReplace=True,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _fail_half(context: Any, half: HalfMadeError) -> None:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=half.ident,
        properties=written(half.outputs | {"id": half.ident}),
        reasons=[str(half)],
        inputs=written(half.inputs),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(half))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(half))
