"""The documented environment: everything that `pulumi` needs, as variables."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import toolchain
from commands.failure import Failure
from commands.places import (
    LEVELS,
    LOCAL,
    POLICY,
    ROOT,
    SANDBOX,
    STACKS,
    STATE,
    environment_of,
    levels_file,
    link_of,
    settings_file,
)
from takeover.store import without_password

SANDBOX_CLOUD = re.compile(r"""^\s+openstack:cloud:\s*["']?sandbox["']?\s*(#.*)?$""", re.MULTILINE)


def uses_sandbox(stack: str) -> bool:
    """Whether a stack's settings name the embedded cloud (`openstack:cloud: sandbox`)."""
    file = settings_file(stack)
    return file.is_file() and SANDBOX_CLOUD.search(file.read_text(encoding="utf-8")) is not None


KEY_SERVICE = re.compile(r"""^secretsprovider:\s*["']?(\w+://[^\s"']+)""", re.MULTILINE)


def key_service(stack: str) -> str | None:
    """The Vault or KMS that encrypts a stack's secrets (`secretsprovider: hashivault://...`); None where a passphrase does."""
    file = settings_file(stack)
    found = KEY_SERVICE.search(file.read_text(encoding="utf-8")) if file.is_file() else None
    return None if found is None else found[1]


def default_stack() -> str:
    """The stack that is meant where none is named: ECS_STACK, or `sandbox`."""
    return os.environ.get("ECS_STACK") or "sandbox"


def known_stack(stack: str) -> str:
    """The stack, if its environment has settings and, of a cell, there is a link to them; raises `Failure` (2) with those that have.

    A cell that is no longer stated is known as long as its link is there, so that it can still be deleted.
    """
    environment, dot, cell = stack.partition(".")
    if not settings_file(stack).is_file():
        there = ", ".join(sorted(path.stem.removeprefix("Pulumi.") for path in STACKS.glob("Pulumi.*.yaml")))
        raise Failure(f"there is no stack {stack!r}. Name one of: {there}; or make it: `ecs new {environment}`.", 2)
    if dot and not link_of(stack).is_symlink():
        from components.problems import ArgumentError
        from stacks.cells import cells_of

        try:
            cells = cells_of(environment, STACKS)
        except ArgumentError as error:
            raise Failure(str(error), 2) from None
        if cell not in cells:
            known = ", ".join(f"{environment}.{one}" for one in cells) or "none"
            raise Failure(f"stacks/Pulumi.{environment}.yaml has no cell {cell!r}. Its stacks by cell: {known}.", 2)
        raise Failure(
            f"stacks/{link_of(stack).name} is no link to Pulumi.{environment}.yaml yet. Run `ecs cells --stack {environment} --write`.",
            2,
        )
    return stack


def passphrase_file(stack: str) -> Path:
    """The passphrase of a stack's secrets.

    The sandbox's is in the project, since whatever the practice cloud keeps is thrown away with it; any other stack's is the team's
    own, and never in the project.
    """
    return STACKS / "sandbox.passphrase" if uses_sandbox(stack) else LOCAL / f"{environment_of(stack)}.passphrase"


LEVELS_VARIABLE = "PULUMI_OPTION_POLICY_PACK_CONFIG"


def levels(stack: str) -> dict[str, str]:
    """The variable that gives the policy pack the levels of a stack; a configuration that the user has set stays.

    Empty where a configuration of another stack is left over and this one has none: the engine takes that for none.
    """
    theirs = os.environ.get(LEVELS_VARIABLE, "")
    if theirs and Path(theirs).parent != LEVELS:
        return {}
    file = levels_file(stack)
    if file.is_file():
        return {LEVELS_VARIABLE: str(file)}
    return {LEVELS_VARIABLE: ""} if theirs else {}


def environment(stack: str) -> dict[str, str]:
    """The variables, with absolute paths; a backend or a passphrase that the user has set stays.

    Raises `Failure` where the toolchain is not there yet.
    """
    tools = toolchain.locate()
    if tools is None:
        raise Failure("the Pulumi engine is not installed. Run `make setup`, or `ecs toolchain install`.")
    STATE.mkdir(parents=True, exist_ok=True)
    backend, password = without_password(os.environ.get("PULUMI_BACKEND_URL") or f"file://{STATE}")
    current = os.environ.get("PATH", "").split(os.pathsep)
    first = [str(ROOT / ".venv" / "bin"), str(tools.bin)]
    variables = {
        "PATH": os.pathsep.join(first + [entry for entry in current if entry not in first]),
        "PULUMI_HOME": str(tools.home),
        "PULUMI_BACKEND_URL": backend,
        "PULUMI_OPTION_POLICY_PACK": str(POLICY),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "ECS_STACK": stack,
        "PULUMI_STACK": stack,
        **levels(stack),
    }
    if password:
        # The engine prints the whole URL where it cannot connect.
        variables["PGPASSWORD"] = password
    theirs = os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE", "")
    ours = {str(STACKS / "sandbox.passphrase")} | {str(path) for path in LOCAL.glob("*.passphrase")}
    passphrase = "PULUMI_CONFIG_PASSPHRASE" not in os.environ and key_service(stack) is None
    if passphrase and (not theirs or theirs in ours):
        variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(passphrase_file(stack))
    if uses_sandbox(stack):
        variables["OS_CLIENT_CONFIG_FILE"] = str(SANDBOX / "clouds.yaml")
    elif os.environ.get("OS_CLIENT_CONFIG_FILE", "") in ("", str(SANDBOX / "clouds.yaml")) and (stated := _clouds()):
        variables["OS_CLIENT_CONFIG_FILE"] = str(stated)
    return variables


CLOUDS = "ECS_CLOUDS"
"""A variable with the text of a clouds.yaml: where a pipeline keeps secrets as variables, and not as files."""


def _clouds() -> Path | None:
    """The file with what ECS_CLOUDS says, for nobody else to read; None where it says nothing. Raises `Failure` (2) for no clouds.yaml."""
    text = os.environ.get(CLOUDS, "")
    if not text.strip():
        return None
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("clouds"), dict):
        # What it says is a secret.
        raise Failure(f"{CLOUDS}: is not the text of a clouds.yaml, which begins with `clouds:`.", 2)
    file = LOCAL / "clouds.yaml"
    content = text.encode()
    if file.is_file() and file.stat().st_mode & 0o077 == 0 and file.read_bytes() == content:
        return file
    LOCAL.mkdir(parents=True, exist_ok=True)
    # Made for its owner only, and moved into place: another run may be reading the old one.
    handle, new = tempfile.mkstemp(dir=LOCAL, prefix="clouds-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(new).replace(file)
    return file


def check_state(stack: str) -> None:
    """Refuse (2) a pipeline that names no backend: a runner's folder is thrown away, and with it what the stack has."""
    if os.environ.get("CI", "") not in ("", "false", "0") and not os.environ.get("PULUMI_BACKEND_URL"):
        if uses_sandbox(stack):
            return
        raise Failure(
            f"this is a pipeline (CI is set), and PULUMI_BACKEND_URL is not set: the state of {stack!r} would be lost with the "
            "runner. Set it (docs/state.md); the pipeline of a fork gets no secrets, so take its branch over first.",
            2,
        )


def make_stack(stack: str, variables: dict[str, str]) -> None:
    """Make the engine's record of a stack where there is none yet; raises `Failure` with the engine's own words."""
    if _made(stack, variables):
        return
    # PULUMI_STACK would make the engine look for the stack that is to be made.
    ready = {name: value for name, value in (os.environ | variables).items() if name != "PULUMI_STACK"}
    service = key_service(stack)
    # The engine would want a passphrase for a stack that it makes, whatever the settings say.
    command = ["pulumi", "stack", "select", "--create", stack, *(["--secrets-provider", service] if service else [])]
    made = subprocess.run(command, cwd=ROOT, env=ready, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        raise Failure(f"the stack {stack!r} cannot be selected: {made.stderr.strip()}")


def _made(stack: str, variables: dict[str, str]) -> bool:
    """Whether the stack is there already: asking the engine takes half a second, and a file backend can be looked at."""
    if variables["PULUMI_BACKEND_URL"] != f"file://{STATE}":
        return False
    return (STATE / ".pulumi" / "stacks" / "ecs-stacks" / f"{stack}.json").is_file()
