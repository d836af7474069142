"""The settings of the chosen stack, out of the engine's configuration."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pulumi

from components.problems import ArgumentError, Problem
from stacks.cells import CELLS, KEEPS, file_of, files_of, parts, path_of, read_cell, where_of
from stacks.inheritance import INHERITS, PROJECT, Layer, layers, parse, read_text, whole
from stacks.lines import Place
from stacks.settings import Settings


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
            sections[name] = text or None  # an empty section, which the engine hands over as an empty text
        if name not in {INHERITS, CELLS, KEEPS} and not isinstance(sections[name], dict | None):
            wrong, fix = "is not a map of names", "Write `name: {...}` under it"
            problems.append(Problem(f"{path_of(stack)}: {key}", wrong, fix))
    if problems:
        raise ArgumentError(problems)
    return sections


def folder() -> Path:
    """Where the settings are: the engine starts the program there."""
    return Path.cwd()


def files() -> list[Place]:
    """The files that the settings are made of, the strongest first, for the line of a mistake."""
    return files_of(pulumi.get_stack(), folder())


def where() -> str:
    """How the path of every mistake in the settings begins: the file, and the project's prefix in it."""
    return where_of(pulumi.get_stack())


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
    stack = pulumi.get_stack()
    document: Any = None
    # The SDK has no call that lists the keys, and an unknown one must be refused: the engine hands them all over in this variable.
    config = json.loads(os.environ.get("PULUMI_CONFIG", "{}"))
    shown, file = path_of(stack), file_of(stack, folder())
    _linked(stack, file)
    if file.is_file():
        document = parse(read_text(file, shown), shown)
        if problems := misplaced(document, shown):
            raise ArgumentError(problems)
        for path in in_clear(document):
            pulumi.log.warn(
                f"{shown}: {path} stands in clear in the file; encrypt it with `pulumi config set --secret --path`"
            )
    chain = layers(Layer(file, shown, stated(config, stack)), folder())
    for layer in chain[:-1]:
        _warn_of_secrets(layer)
    settings = read_cell(whole(chain), stack)
    hide_encrypted(settings, document)
    return settings


def hide_encrypted(settings: Settings, document: Any) -> None:
    """Mark what the file has encrypted in the metadata, as the arguments that are always secret are: the engine hands it over in clear."""
    config = (document.get("config") or {}) if isinstance(document, dict) else {}
    for section in ("servers", "batches"):
        stated = config.get(f"{PROJECT}:{section}")
        for name, launched in getattr(settings, section).items():
            server = stated.get(name) if isinstance(stated, dict) else None
            metadata = server.get("metadata") if isinstance(server, dict) else None
            for key, value in metadata.items() if isinstance(metadata, dict) else ():
                if isinstance(value, dict) and key in launched.metadata:
                    launched.metadata[key] = pulumi.Output.secret(launched.metadata[key])


def _warn_of_secrets(inherited: Layer) -> None:
    """Say in one line that secrets stand in clear in a file that is inherited, of which there may be thousands."""
    found = in_clear({"config": {f"{PROJECT}:{name}": value for name, value in inherited.sections.items()}})
    if found:
        more = f" and {len(found) - 1} more stand" if len(found) > 1 else " stands"
        pulumi.log.warn(
            f"{inherited.shown}: {found[0]}{more} in clear in the file; set secrets in each environment's own, encrypted, with "
            "`pulumi config set --secret --path`"
        )


def _linked(stack: str, file: Path) -> None:
    """Refuse a cell whose configuration the engine reads out of another file than its environment's."""
    environment, cell = parts(stack)
    link = folder() / f"Pulumi.{stack}.yaml"
    if cell is not None and link.resolve() != file.resolve():
        wrong = f"is no link to Pulumi.{environment}.yaml, and the engine reads the settings of {stack!r} there"
        raise ArgumentError([Problem(f"stacks/{link.name}", wrong, f"Run `ecs cells --stack {environment} --write`")])
