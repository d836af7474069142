"""What the provider tells the user, through the engine: beside the resource that it is about."""

from __future__ import annotations

import threading
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from provider.work import Tell


class Telling:
    """Lines for the user. Each line about a change is told once a run."""

    def __init__(self, address: str) -> None:
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None
        self._told: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def of(self, urn: str) -> Tell:
        """Tell about one resource."""

        def tell(text: str, passing: bool) -> None:
            self._send(urn, text, passing=passing)

        return tell

    def general(self, text: str) -> None:
        """Tell something about no resource in particular, such as a request that is tried again."""
        self._send("", text, passing=False)

    def line(self, urn: str, text: str) -> None:
        """Tell what a change does, once."""
        with self._lock:
            if (urn, text) in self._told:
                return
            self._told.add((urn, text))
        self._send(urn, text, passing=False)

    def _send(self, urn: str, text: str, *, passing: bool) -> None:
        if self._engine is None:
            return
        request: Any = engine_pb2.LogRequest(severity=engine_pb2.INFO, message=text, urn=urn, ephemeral=passing)
        try:
            self._engine.Log(request, timeout=5.0)
        except grpc.RpcError:
            return
