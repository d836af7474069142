"""Killed, interrupted, run twice at once, damaged afterwards: what is found is whole or is not taken for it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import psutil
import pytest

from toolchain import manifest, running
from toolchain.pins import Pins
from toolchain.place import locate

COMPLETE = "#!/bin/sh\necho v1.2.3\n"


def start(site) -> subprocess.Popen[str]:
    return subprocess.Popen(site.driver(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=20)
    return process.returncode, out + err


def no_half(site, pins: Pins) -> None:
    """Whatever is in its place is complete; what vouches for all is there only when all is."""
    folder = site.cache / pins.key()
    for part in pins.parts:
        for build in part.builds:
            file = folder / build.file
            assert not file.exists() or file.read_text() == COMPLETE
    if locate(pins, site.cache) is not None:
        assert all((folder / file).is_file() for part in pins.parts for file in part.files)


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_installer_leaves_nothing_half(site, monkeypatch, seed):
    """Killed at some time of its run, three times in a row; the next one finishes."""
    monkeypatch.setenv("FAKE_GO_SECONDS", "0.1")
    chance = random.Random(seed)  # noqa: S311 - which moment is no secret
    pins = site.pins
    for _ in range(3):
        process = start(site)
        time.sleep(chance.uniform(0.05, 0.6))
        process.kill()
        finish(process)
        no_half(site, pins)
    monkeypatch.setenv("FAKE_GO_SECONDS", "0")
    there = site.ensure()
    assert locate(pins, site.cache) == there
    no_half(site, pins)
    assert list(site.cache.rglob("staging")) == []


def test_a_part_that_was_finished_is_kept_after_a_kill(site, monkeypatch, until):
    monkeypatch.setenv("FAKE_GO_SECONDS", "0.3")
    process = start(site)
    until(lambda: manifest.read_part(site.cache / site.pins.key(), "one") is not None)
    process.kill()
    finish(process)
    before = site.builds
    monkeypatch.setenv("FAKE_GO_SECONDS", "0")
    site.ensure()
    assert site.builds <= before + 1
    assert sum("the one 1.2.3" in line for line in site.said) == 0


def test_two_installers_at_once_build_once(site, monkeypatch):
    monkeypatch.setenv("FAKE_GO_SECONDS", "0.4")
    first, second = start(site), start(site)
    results = [finish(first), finish(second)]
    assert [code for code, _ in results] == [0, 0], results
    assert site.builds == 2
    assert sum("another installation is under way (process" in text for _, text in results) == 1


def test_a_dead_lockers_lock_is_free(site, monkeypatch, until):
    monkeypatch.setenv("FAKE_GO_SECONDS", "5")
    process = start(site)
    until(lambda: site.builds == 1)
    process.kill()
    finish(process)
    monkeypatch.setenv("FAKE_GO_SECONDS", "0")
    started = time.monotonic()
    site.ensure()
    assert time.monotonic() - started < 3


def ended(pid):
    """Whether a process has ended, although nobody may have asked for its exit code yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT])
def test_an_interrupted_installer_cleans_up_and_ends_its_build(site, monkeypatch, until, number):
    monkeypatch.setenv("FAKE_GO_SECONDS", "30")
    process = start(site)
    until(lambda: site.builds == 1)
    builder = int((site.folder / "go.log").read_text().split()[0])
    process.send_signal(number)
    code, _ = finish(process)
    assert code == 130
    assert list(site.cache.rglob("staging")) == []
    until(lambda: ended(builder))


def test_an_interruption_while_the_build_is_started_ends_it_too(tmp_path, monkeypatch, until):
    """Between the start of a process and the moment when it is known there is no time to be interrupted."""
    begun = []

    class Interrupted(subprocess.Popen):
        def __init__(self, *given, **more):
            super().__init__(*given, **more)
            begun.append(self.pid)
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(running.subprocess, "Popen", Interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            running.run(["sleep", "30"], folder=tmp_path, environment=os.environ, tick=lambda *_: None)
    finally:
        signal.signal(signal.SIGINT, before)
    until(lambda: ended(begun[0]))


def test_a_second_run_does_nothing(site):
    there = site.ensure()
    said, builds = len(site.said), site.builds
    assert site.ensure() == there
    assert (len(site.said), site.builds) == (said, builds)


@pytest.mark.parametrize("spoil", ["truncate", "overwrite", "delete"])
def test_a_damaged_file_is_seen_and_mended(site, spoil):
    there = site.ensure()
    file = there.bin / "one"
    if spoil == "truncate":
        file.write_bytes(b"")
    elif spoil == "overwrite":
        file.write_text("#!/bin/sh\necho v6.6.6\n")
    else:
        file.unlink()
    assert locate(site.pins, site.cache) is None
    assert site.ensure() == there
    assert file.read_text() == COMPLETE
    assert any("bin/one: missing or damaged, brought again" in line for line in site.said)
    assert site.builds == 3


def test_a_cache_that_was_copied_is_compared_and_taken(site):
    there = site.ensure()
    os.utime(there.bin / "one", (1, 1))
    assert locate(site.pins, site.cache) is None
    builds = site.builds
    assert site.ensure() == there
    assert locate(site.pins, site.cache) == there
    assert site.builds == builds


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": "x", "parts": {"one": 1}}', "null"])
def test_a_broken_manifest_is_no_manifest(site, content):
    there = site.ensure()
    (there.folder / "manifest.json").write_text(content)
    assert locate(site.pins, site.cache) is None
    builds = site.builds
    assert site.ensure() == there
    assert site.builds == builds


def test_the_cache_is_named_by_the_sources(site):
    first = site.pins.key()
    (site.folder / "sources" / "module" / "go.sum").write_text("example.com/sdk v1.0.0 h1:x=\n")
    from toolchain import pins

    pins._key.cache_clear()
    assert site.pins.key() != first
