"""The language host's answers, asked as the engine asks; and how it ends."""

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
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from toolchain.pins import OPENSTACK, PULUMI

VENV = sys.prefix


@contextmanager
def host(
    tools, *flags: str, ignoring: bool = False
) -> Iterator[tuple[subprocess.Popen[str], language_pb2_grpc.LanguageRuntimeStub]]:
    """A running host without an engine; `ignoring` starts it as a shell's background job does."""
    process = subprocess.Popen(
        [tools.bin / "pulumi-language-python", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignoring else None,  # noqa: PLW1509
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield process, language_pb2_grpc.LanguageRuntimeStub(channel)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)


def info(root: Path, program: str = ".", **options: str) -> language_pb2.ProgramInfo:
    stated = struct_pb2.Struct()
    stated.update({"toolchain": "pip", **options})
    folder = str((root / program).resolve())
    return language_pb2.ProgramInfo(root_directory=str(root), program_directory=folder, entry_point=".", options=stated)


@pytest.fixture(scope="module")
def asked(tools) -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
    with host(tools) as (_, stub):
        yield stub


def refused(call, request) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    return str(caught.value.details())


def test_it_tells_its_version(asked, tools):
    assert asked.GetPluginInfo(empty_pb2.Empty()).version == f"v{PULUMI}"
    ran = subprocess.run([tools.bin / "pulumi-language-python", "-version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"v{PULUMI}\n"


def test_it_names_the_plugin_of_the_installed_package(asked, tmp_path):
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, virtualenv=VENV))
    packages = asked.GetRequiredPackages(request).packages
    assert [(one.name, one.kind, one.version) for one in packages] == [("openstack", "resource", f"v{OPENSTACK}")]


def test_a_policy_package_is_not_a_resource_plugin(asked, tmp_path):
    """pulumi_policy describes itself with `resource: false`."""
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, virtualenv=VENV))
    assert "policy" not in {one.name for one in asked.GetRequiredPackages(request).packages}


def test_a_file_of_the_program_does_not_stand_in_for_a_module(asked, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')\n")
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, virtualenv=VENV))
    assert len(asked.GetRequiredPackages(request).packages) == 1


def distribution(site: Path, name: str, version: str, plugin: str | None) -> None:
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "RECORD").write_text(f"{name}/pulumi-plugin.json,,\n" if plugin else "")
    if plugin:
        (site / name).mkdir()
        (site / name / "pulumi-plugin.json").write_text(plugin)


@pytest.fixture
def venv(tmp_path) -> Path:
    """A virtual environment without pip: nothing here needs it."""
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def packages_of(venv: Path) -> Path:
    return next(venv.glob("lib/python*/site-packages"))


def test_it_reads_every_kind_of_description_and_needs_no_pip(asked, tmp_path, venv):
    site = packages_of(venv)
    distribution(
        site, "pulumi_one", "1.2.3", '{"resource": true, "name": "one", "version": "1.2.3", "server": "https://x"}'
    )
    distribution(site, "pulumi_two", "2.0.0a1", '{"resource": true}')
    distribution(site, "pulumi_three", "3.0.0", '{"resource": false, "name": "three"}')
    distribution(site, "four", "4.0.0", None)
    given = (
        '{"resource": true, "name": "base", "parameterization": {"name": "five", "version": "5.0.0", "value": "aGk="}}'
    )
    distribution(site, "pulumi_five", "5.0.0", given)
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, virtualenv="venv"))
    found = {one.name: one for one in asked.GetRequiredPackages(request).packages}
    assert {name: one.version for name, one in found.items()} == {
        "one": "v1.2.3",
        "two": "v2.0.0-alpha.1",
        "base": "v5.0.0",
    }
    assert found["one"].server == "https://x"
    parameters = found["base"].parameterization
    assert (parameters.name, parameters.version, parameters.value) == ("five", "5.0.0", b"hi")


def test_a_description_that_is_not_json_is_named(asked, tmp_path, venv):
    distribution(packages_of(venv), "pulumi_one", "1.2.3", "{")
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, virtualenv="venv"))
    assert "pulumi_one/pulumi-plugin.json is not JSON" in refused(asked.GetRequiredPackages, request)


def test_it_tells_which_python_runs(asked, tmp_path, venv):
    answer = asked.About(language_pb2.AboutRequest(info=info(tmp_path, virtualenv="venv")))
    assert answer.executable == str(venv / "bin" / "python")
    assert answer.version == ".".join(map(str, sys.version_info[:3]))
    assert dict(answer.metadata) == {"toolchain": "pip"}


def test_it_lists_the_dependencies(asked, tmp_path):
    request = language_pb2.GetProgramDependenciesRequest(info=info(tmp_path, virtualenv=VENV))
    direct = {one.name for one in asked.GetProgramDependencies(request).dependencies}
    request.transitiveDependencies = True
    every = {one.name: one.version for one in asked.GetProgramDependencies(request).dependencies}
    assert every["pulumi"] == PULUMI
    assert direct < set(every)
    assert "pulumi" not in direct


@pytest.mark.parametrize("call", ["GetRequiredPackages", "About", "GetProgramDependencies", "Run"])
def test_a_missing_virtual_environment_is_an_error_with_its_fix_and_is_not_made(asked, tmp_path, call):
    (tmp_path / "Makefile").write_text("setup:\n")
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    message = {"Run": "RunRequest"}.get(call, f"{call}Request")
    request = getattr(language_pb2, message)(info=info(tmp_path, virtualenv=".venv"))
    text = refused(getattr(asked, call), request)
    assert f"`.venv` that {tmp_path}/Pulumi.yaml names ({tmp_path}/.venv) does not exist" in text
    assert f"Fix: run `make setup` in {tmp_path}" in text
    assert not (tmp_path / ".venv").exists()


def test_a_missing_virtual_environment_of_a_pack_names_the_packs_file(asked, tmp_path):
    (tmp_path / "Makefile").write_text("setup:\n")
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "PulumiPolicy.yaml").write_text("runtime: python\n")
    request = language_pb2.RunPluginRequest(info=info(tmp_path / "policy", virtualenv="../.venv"), kind="analyzer")
    text = refused(lambda one: list(asked.RunPlugin(one)), request)
    assert f"{tmp_path}/policy/PulumiPolicy.yaml names" in text
    assert f"`make setup` in {tmp_path}" in text


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"toolchain": "conda"}, 'runtime option `toolchain` is "conda"; it must be pip, uv or poetry'),
        ({"typechecker": "pytype"}, 'runtime option `typechecker` is "pytype"; it must be mypy or pyright'),
    ],
)
def test_a_wrong_option_is_named(asked, tmp_path, options, wrong):
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, **options))
    assert wrong in refused(asked.GetRequiredPackages, request)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("requirements.txt", "install --requirement requirements.txt"),
        ("pyproject.toml", "install --editable ."),
        (None, "states nothing to install"),
    ],
)
def test_it_installs_what_the_project_states(asked, tmp_path, venv, file, expected):
    pip = packages_of(venv) / "pip"
    pip.mkdir()
    (pip / "__main__.py").write_text("import os, sys; print(os.getcwd(), *sys.argv[1:])\n")
    (tmp_path / "stacks").mkdir()
    if file:
        (tmp_path / file).write_text("")
    request = language_pb2.InstallDependenciesRequest(info=info(tmp_path, "stacks", virtualenv="venv"))
    output = b"".join(one.stdout + one.stderr for one in asked.InstallDependencies(request)).decode()
    assert expected in output
    assert file is None or f"{tmp_path} install" in output


def test_what_pip_says_and_its_failure_reach_the_user(asked, tmp_path, venv):
    pip = packages_of(venv) / "pip"
    pip.mkdir()
    (pip / "__main__.py").write_text("import sys; sys.exit('no such package')\n")
    (tmp_path / "requirements.txt").write_text("")
    request = language_pb2.InstallDependenciesRequest(info=info(tmp_path, virtualenv="venv"))
    answers = []
    text = refused(lambda one: answers.extend(asked.InstallDependencies(one)), request)
    assert b"no such package" in b"".join(one.stderr for one in answers)
    assert "requirements.txt states failed" in text


def program(tmp_path: Path, body: str) -> Path:
    """An executor in place of the SDK's, so that no engine is needed."""
    file = tmp_path / "executor.py"
    file.write_text(body)
    return file


def run(tmp_path: Path, **more) -> language_pb2.RunRequest:
    return language_pb2.RunRequest(
        project="p", stack="s", pwd=str(tmp_path), dryRun=True, info=info(tmp_path, virtualenv=VENV), **more
    )


@pytest.mark.parametrize(
    ("body", "error", "bail"),
    [
        ("", "", False),
        ("raise SystemExit(32)", "", True),
        ("raise SystemExit(3)", "Program exited with non-zero exit code: 3", False),
    ],
)
def test_how_a_program_ends_is_told(tools, tmp_path, body, error, bail):
    with host(tools, "-use-executor", str(program(tmp_path, body))) as (_, stub):
        answer = stub.Run(run(tmp_path))
    assert (answer.error, answer.bail) == (error, bail)


def test_a_program_gets_its_settings_and_arguments(tools, tmp_path):
    body = f"import os, sys, json; json.dump([sys.argv[1:], dict(os.environ)], open({str(tmp_path / 'seen')!r}, 'w'))"
    with host(tools, "-use-executor", str(program(tmp_path, body))) as (_, stub):
        stub.Run(
            run(tmp_path, config={"p:a": "1"}, configSecretKeys=["p:a"], parallel=4, organization="o", args=["more"])
        )
    import json

    arguments, environment = json.loads((tmp_path / "seen").read_text())
    assert " ".join(arguments).startswith(
        f"--project p --root_directory {tmp_path} --stack s --pwd {tmp_path} --dry_run true"
    )
    assert arguments[-6:] == ["--parallel", "4", "--organization", "o", ".", "more"]
    assert environment["PULUMI_CONFIG"] == '{"p:a":"1"}'
    assert environment["PULUMI_CONFIG_SECRET_KEYS"] == '["p:a"]'


SLEEPER = "import os, time; open({!r}, 'w').write(str(os.getpid())); time.sleep(60)"


@pytest.mark.parametrize("by", ["signal", "Cancel"])
def test_the_end_of_the_host_is_the_end_of_the_program(tools, tmp_path, until, by):
    """Also where SIGINT was ignored, as in a shell's background job: the engine would wait 5 s."""
    mark = tmp_path / "pid"
    with host(tools, "-use-executor", str(program(tmp_path, SLEEPER.format(str(mark)))), ignoring=True) as (
        process,
        stub,
    ):
        pending = stub.Run.future(run(tmp_path))
        until(lambda: mark.exists() and mark.read_text())
        started = time.monotonic()
        if by == "signal":
            process.send_signal(signal.SIGINT)
            process.wait(timeout=5)
        else:
            stub.Cancel(empty_pb2.Empty())
            assert "cancelled" in pending.result(timeout=5).error
        assert time.monotonic() - started < 1.5
        until(lambda: gone(int(mark.read_text())))


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_an_idle_host_ends_at_once_where_sigint_was_ignored(tools):
    with host(tools, ignoring=True) as (process, stub):
        stub.GetPluginInfo(empty_pb2.Empty())
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0
        assert time.monotonic() - started < 1


def test_the_plugin_ends_at_once_where_sigint_was_ignored(tools):
    plugin = tools.home / "plugins" / f"resource-openstack-v{OPENSTACK}" / "pulumi-resource-openstack"
    process = subprocess.Popen(
        [plugin],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509
    )
    assert process.stdout is not None
    assert int(process.stdout.readline()) > 0
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=5)
    assert time.monotonic() - started < 1
