"""An environment that is divided into cells: what each has, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.problems import ArgumentError
from stacks.cells import cells_of, parts, placed, read_cell, settings_of, stated

IMAGE = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
COMMON: dict[str, Any] = {"flavor_ref": "s3.medium", "availability_zone": "az1"}
WEB = COMMON | {
    "boot": {"image_ref": IMAGE},
    "networks": [{"network": "lan"}],
    "security_groups": ["web", "default"],
    "key_name": "operator",
    "scheduler_hints": {"server_group": "spread"},
}
POOL = COMMON | {"image_ref": IMAGE, "min_count": 1, "networks": [{"network": "wan"}]}
DISK = {"volume_size": 1, "availability_zone": "az1"}
WHOLE: dict[str, Any] = {
    "cells": ["a", "b"],
    "networks": {"lan": {"cidr": "10.0.0.0/24"}, "wan": {"cidr": "10.1.0.0/24", "name": "the-wan"}},
    "security_groups": {"web": {}, "unused": {}},
    "server_groups": {"spread": {}},
    "key_pairs": {"operator": {"public_key": "ssh-ed25519 AAAA x"}},
    "disks": {"data": DISK | {"cell": "a"}, "other": DISK | {"cell": "b"}},
    "servers": {
        "web-1": WEB | {"cell": "a", "disks": [{"disk": "data"}]},
        "web-2": WEB | {"cell": "b", "flavor_ref": "s3.large"},
    },
    "batches": {"pool": POOL | {"cell": "b"}},
    "consent": {"web-1": ["rebuild"], "pool": ["replace"]},
}
WHERE = "stacks/Pulumi.prod.yaml: ecs-stacks:"


def changed(section: str, label: str, **keys: Any) -> dict[str, Any]:
    """WHOLE with an entry changed; a key that is None is left out."""
    entry = {key: value for key, value in (WHOLE[section].get(label, {}) | keys).items() if value is not None}
    return WHOLE | {section: WHOLE[section] | {label: entry}}


def refused(sections: dict[str, Any], stack: str = "prod.a") -> str:
    with pytest.raises(ArgumentError) as told:
        read_cell(sections, stack)
    return str(told.value)


@pytest.mark.parametrize(
    ("stack", "both"),
    [("dev", ("dev", None)), ("prod.a", ("prod", "a")), ("prod.", ("prod", "")), ("a.b.c", ("a", "b.c"))],
)
def test_a_dot_divides_an_environment_from_its_cell(stack: str, both: tuple[str, str | None]) -> None:
    assert parts(stack) == both


def test_each_cell_has_what_says_so() -> None:
    a, b = read_cell(WHOLE, "prod.a"), read_cell(WHOLE, "prod.b")
    assert (set(a.servers), set(a.batches), set(a.disks)) == ({"web-1"}, set(), {"data"})
    assert (set(b.servers), set(b.batches), set(b.disks)) == ({"web-2"}, {"pool"}, {"other"})
    assert (b.servers["web-2"].flavor_ref, a.servers["web-1"].flavor_ref) == ("s3.large", "s3.medium")
    assert (a.consent, b.consent) == ({"web-1": ("rebuild",)}, {"pool": ("replace",)})


def test_each_cell_makes_the_shared_things_that_it_uses_under_a_name_of_its_own() -> None:
    a, b = read_cell(WHOLE, "prod.a"), read_cell(WHOLE, "prod.b")
    assert {label: args.name for label, args in a.networks.items()} == {"lan": "lan-a"}
    assert {label: args.name for label, args in b.networks.items()} == {"lan": "lan-b", "wan": "the-wan"}
    for kind, label in (("security_groups", "web"), ("server_groups", "spread"), ("key_pairs", "operator")):
        assert {name: args.name for name, args in getattr(a, kind).items()} == {label: f"{label}-a"}
        assert {name: args.name for name, args in getattr(b, kind).items()} == {label: f"{label}-b"}


def test_an_environment_without_cells_keeps_all_as_it_is_stated() -> None:
    sections = {
        "networks": WHOLE["networks"],
        "servers": {"web": COMMON | {"boot": WEB["boot"], "networks": WEB["networks"]}},
    }
    settings = read_cell(sections, "dev")
    assert {label: args.name for label, args in settings.networks.items()} == {"lan": None, "wan": "the-wan"}


def test_what_is_placed_in_a_cell() -> None:
    assert placed(WHOLE, "b") == [("servers", "web-2"), ("batches", "pool"), ("disks", "other")]


@pytest.mark.parametrize(
    ("sections", "stack", "says"),
    [
        pytest.param(
            WHOLE,
            "prod",
            "cells: 'prod' is divided and no stack of its own. Name one of its cells (prod.a, prod.b)",
            id="the whole",
        ),
        pytest.param(
            WHOLE, "prod.c", "cells: there is no cell 'c'. State it there, or name one of its own (a, b).", id="no cell"
        ),
        pytest.param(
            {"servers": {}},
            "prod.c",
            "cells: there is no cell 'c'. State it there, or name one of its own (none).",
            id="no cells",
        ),
        pytest.param(
            changed("servers", "web-2", cell=None),
            "prod.a",
            "servers.web-2: is in no cell. Add `cell:`, one of a, b.",
            id="unplaced",
        ),
        pytest.param(
            changed("batches", "pool", cell="c"),
            "prod.a",
            "batches.pool.cell: there is no cell 'c'. Use one of a, b",
            id="misplaced",
        ),
        pytest.param(
            changed("disks", "data", cell=None), "prod.b", "disks.data: is in no cell.", id="an unplaced disk"
        ),
        pytest.param(
            {name: value for name, value in WHOLE.items() if name != "cells"},
            "prod",
            "servers.web-1.cell: names a cell, but the settings state none. Take it out, or list `ecs-stacks:cells`.",
            id="a cell without cells",
        ),
        pytest.param(
            changed("servers", "web-1", disks=[{"disk": "other"}]),
            "prod.a",
            "servers.web-1.disks[0].disk: the disk 'other' is in the cell 'b', the server in 'a'. State both in one cell.",
            id="a disk of another cell",
        ),
        pytest.param(
            changed("key_pairs", "operator", name="mine"),
            "prod.a",
            "key_pairs.operator.name: would be taken by the first cell that is made. Take it out.",
            id="a key pair's own name",
        ),
        pytest.param(
            WHOLE | {"consent": {"web-9": ["replace"]}},
            "prod.a",
            "consent.web-9: this stack has no server or batch",
            id="consent",
        ),
        pytest.param(WHOLE | {"cells": []}, "prod", "cells: is not a list of names.", id="an empty list"),
        pytest.param(WHOLE | {"cells": "a"}, "prod.a", "cells: is not a list of names.", id="no list"),
        pytest.param(
            WHOLE | {"cells": ["a", "b.c"]},
            "prod.a",
            "cells[1]: is not the name of a cell.",
            id="a dot in a cell's name",
        ),
        pytest.param(
            WHOLE | {"cells": ["a", "b", "a"]}, "prod.a", "cells[2]: is there already. Take it out.", id="twice"
        ),
        pytest.param(WHOLE | {"keeps": "x"}, "prod.a", "keeps: is not a list of paths.", id="what is kept"),
    ],
)
def test_what_cannot_be_is_refused(sections: dict[str, Any], stack: str, says: str) -> None:
    assert f"{WHERE}{says}" in refused(sections, stack)


def test_only_the_chosen_cell_is_validated_beside_its_division() -> None:
    wrong = changed("servers", "web-2", flavor_ref=5)
    assert set(read_cell(wrong, "prod.a").servers) == {"web-1"}
    assert "servers.web-2.flavor_ref: is not text" in refused(wrong, "prod.b")


def test_several_mistakes_of_the_division_are_told_at_once() -> None:
    sections = changed("servers", "web-1", cell=None)
    sections["servers"]["web-2"] = WEB | {"cell": "z"}
    assert len(refused(sections).splitlines()) == 2


def test_a_mistake_has_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "config:\n  ecs-stacks:cells: [a]\n  ecs-stacks:disks:\n    data:\n      volume_size: 1\n", encoding="utf-8"
    )
    (tmp_path / "Pulumi.prod.yaml").write_text(
        "config:\n  ecs-stacks:inherits: base\n  ecs-stacks:disks:\n    other:\n      cell: b\n", encoding="utf-8"
    )
    with pytest.raises(ArgumentError) as told:
        settings_of("prod.a", tmp_path)
    first, second = str(told.value).splitlines()
    assert first.startswith("stacks/base.yaml:4: ecs-stacks:disks.data: is in no cell.")
    assert second.startswith("stacks/Pulumi.prod.yaml:5: ecs-stacks:disks.other.cell: there is no cell 'b'.")
    assert cells_of("prod", tmp_path) == ("a",)
    assert set(stated("prod.a", tmp_path)) == {"cells", "disks"}


def test_cells_that_cannot_be_read_have_a_line_too(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n\n  ecs-stacks:cells: [a, 7]\n", encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"^stacks/Pulumi\.prod\.yaml:3: ecs-stacks:cells\[1\]: is not the name"):
        cells_of("prod", tmp_path)
