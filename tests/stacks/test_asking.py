"""The process that asks the cloud before a preview: it tells, and it never outlives whoever could ask it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.asking import Asker, Question, begin

CLOUDS = """
clouds:
  nowhere:
    auth: {auth_url: "http://127.0.0.1:1/identity/v3", username: u, password: p, project_name: p}
    region_name: r
"""
QUESTION = Question("compute", "/flavors/s3.medium", others="flavors")


@pytest.fixture(autouse=True)
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clouds.yaml"
    file.write_text(CLOUDS)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    monkeypatch.delenv("OS_CLOUD", raising=False)


def test_why_the_cloud_cannot_be_asked_is_told() -> None:
    said = Asker("nowhere", None).ask([QUESTION])
    assert said.unreachable == ["the cloud 'nowhere' cannot be reached", "unreachable"]
    said = Asker("missing", None).ask([QUESTION])
    assert said.unreachable is not None
    assert said.unreachable[1] == "undescribed"


def test_a_process_that_ends_without_a_word_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert Asker("nowhere", None).ask([QUESTION]).unreachable == ["could not be asked", "answered"]


def test_a_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "hanging"
    hanging.write_text("#!/bin/sh\nexec sleep 20\n")
    hanging.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(hanging))
    asker = Asker("nowhere", None)
    asker.close()
    assert asker._process.returncode == -signal.SIGKILL


def test_nobody_who_asks_leaves_no_process_and_no_noise() -> None:
    asker = Asker("nowhere", None)
    asker.close()
    asker.close()
    assert asker._process.returncode is not None
    command = [sys.executable, "-P", "-m", "stacks.asking", "nowhere", ""]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_only_a_cloud_that_is_named_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert begin("") is None
    assert begin('{"openstack:region": "r"}') is None
    named = begin('{"openstack:cloud": "nowhere", "openstack:region": "r"}')
    assert named is not None
    named.close()
    assert (named.cloud, named.region) == ("nowhere", "r")
    monkeypatch.setenv("OS_CLOUD", "nowhere")
    by_variable = begin("{}")
    assert by_variable is not None
    by_variable.close()
