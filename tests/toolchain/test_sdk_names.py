"""The plugin serves what the installed Python package sends: every token, every property's name, shape and secrecy."""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import typing
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pulumi
import pytest
from pulumi import _types

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pulumi_openstack

    MODULES = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(pulumi_openstack.__path__, "pulumi_openstack.")
    ]

# Properties that only the cloud sets, inside of blocks whose type the package shares between inputs and outputs.
READ_ONLY = {
    "openstack:compute/instance:Instance.networks.mac",
    "openstack:identity/applicationCredential:ApplicationCredential.accessRules.id",
    "openstack:keymanager/containerV1:ContainerV1.acl.read.createdAt",
    "openstack:keymanager/containerV1:ContainerV1.acl.read.updatedAt",
    "openstack:keymanager/secretV1:SecretV1.acl.read.createdAt",
    "openstack:keymanager/secretV1:SecretV1.acl.read.updatedAt",
    "openstack:loadbalancer/members:Members.members.id",
    "openstack:networking/port:Port.binding.vifDetails",
    "openstack:networking/port:Port.binding.vifType",
}


@pytest.fixture(scope="module")
def served(tools) -> dict[str, Any]:
    """What the plugin says it serves."""
    plugin = tools.home / "plugins" / "resource-openstack-v5.5.3" / "pulumi-resource-openstack"
    ran = subprocess.run([plugin, "-schema"], capture_output=True, text=True, check=False)
    if ran.returncode != 0 or not ran.stdout.startswith("{"):
        pytest.skip("the vendor's own plugin cannot print what it serves, and needs no comparison")
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def resources() -> dict[str, tuple[type, type, str]]:
    """token -> (class, its arguments' class, source text)."""
    found = {}
    for module in MODULES:
        text = source(module)
        for name, one in vars(module).items():
            if (
                not (inspect.isclass(one) and issubclass(one, pulumi.CustomResource))
                or one.__module__ != module.__name__
            ):
                continue
            token = re.search(rf"super\({name}, __self__\).__init__\(\s*'([^']+)'", text)
            if token and ":" in token[1]:
                found[token[1]] = (one, vars(module)[f"{name}Args"], text)
    return found


def functions() -> dict[str, tuple[set[str], type]]:
    """token -> (names of its arguments, class of its result)."""
    found = {}
    for module in MODULES:
        for one in list(vars(module).values()):
            if not inspect.isfunction(one) or one.__module__ != module.__name__:
                continue
            text = inspect.getsource(one)
            call = re.search(r"runtime\.invoke\('([^']+)', __args__, opts=opts, typ=(\w+)\)", text)
            if call:
                found[call[1]] = (set(re.findall(r"__args__\['(\w+)'\]", text)), vars(module)[call[2]])
    return found


def source(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text(encoding="utf-8")


def block(hint: Any) -> tuple[bool, type | None]:
    """Whether a type is a list, and the class of the block in it."""
    if typing.get_origin(hint) is collections.abc.Sequence:
        return True, block(typing.get_args(hint)[0])[1]
    if typing.get_origin(hint) is typing.Union:
        return False, next((inner for one in typing.get_args(hint) if (inner := block(one)[1])), None)
    nested = inspect.isclass(hint) and (_types.is_input_type(hint) or _types.is_output_type(hint))
    return False, hint if nested else None


def differences(where: str, cls: type, types: Any, served: dict[str, Any], *, inputs: bool) -> list[str]:
    """Every way in which the package's class and the plugin's properties do not fit."""
    found = []
    for name, hint in types(cls).items():
        path, one = f"{where}.{name}", served.get(name)
        if one is None:
            found.append(f"{path}: the plugin does not know it")
            continue
        is_list, nested = block(hint)
        if inputs and not one.get("input") and path not in READ_ONLY:
            found.append(f"{path}: the plugin does not take it")
        if is_list != bool(one.get("list")):
            found.append(f"{path}: a list for {'the package' if is_list else 'the plugin'} only")
        if bool(nested) != bool(one.get("properties")):
            found.append(f"{path}: a block for {'the package' if nested else 'the plugin'} only")
        if nested and one.get("properties"):
            found += differences(path, nested, types, one["properties"], inputs=inputs)
    if inputs:
        taken = {name for name, one in served.items() if one.get("input")}
        found += [f"{where}.{name}: the package does not send it" for name in sorted(taken - set(types(cls)))]
    return found


def test_every_token_of_the_package_is_served_and_no_other(served):
    assert set(resources()) == set(served["resources"])
    assert set(functions()) == set(served["functions"])


def test_the_packages_own_register_agrees(served):
    text = (Path(str(pulumi_openstack.__file__))).read_text(encoding="utf-8")
    registered = set(re.findall(r'"(openstack:[^"]+)":', text))
    assert registered == set(served["resources"])
    assert len(registered) > 100


def test_the_version_is_the_packages(served):
    from importlib.metadata import version

    assert served["version"] == version("pulumi-openstack")


def test_every_input_of_every_resource_fits(served):
    found = []
    for token, (_, arguments, _) in resources().items():
        found += differences(token, arguments, _types.input_type_types, served["resources"][token], inputs=True)
    assert found == []


def test_every_output_of_every_resource_fits(served):
    found = []
    for token, (cls, _, _) in resources().items():
        found += differences(token, cls, _types.resource_types, served["resources"][token], inputs=False)
    assert found == []


def test_every_argument_and_result_of_every_function_fits(served):
    found = []
    for token, (arguments, result) in functions().items():
        there = {"id": {}, **served["functions"][token]}
        assert arguments == {name for name, one in there.items() if one.get("input")}, token
        found += differences(token, result, _types.output_type_types, there, inputs=False)
    assert found == []


def test_what_is_required_is_what_the_package_requires(served):
    """Where the Terraform provider has a default from the environment, the package does not require the value."""
    found = {}
    for token, (_, arguments, _) in resources().items():
        names = _types.input_type_py_to_pulumi_names(arguments)
        parameters = inspect.signature(arguments.__init__).parameters.values()
        required = {names[one.name] for one in parameters if one.default is one.empty and one.name in names}
        there = served["resources"][token]
        taken = {name for name, one in there.items() if one.get("required") and not one.get("autonamed")}
        if taken != required:
            found[token] = sorted(taken ^ required)
    assert found == {
        "openstack:containerinfra/cluster:Cluster": ["clusterTemplateId"],
        "openstack:containerinfra/clusterTemplate:ClusterTemplate": ["image"],
        "openstack:networking/floatingIp:FloatingIp": ["pool"],
    }


def test_names_are_made_up_where_the_package_lets_them_out(served):
    for token in ("compute/instance:Instance", "networking/port:Port", "compute/keypair:Keypair"):
        assert served["resources"][f"openstack:{token}"]["name"]["autonamed"], token


def test_the_same_outputs_are_secret(served):
    for token, (_, _, text) in resources().items():
        stated = re.search(r"additional_secret_outputs=\[(.*?)\]", text)
        secret = set(re.findall(r'"(\w+)"', stated[1])) if stated else set()
        assert secret == {name for name, one in served["resources"][token].items() if one.get("secret")}, token


def test_the_providers_settings_and_their_environment_fit(served):
    from pulumi_openstack import provider

    assert differences("provider", provider.ProviderArgs, _types.input_type_types, served["config"], inputs=True) == []
    text = source(provider)
    stated = dict(re.findall(r"if (\w+) is None:\s+\1 = _utilities\.get_env\w*\('(\w+)'\)", text))
    names = _types.input_type_py_to_pulumi_names(provider.ProviderArgs)
    assert {names[name]: [variable] for name, variable in stated.items()} == {
        name: one["env"] for name, one in served["config"].items() if one.get("env")
    }
