"""Environments and their cells: a definition that is too large for one stack of the engine is split by `cell: <name>`."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.problems import ArgumentError, Problem
from stacks import inheritance
from stacks.inheritance import PROJECT, Layer, is_secured, layers, whole
from stacks.lines import Place, find, with_lines
from stacks.settings import BatchSettings, HintSettings, ServerSettings, Settings, StackBatchNic, StackNic, read

CELLS = "cells"
CELL = "cell"
KEEPS = "keeps"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,30}")
DIVIDED = ("servers", "batches", "disks")
"""The sections whose entries say in which cell they are."""

HIDDEN = "[secret]"
"""What stands for a secret where it cannot be decrypted."""


def parts(stack: str) -> tuple[str, str | None]:
    """The environment and the cell of a stack of the engine: `prod.a` is cell `a` of `prod`, and `dev` has none."""
    environment, dot, cell = stack.partition(".")
    return environment, cell if dot else None


def path_of(stack: str) -> str:
    """The file of a stack's settings, from the project's root: its environment's."""
    return f"stacks/Pulumi.{parts(stack)[0]}.yaml"


def where_of(stack: str) -> str:
    """How the path of every mistake in the settings begins: the file, and the project's prefix in it."""
    return f"{path_of(stack)}: {PROJECT}:"


def file_of(stack: str, folder: Path) -> Path:
    """The file of a stack's settings in the folder that holds them."""
    return folder / f"Pulumi.{parts(stack)[0]}.yaml"


def own(stack: str, folder: Path) -> Layer:
    """What a stack's own file states, with encrypted values as they stand; raises `ArgumentError` where it cannot be read."""
    return _own(file_of(stack, folder), path_of(stack))


def _own(file: Path, shown: str) -> Layer:
    named = ((key.partition(":"), value) for key, value in config_in(file, shown).items())
    # The engine writes an empty text for an empty section when it rewrites the file.
    return Layer(
        file, shown, {name: None if value == "" else value for (space, _, name), value in named if space == PROJECT}
    )


def config_in(file: Path, shown: str) -> dict[str, Any]:
    """All that stands under `config:` in a stack's own file; raises `ArgumentError` where it cannot be read."""
    document = inheritance.read(file, shown)
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise ArgumentError([Problem(shown, "states nothing", f"State at least `config:` with `{PROJECT}:servers`")])
    return {str(key): value for key, value in config.items()}


def files_of(stack: str, folder: Path) -> list[Place]:
    """The files that a stack's settings are made of, the strongest first: its own alone where the others cannot be read."""
    try:
        return [(layer.file, layer.shown) for layer in reversed(layers(own(stack, folder), folder))]
    except ArgumentError:
        return [(file_of(stack, folder), path_of(stack))]


def stated(stack: str, folder: Path) -> dict[str, Any]:
    """The sections of a stack with all that it inherits, as they are written; raises `ArgumentError` as `layers` does."""
    return whole(layers(own(stack, folder), folder))


def cells_of(environment: str, folder: Path) -> tuple[str, ...]:
    """The cells of an environment in the order in which they are stated, none where it is one stack; raises `ArgumentError`."""
    try:
        return cells_in(stated(environment, folder), where_of(environment))
    except ArgumentError as error:
        raise with_lines(error, files_of(environment, folder), where_of(environment)) from None


def settings_of(stack: str, folder: Path) -> Settings:
    """The settings of a stack read outside the engine, merged and validated; a secret is `[secret]`, since it stays encrypted.

    Raises `ArgumentError` with every mistake, its file and its line.
    """
    try:
        return read_cell(_hidden(stated(stack, folder)), stack)
    except ArgumentError as error:
        raise with_lines(error, files_of(stack, folder), where_of(stack)) from None


def place_of(stack: str, path: str, folder: Path) -> tuple[str, int]:
    """The file (`stacks/base.yaml`) and line of a path in the settings, such as `servers.web-1.networks[0]`, or of what is around it."""
    return find(files_of(stack, folder), f"{PROJECT}:{path}")


def _hidden(value: Any, key: str = "") -> Any:
    if is_secured(value):
        return base64.b64encode(HIDDEN.encode()).decode() if key == "user_data_base64" else HIDDEN
    if isinstance(value, dict):
        return {name: _hidden(one, str(name)) for name, one in value.items()}
    return [_hidden(one) for one in value] if isinstance(value, list) else value


def cells_in(sections: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """The cells that settings state; raises `ArgumentError` where that is no list of names."""
    cells = sections.get(CELLS, [])
    fix = "List names of letters, digits, `_` and `-`, such as [a, b], or leave it out"
    if CELLS in sections and (not isinstance(cells, list) or not cells):
        raise ArgumentError([Problem(f"{where}{CELLS}", "is not a list of names", fix)])
    problems = []
    for number, cell in enumerate(cells):
        if not isinstance(cell, str) or not NAME.fullmatch(cell):
            problems.append(Problem(f"{where}{CELLS}[{number}]", "is not the name of a cell", fix))
        elif cell in cells[:number]:
            problems.append(Problem(f"{where}{CELLS}[{number}]", "is there already", "Take it out"))
    if problems:
        raise ArgumentError(problems)
    return tuple(cells)


def keeps_in(sections: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """The paths that a promotion leaves alone; raises `ArgumentError` where that is no list of texts."""
    keeps = sections.get(KEEPS, [])
    if not isinstance(keeps, list) or not all(isinstance(one, str) for one in keeps):
        fix = "List paths in these settings, such as [networks.lan.cidr], or leave it out"
        raise ArgumentError([Problem(f"{where}{KEEPS}", "is not a list of paths", fix)])
    return tuple(keeps)


def read_cell(sections: Mapping[str, Any], stack: str) -> Settings:
    """The settings of one stack of the engine out of the sections of its environment; raises `ArgumentError` with every mistake.

    Only what is in its cell is validated, so that each of ten cells takes a tenth of the time.
    """
    environment, cell = parts(stack)
    where = where_of(stack)
    cells = cells_in(sections, where)
    keeps_in(sections, where)
    if cells and cell is None:
        of_each = ", ".join(f"{environment}.{one}" for one in cells)
        fix = f"Name one of its cells ({of_each}), or take them all: `ecs up --all --stack {environment}`"
        raise ArgumentError([Problem(f"{where}{CELLS}", f"{environment!r} is divided and no stack of its own", fix)])
    if cell is not None and cell not in cells:
        known = ", ".join(cells) or "none"
        wrong, fix = f"there is no cell {cell!r}", f"State it there, or name one of its own ({known})"
        raise ArgumentError([Problem(f"{where}{CELLS}", wrong, fix)])
    settings = read(_chosen(sections, cells, cell, where), where)
    return settings if cell is None else _used(settings, cell, where)


def placed(sections: Mapping[str, Any], cell: str) -> list[tuple[str, str]]:
    """What is stated in a cell: the section (`servers`, `batches`, `disks`) and the name of each."""
    return [
        (section, str(name))
        for section in DIVIDED
        for name, entry in _entries(sections, section).items()
        if isinstance(entry, dict) and entry.get(CELL) == cell
    ]


def _entries(sections: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    found = sections.get(section)
    return found if isinstance(found, dict) else {}


def _chosen(sections: Mapping[str, Any], cells: tuple[str, ...], cell: str | None, where: str) -> dict[str, Any]:
    """The sections without what is in other cells, and without the words that divide them."""
    chosen = {name: value for name, value in sections.items() if name not in {CELLS, KEEPS}}
    problems: list[Problem] = []
    elsewhere: dict[str, dict[str, str]] = {section: {} for section in DIVIDED}
    for section in DIVIDED:
        kept = {}
        for name, entry in _entries(sections, section).items():
            if not isinstance(entry, dict):
                kept[name] = entry
                continue
            says = entry.get(CELL)
            if wrong := _misplaced(f"{where}{section}.{name}", entry, cells):
                problems.append(wrong)
            elif says == cell:
                kept[name] = {key: value for key, value in entry.items() if key != CELL} if CELL in entry else entry
            else:
                elsewhere[section][name] = str(says)
        if section in chosen and isinstance(chosen[section], dict):
            chosen[section] = kept
    consent = chosen.get("consent")
    if isinstance(consent, dict):
        others = {*elsewhere["servers"], *elsewhere["batches"]}
        chosen["consent"] = {name: words for name, words in consent.items() if name not in others}
    problems += _across(chosen, elsewhere["disks"], cell, where)
    if problems:
        raise ArgumentError(problems)
    return chosen


def _misplaced(path: str, entry: Mapping[str, Any], cells: tuple[str, ...]) -> Problem | None:
    if not cells:
        wrong, fix = "names a cell, but the settings state none", f"Take it out, or list `{PROJECT}:{CELLS}`"
        return Problem(f"{path}.{CELL}", wrong, fix) if CELL in entry else None
    if CELL not in entry:
        return Problem(path, "is in no cell", f"Add `{CELL}:`, one of {', '.join(cells)}")
    if entry[CELL] not in cells:
        wrong = f"there is no cell {entry[CELL]!r}"
        return Problem(f"{path}.{CELL}", wrong, f"Use one of {', '.join(cells)}, or add it to `{PROJECT}:{CELLS}`")
    return None


def _across(chosen: Mapping[str, Any], disks: Mapping[str, str], cell: str | None, where: str) -> list[Problem]:
    """Disks of another cell that a server names: they are in another stack of the engine."""
    problems = []
    for name, server in _entries(chosen, "servers").items():
        attached = server.get("disks") if isinstance(server, dict) else None
        for number, disk in enumerate(attached if isinstance(attached, list) else ()):
            wanted = disk.get("disk") if isinstance(disk, dict) else None
            if isinstance(wanted, str) and wanted in disks:
                path = f"{where}servers.{name}.disks[{number}].disk"
                wrong = f"the disk {wanted!r} is in the cell {disks[wanted]!r}, the server in {cell!r}"
                problems.append(Problem(path, wrong, "State both in one cell"))
    return problems


def _used(settings: Settings, cell: str, where: str) -> Settings:
    """The settings with the shared things that this cell uses, each under a name of the cell's own in the cloud."""
    launched: list[ServerSettings | BatchSettings] = [*settings.servers.values(), *settings.batches.values()]
    nics = (nic for one in launched for nic in one.networks)
    hints = (one.scheduler_hints for one in launched if one.scheduler_hints is not None)
    wanted: dict[str, set[str]] = {
        "networks": {nic.network for nic in nics if isinstance(nic, StackNic | StackBatchNic)},
        "security_groups": {str(group) for one in launched for group in one.security_groups},
        "server_groups": {str(hint.server_group) for hint in hints if isinstance(hint, HintSettings)},
        "key_pairs": {str(one.key_name) for one in launched},
    }
    taken = [
        Problem(f"{where}key_pairs.{name}.name", "would be taken by the first cell that is made", "Take it out")
        for name, pair in settings.key_pairs.items()
        if pair.name is not None and name in wanted["key_pairs"]
    ]
    if taken:
        raise ArgumentError(taken)
    kept: dict[str, Any] = {}
    for section, names in wanted.items():
        kept[section] = {
            name: args if args.name is not None else args.model_copy(update={"name": f"{name}-{cell}"})
            for name, args in getattr(settings, section).items()
            if name in names
        }
    return settings.model_copy(update=kept)


def check_text(stack: str, file: Path, folder: Path) -> None:
    """Validate the settings of an environment, cell by cell, as if a file were its own; raises `ArgumentError` with every mistake."""
    shown, where = path_of(stack), where_of(stack)
    chain = layers(_own(file, shown), folder)
    try:
        sections = _hidden(whole(chain))
        for cell in cells_in(sections, where) or (None,):
            read_cell(sections, stack if cell is None else f"{stack}.{cell}")
    except ArgumentError as error:
        raise with_lines(error, [(layer.file, layer.shown) for layer in reversed(chain)], where) from None
