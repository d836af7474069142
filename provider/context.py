"""What an operation works with: the cloud, and what is remembered between the operations of one run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from provider.building import Building
from provider.disks import Disks
from provider.leftovers import Leftovers
from provider.nics import Nics
from provider.properties import Properties
from provider.requests import Requests


@dataclass
class Run:
    """One run of the engine."""

    requests: Requests
    leftovers: Leftovers
    disks: Disks
    nics: Nics
    building: Building
    replacing: dict[str, set[str]] = field(default_factory=dict)
    """The URNs whose resource is about to be replaced, with the names of the data disks that the one that comes takes over."""
    consented: set[str] = field(default_factory=set)
    """The protected URNs whose replacement the settings allow."""

    @classmethod
    def of(cls, requests: Requests) -> Run:
        """A run that begins."""
        leftovers = Leftovers(requests)
        return cls(requests, leftovers, Disks(requests, leftovers), Nics(requests), Building(requests))


@dataclass(frozen=True)
class Subject:
    """The resource that an operation is about."""

    urn: str
    work: Any
    ident: str = ""

    @property
    def label(self) -> str:
        """Its name in the program."""
        return self.urn.rsplit("::", 1)[-1]


Log = Callable[[str], None]
Inputs = Properties


class Lazy:
    """The run, made when the cloud is first needed: a preview of what is to be created asks nothing."""

    def __init__(self, connect: Callable[[], Requests]) -> None:
        self._connect, self._lock = connect, threading.Lock()
        self._run: Run | None = None
        self.replacing: dict[str, set[str]] = {}
        self.consented: set[str] = set()

    def __call__(self) -> Run:
        """The run; connects the first time."""
        with self._lock:
            if self._run is None:
                self._run = Run.of(self._connect())
                self._run.replacing, self._run.consented = self.replacing, self.consented
            return self._run
