"""Work: progress that is told, a limit that holds, a cancellation that is met at once."""

from __future__ import annotations

import threading
import time

import pytest

from provider import work as module
from provider.failure import CancelledError, TooLateError
from provider.work import Work


def test_a_long_wait_is_told_now_and_then_and_each_look_in_passing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLD_EVERY", 0.1)
    told: list[tuple[str, bool]] = []
    work = Work(lambda text, passing: told.append((text, passing)), threading.Event(), 60.0, 0.02)
    while work.passed < 0.35:
        work.wait("being built: BUILD")
    staying = [text for text, passing in told if not passing]
    assert 2 <= len(staying) <= 3
    assert all(text.startswith("still waiting: being built: BUILD after") for text in staying)
    assert len([text for text, passing in told if passing]) > len(staying)


def test_the_limit_is_told_with_what_was_waited_for() -> None:
    work = Work(lambda _text, _passing: None, threading.Event(), 0.05, 0.02)
    time.sleep(0.06)
    with pytest.raises(TooLateError, match="being built: BUILD after"):
        work.wait("being built: BUILD")


def test_a_cancellation_ends_a_pause_at_once_and_not_the_cleaning_up() -> None:
    cancelled = threading.Event()
    work = Work(lambda _text, _passing: None, cancelled, 60.0, 0.02)
    threading.Timer(0.05, cancelled.set).start()
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        work.pause(30.0)
    assert time.monotonic() - begun < 10
    with pytest.raises(CancelledError):
        work.check()
    work.afresh(1.0).wait("a server is being deleted")
