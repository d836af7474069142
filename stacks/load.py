"""The settings of the chosen stack, out of the engine's configuration."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pulumi

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


def load() -> Settings:
    """The settings of the stack that the engine runs; raises `ArgumentError` with every mistake and its path in the file."""
    # The SDK has no call that lists the keys, and an unknown one must be refused: the engine hands them all over in this variable.
    config = json.loads(os.environ.get("PULUMI_CONFIG", "{}"))
    return read(stated(config, pulumi.get_stack()), where())
