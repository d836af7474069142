"""The pack as the engine starts it: a process of its own, asked over gRPC, stopped by a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policy.judge import UNDETERMINED
from policy.pack import NAME
from policy.rules import RULES, STACK_RULES
from policy.testing import UNKNOWN, body, instance, secret
from policy.testing.servicer import request

PACK = Path(__file__).parents[2] / "policy"
SECRET = "planted-in-the-process"


@contextmanager
def started(*, ignoring_interrupts: bool = False) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    if ignoring_interrupts:
        command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    env = {**os.environ, "PULUMI_CONFIG": "{}"}
    with subprocess.Popen(
        command, cwd=PACK, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def test_it_says_what_it_is_judges_and_keeps_its_secrets() -> None:
    with started() as (process, port), grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        pack = analyzer_pb2_grpc.AnalyzerStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            pack.Handshake(analyzer_pb2.AnalyzerHandshakeRequest(engine_address="127.0.0.1:1"), timeout=20)
        # The engine takes "unimplemented" for an answer here, and the SDK implements no handshake.
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
        pack.ConfigureStack(
            analyzer_pb2.AnalyzerStackConfigureRequest(stack="s", project="p", dry_run=True), timeout=20
        )

        info = pack.GetAnalyzerInfo(empty_pb2.Empty(), timeout=20)
        assert info.name == NAME
        rules = dict.fromkeys((*RULES, *STACK_RULES))
        special = [UNDETERMINED, "cloud", "exempted", "exemptions"]
        assert [policy.name for policy in info.policies] == [*dict.fromkeys(rule.id for rule in rules), *special]
        levels = {rule.id: rule.restriction.level for rule in rules} | dict.fromkeys(special, "warn")
        wanted = {"must": analyzer_pb2.MANDATORY, "warn": analyzer_pb2.ADVISORY}
        assert all(policy.enforcementLevel == wanted[levels[policy.name]] for policy in info.policies)

        def policies(resource: object) -> list[str]:
            return [found.policyName for found in pack.Analyze(resource, timeout=20).diagnostics]

        assert policies(request(body())) == []
        assert policies(request(instance(networks=[{"fixedIpV4": "10.0.0.2"}]))) == ["ECS-303"]
        assert policies(request(body(name=UNKNOWN, adminPass=secret(SECRET)))) == ["ECS-110", UNDETERMINED]

        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=5)
        assert process.returncode == 0
        assert SECRET not in out + err
        assert "Traceback" not in err


def test_a_level_can_be_configured_by_the_restrictions_id() -> None:
    with started() as (_, port), grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        pack = analyzer_pb2_grpc.AnalyzerStub(channel)
        config = {
            "ECS-301": analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.DISABLED),
            "ECS-103": analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY),
            UNDETERMINED: analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY),
        }
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config), timeout=20)
        answer = pack.Analyze(request(body(networks=[], availability_zone="", name=UNKNOWN)), timeout=20)
        assert [(found.policyName, found.enforcementLevel) for found in answer.diagnostics] == [
            ("ECS-103", analyzer_pb2.ADVISORY),
            (UNDETERMINED, analyzer_pb2.MANDATORY),
        ]


def test_an_option_reaches_its_rule() -> None:
    stated = request(body(auto_terminate_time="2000-01-01T00:00:00Z"))
    with started() as (_, port), grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        pack = analyzer_pb2_grpc.AnalyzerStub(channel)

        def said() -> list[str]:
            return [found.message for found in pack.Analyze(stated, timeout=20).diagnostics]

        assert [("is not supported yet" in text) for text in said()] == [True]
        option = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY)
        option.properties.update({"supported": True})
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"ECS-107": option}), timeout=20)
        assert [("is less than half an hour ahead" in text) for text in said()] == [True]


@pytest.mark.parametrize("ignoring_interrupts", [False, True], ids=["in front", "in the background"])
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_it_stops_when_it_is_asked_to(asked: signal.Signals, *, ignoring_interrupts: bool) -> None:
    with started(ignoring_interrupts=ignoring_interrupts) as (process, _):
        process.send_signal(asked)
        _, err = process.communicate(timeout=5)
        assert process.returncode == 0
        assert "Traceback" not in err


def test_its_version_is_the_projects_and_it_shares_the_projects_environment() -> None:
    settings = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    project = (PACK.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert settings["name"] == NAME
    assert f'version = "{settings["version"]}"' in project
    assert settings["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": "../.venv"}}


def test_a_pack_whose_host_was_killed_ends_too() -> None:
    host = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); p.wait()"
    command = [sys.executable, "-u", "-c", host, sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    with subprocess.Popen(
        command, cwd=PACK, env={**os.environ, "PULUMI_CONFIG": "{}"}, text=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        pack, port = int(process.stdout.readline()), int(process.stdout.readline())
        assert port > 0
        process.kill()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pack, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.kill(pack, signal.SIGKILL)
    pytest.fail("it was still there")
