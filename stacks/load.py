"""The settings of the chosen stack, out of the engine's configuration."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pulumi
import yaml

from components.problems import ArgumentError, Problem
from stacks.settings import Settings, read

PROJECT = "ecs-stacks"


def path_of(stack: str) -> str:
    """The file of a stack's settings, from the project's root."""
    return f"stacks/Pulumi.{stack}.yaml"


def stated(config: dict[str, str], stack: str) -> dict[str, Any]:
    """The sections of a stack from the engine's configuration (key to text); raises `ArgumentError` for a section that is no map."""
    sections: dict[str, Any] = {}
    problems = []
    for key, text in config.items():
        namespace, _, name = key.partition(":")
        if namespace != PROJECT:
            continue
        try:
            sections[name] = json.loads(text)
        except ValueError:
            sections[name] = text
        if not isinstance(sections[name], dict):
            wrong, fix = "is not a map of names", "Write `name: {...}` under it"
            problems.append(Problem(f"{path_of(stack)}: {key}", wrong, fix))
    if problems:
        raise ArgumentError(problems)
    return sections


def settings_file() -> Path:
    """The settings of the stack that the engine runs; it starts the program in the folder that holds them."""
    return Path(f"Pulumi.{pulumi.get_stack()}.yaml").resolve()


def where() -> str:
    """How the path of every mistake in the settings begins: the file, and the project's prefix in it."""
    return f"{path_of(pulumi.get_stack())}: {PROJECT}:"


KNOWN_KEYS = {"config", "encryptionsalt", "secretsprovider", "encryptedkey", "environment"}
KNOWN_NAMESPACES = {PROJECT, "ecs", "openstack", "pulumi"}
SECRETS = ("admin_pass", "user_data", "user_data_base64")


def misplaced(document: Any, file: str) -> list[Problem]:
    """The keys of a settings file that nothing would read: a server under one of them would be deleted without a word."""
    if not isinstance(document, dict):
        return [Problem(file, "states nothing", f"State at least `config:` with `{PROJECT}:servers`")]
    config = document.get("config")
    wrong = [str(key) for key in document if key not in KNOWN_KEYS]
    wrong += [str(key) for key in (config or {}) if str(key).partition(":")[0] not in KNOWN_NAMESPACES]
    fix = f"Write settings under `config:` as `{PROJECT}:<section>` (or `openstack:<setting>`)"
    return [Problem(f"{file}: {key}", "is not read by anything", fix) for key in wrong]


def in_clear(document: Any) -> list[str]:
    """The secrets that stand in a settings file unencrypted, by their path."""
    config = (document.get("config") or {}) if isinstance(document, dict) else {}
    found = []
    for section in ("servers", "batches"):
        stated = config.get(f"{PROJECT}:{section}")
        for name, server in (stated if isinstance(stated, dict) else {}).items():
            if isinstance(server, dict):
                found += [f"{section}.{name}.{key}" for key in SECRETS if isinstance(server.get(key), str)]
                inner = server.get("metadata")
                if isinstance(inner, dict) and isinstance(inner.get("admin_pass"), str):
                    found.append(f"{section}.{name}.metadata.admin_pass")
    return found


def load() -> Settings:
    """The settings of the stack that the engine runs; raises `ArgumentError` with every mistake and its path in the file."""
    # The SDK has no call that lists the keys, and an unknown one must be refused: the engine hands them all over in this variable.
    config = json.loads(os.environ.get("PULUMI_CONFIG", "{}"))
    file = path_of(pulumi.get_stack())
    if settings_file().is_file():
        document = yaml.safe_load(settings_file().read_text(encoding="utf-8"))
        if problems := misplaced(document, file):
            raise ArgumentError(problems)
        for path in in_clear(document):
            pulumi.log.warn(
                f"{file}: {path} stands in clear in the file; encrypt it with `pulumi config set --secret --path`"
            )
    return read(stated(config, pulumi.get_stack()), where())
