"""How an operation of the provider ends when it does not succeed."""

from __future__ import annotations

from provider.properties import Properties


class CloudError(Exception):
    """The cloud refused a request: its status and its own words."""

    def __init__(self, status: int, words: str, what: str, request: str = "") -> None:
        self.status, self.words, self.request = status, words, request
        super().__init__(f"{what}: {status}: {words}" + (f" (request {request})" if request else ""))


class NoAnswerError(Exception):
    """The cloud did not answer within the limit for retries."""


class LostError(Exception):
    """A request may have taken effect or not: its answer was lost."""


class CancelledError(Exception):
    """The run was cancelled, by Ctrl-C or by the engine."""


class TooLateError(Exception):
    """The time limit of the operation is over."""


class RefusedError(Exception):
    """What is asked for is refused before anything was done; the text names the fix."""


class HalfMadeError(Exception):
    """Something exists that is not as it was asked for, and stays on record: its id, what it is like now, and why."""

    def __init__(self, ident: str, outputs: Properties, reason: str, inputs: Properties | None = None) -> None:
        self.ident, self.outputs, self.inputs = ident, outputs, inputs or {}
        super().__init__(reason)
