"""The manifests for the Pulumi Kubernetes Operator: what `ecs operator` prints, held against the operator's own schemas."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipelines.manifests import mistakes

ROOT = Path(__file__).parents[2]
ECS = ROOT / ".venv" / "bin" / "ecs"
FOLDER = ROOT / "deploy" / "operator"
MADE = {
    "dev.yaml": ("--stack", "dev"),
    "prod.yaml": ("--stack", "prod"),
    "dev-by-hand.yaml": ("--stack", "dev", "--workspace"),
}


def operator(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ECS, "operator", *arguments], cwd=folder, check=False, capture_output=True, text=True, timeout=60
    )


def documents(file: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(file.read_text(encoding="utf-8")))


def pod(document: dict[str, Any]) -> dict[str, Any]:
    spec = document["spec"]
    spec = spec["workspaceTemplate"]["spec"] if document["kind"] == "Stack" else spec
    return spec["podTemplate"]["spec"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", MADE)
def test_what_is_committed_is_what_the_command_prints(name: str) -> None:
    done = operator(*MADE[name])
    assert done.returncode == 0, done.stderr
    assert (FOLDER / name).read_text(encoding="utf-8") == done.stdout


@pytest.mark.parametrize("name", MADE)
def test_the_operator_takes_them(name: str) -> None:
    found = documents(FOLDER / name)
    assert found
    assert [one for document in found for one in mistakes(document)] == []


def test_each_option_makes_what_the_operator_takes() -> None:
    for more in ((), ("--workspace",)):
        done = operator("--stack", "dev", "--private", "--backend", "s3://states/ecs", "--branch", "release", *more)
        (document,) = list(yaml.safe_load_all(done.stdout))
        assert mistakes(document) == []
        assert "git-token" in done.stdout
        assert "s3://states/ecs" in done.stdout
        assert "release" in done.stdout


def planted(document: dict[str, Any], *path: str | int, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


TEMPLATE = ("spec", "workspaceTemplate", "spec")
POD = (*TEMPLATE, "podTemplate", "spec")


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        pytest.param(("spec", "resyncFrequencySecond"), 60, "$.spec:", id="a misspelt key"),
        pytest.param(("spec", "refresh"), "yes", "$.spec.refresh:", id="another type"),
        pytest.param(("spec", "workspaceReclaimPolicy"), "Throw", "$.spec.workspaceReclaimPolicy:", id="no such policy"),
        pytest.param((*TEMPLATE, "serviceAccount"), "x", "$.spec.workspaceTemplate.spec:", id="a key of the template"),
        pytest.param((*POD, "initContainers", 0, "comand"), ["x"], ".initContainers[0]:", id="a key of the gate"),
        pytest.param((*POD, "initContainers", 0, "command"), "x", ".initContainers[0].command:", id="no list"),
        pytest.param((*POD, "volumes", 0, "secret", "defaultMode"), "0440", ".defaultMode:", id="a mode as text"),
        pytest.param(("kind",), "Stak", "no Stak", id="no such kind"),
    ],
)  # fmt: skip
def test_a_planted_mistake_is_seen(path: tuple[str | int, ...], value: Any, where: str) -> None:
    (document,) = documents(FOLDER / "dev.yaml")
    found = mistakes(planted(document, *path, value=value))
    assert len(found) == 1
    assert where in found[0]


def test_the_gate_comes_before_the_engine_and_hands_the_pack_over() -> None:
    (document,) = documents(FOLDER / "prod.yaml")
    (gate,) = pod(document)["initContainers"]
    shell, options, script = gate["command"]
    assert (shell, options) == ("bash", "-euc"), "any line that fails ends the pod"
    lines = script.splitlines()
    assert lines[0] == "make setup"
    gate_, refresh = ".venv/bin/ecs gate --stack prod --refresh", ".venv/bin/ecs refresh --stack prod --wait 10m"
    assert lines.index(gate_) < lines.index(refresh), "the state is written only where nothing is refused"
    assert lines[-1] == '.venv/bin/ecs env --dotenv prod > "$PULUMI_ENV"'
    assert {"name": "share", "mountPath": "/share"} in gate["volumeMounts"]
    assert gate["image"] == document["spec"]["workspaceTemplate"]["spec"]["image"]


def test_the_set_up_makes_what_the_stacks_name() -> None:
    setup = {one["kind"]: one for one in documents(FOLDER / "setup.yaml")}
    (secret,) = documents(FOLDER / "secret.example.yaml")
    account = (setup["ServiceAccount"]["metadata"]["namespace"], setup["ServiceAccount"]["metadata"]["name"])
    (subject,) = setup["ClusterRoleBinding"]["subjects"]
    assert (subject["namespace"], subject["name"]) == account
    for name in MADE:
        for document in documents(FOLDER / name):
            spec = document["spec"]
            template = spec["workspaceTemplate"]["spec"] if document["kind"] == "Stack" else spec
            assert (document["metadata"]["namespace"], template["serviceAccountName"]) == account
            assert document["metadata"]["namespace"] == setup["Namespace"]["metadata"]["name"]
            wanted = [one["valueFrom"]["secretKeyRef"] for one in template["env"] if "valueFrom" in one]
            environment = name.split(".")[0].split("-")[0]
            assert {one["name"] for one in wanted} == {f"ecs-stacks-{environment}"}
            assert {one["key"] for one in wanted} <= set(secret["stringData"])
            (volume,) = pod(document)["volumes"]
            assert volume["secret"]["secretName"] == f"ecs-stacks-{environment}"
    assert secret["metadata"]["name"] == "ecs-stacks-dev"
    assert {"clouds.yaml", "passphrase"} <= set(secret["stringData"])


def test_every_cell_is_a_stack_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "stacks").mkdir()
    text = "config:\n  ecs-stacks:cells: [a, b]\n  ecs-stacks:servers:\n    a-1: {cell: a}\n    b-1: {cell: b}\n"
    (tmp_path / "stacks" / "Pulumi.big.yaml").write_text(text, "utf-8")
    for cell in ("a", "b"):
        (tmp_path / "stacks" / f"Pulumi.big.{cell}.yaml").symlink_to("Pulumi.big.yaml")
    done = operator("--stack", "big", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = list(yaml.safe_load_all(done.stdout))
    assert [one["metadata"]["name"] for one in found] == ["big--a", "big--b"]
    assert [one["spec"]["stack"] for one in found] == ["organization/ecs-stacks/big.a", "organization/ecs-stacks/big.b"]
    assert [mistakes(one) for one in found] == [[], []]
    for one, cell in zip(found, "ab", strict=True):
        script = pod(one)["initContainers"][0]["command"][2]
        assert ".venv/bin/ecs cells --stack big --write" in script
        assert f".venv/bin/ecs gate --stack big.{cell}" in script
    (one,) = list(yaml.safe_load_all(operator("--stack", "big.b", folder=tmp_path).stdout))
    assert one == found[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("--backend", "postgres://me:planted-pass-1@db/x"), "holds a password", id="a password"),
        pytest.param(("--stack", "nowhere"), "there is no stack 'nowhere'", id="no such environment"),
    ],
)
def test_a_mistake_is_told(arguments: tuple[str, ...], said: str) -> None:
    done = operator(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "planted" not in done.stderr + done.stdout
    assert operator("--stack", "dev", "--backend", "postgres://me@db/x").returncode == 0
