"""Settings that inherit others: what counts, and where each mistake is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.problems import ArgumentError
from stacks.cells import place_of, settings_of, stated
from stacks.inheritance import merged, parse

KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.integers(0, 3) | st.lists(st.integers(0, 2), max_size=2), lambda inner: st.dictionaries(KEYS, inner, max_size=3)
)
MAPS = st.dictionaries(KEYS, VALUES, max_size=3)
WITH_NULLS = st.dictionaries(
    KEYS,
    st.recursive(st.none() | st.integers(0, 3), lambda inner: st.dictionaries(KEYS, inner, max_size=3)),
    max_size=3,
)
OWN = "config:\n  openstack:cloud: x\n"
IMAGE = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
SERVER = f"""\
    web:
      flavor_ref: s3.medium
      availability_zone: az1
      boot: {{image_ref: {IMAGE}}}
      networks: [{{network: lan, fixed_ip: 10.0.0.9}}]
"""
BASE = f"""\
config:
  ecs-stacks:networks:
    lan: {{cidr: 10.0.0.0/24}}
  ecs-stacks:servers:
{SERVER}"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Puts files into a folder of settings, each by its name without `.yaml` (`dev` is the stack's own), and returns the folder."""

    def wrote(**files: str) -> Path:
        for name, text in files.items():
            stem = "Pulumi.dev" if name == "dev" else name
            (tmp_path / f"{stem}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return wrote


def refused(folder: Path) -> list[str]:
    with pytest.raises(ArgumentError) as told:
        settings_of("dev", folder)
    return str(told.value).splitlines()


def leaves(value: Any, way: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every path with what stands there; an empty map is a leaf."""
    if isinstance(value, dict) and value:
        return {path: one for key, inner in value.items() for path, one in leaves(inner, (*way, key)).items()}
    return {way: value}


@given(MAPS, MAPS)
def test_whatever_the_stronger_states_stands(weaker: dict[str, Any], stronger: dict[str, Any]) -> None:
    whole = leaves(merged(weaker, stronger))
    for path, value in leaves(stronger).items():
        if value != {}:
            assert whole[path] == value


@given(MAPS, MAPS)
def test_what_only_the_weaker_states_stays_unless_something_else_has_its_place(
    weaker: dict[str, Any], stronger: dict[str, Any]
) -> None:
    whole, said = leaves(merged(weaker, stronger)), leaves(stronger)
    for path, value in leaves(weaker).items():
        replaced = any(path[: len(other)] == other and said[other] != {} for other in said)
        replaced |= any(other[: len(path)] == path for other in said) or any(
            path[: len(other)] == other and not isinstance(_at(weaker, other), dict) for other in said if other
        )
        if not replaced:
            assert whole[path] == value


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


@given(MAPS)
def test_nothing_over_it_or_under_it_or_the_same_again_changes_nothing(one: dict[str, Any]) -> None:
    assert merged(one, {}) == merged({}, one) == merged(one, one) == one


@given(WITH_NULLS, WITH_NULLS)
def test_a_null_takes_out_what_is_there_and_nothing_is_changed_in_place(
    weaker: dict[str, Any], stronger: dict[str, Any]
) -> None:
    before = repr((weaker, stronger))
    whole = merged(weaker, stronger)
    for key, value in stronger.items():
        if value is None and key in weaker:
            assert key not in whole
        elif value is None:
            assert whole[key] is None
    assert repr((weaker, stronger)) == before


def test_a_list_is_replaced_and_a_map_is_not() -> None:
    weaker = {"web": {"networks": [1, 2], "metadata": {"a": "1", "b": "2"}, "boot": {"image": "x"}}}
    stronger = {"web": {"networks": [3], "metadata": {"b": None, "c": "4"}, "boot": None}}
    assert merged(weaker, stronger) == {"web": {"networks": [3], "metadata": {"a": "1", "c": "4"}}}


def test_a_later_file_goes_over_an_earlier_one_and_its_own_over_all(write: Callable[..., Path]) -> None:
    folder = write(
        base=BASE,
        small="config:\n  ecs-stacks:inherits: base\n  ecs-stacks:servers:\n    web: {flavor_ref: small, description: kept}\n",
        large="config:\n  ecs-stacks:inherits: base\n  ecs-stacks:servers:\n    web: {flavor_ref: large, availability_zone: az2}\n",
        dev=OWN
        + "  ecs-stacks:inherits: [small, large]\n  ecs-stacks:servers:\n    web: {availability_zone: az3, networks: [{network: lan}]}\n",
    )
    web = settings_of("dev", folder).servers["web"]
    assert (web.flavor_ref, web.availability_zone, web.description) == ("large", "az3", "kept")
    assert [nic.model_dump()["fixed_ip"] for nic in web.networks] == [None]


def test_a_file_that_is_inherited_twice_counts_where_it_is_weakest(write: Callable[..., Path]) -> None:
    folder = write(
        base="config:\n  ecs-stacks:server_groups: {g: {name: base}}\n",
        one="config:\n  ecs-stacks:inherits: base\n  ecs-stacks:server_groups: {g: {name: one}}\n",
        two="config:\n  ecs-stacks:inherits: base\n",
        dev=OWN + "  ecs-stacks:inherits: [one, two]\n",
    )
    assert stated("dev", folder) == {"server_groups": {"g": {"name": "one"}}}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        pytest.param(
            {"dev": OWN + "  ecs-stacks:inherits: bse\n", "base": BASE},
            [
                "stacks/Pulumi.dev.yaml:3: ecs-stacks:inherits: there is no stacks/bse.yaml. Name one that is there (base)."
            ],
            id="a file that is not there",
        ),
        pytest.param(
            {"dev": OWN + "  ecs-stacks:inherits: ../etc/base\n", "base": BASE},
            [
                "stacks/Pulumi.dev.yaml:3: ecs-stacks:inherits: there is no stacks/../etc/base.yaml. Name one that is there (base)."
            ],
            id="a file elsewhere",
        ),
        pytest.param(
            {
                "dev": OWN + "  ecs-stacks:inherits: base\n",
                "base": "config:\n\n  ecs-stacks:inherits: other\n",
                "other": "config:\n  ecs-stacks:networks: {}\n  ecs-stacks:inherits: [base]\n",
            },
            [
                (
                    "stacks/other.yaml:3: ecs-stacks:inherits: goes in a circle: base.yaml inherits other.yaml inherits base.yaml. "
                    "Take one of them out."
                )
            ],
            id="a circle",
        ),
        pytest.param(
            {"dev": OWN + "  ecs-stacks:inherits: {base: true}\n", "base": BASE},
            [
                (
                    "stacks/Pulumi.dev.yaml:3: ecs-stacks:inherits: is neither a name nor a list of names. "
                    "Name files of stacks/ without `.yaml`: [base]."
                )
            ],
            id="no name",
        ),
        pytest.param(
            {
                "dev": OWN + "  ecs-stacks:inherits: base\n",
                "base": "config:\n  ecs-stacks:servers: {}\n  openstack:cloud: x\n  pulumi:tags: {}\n  ecs:pollSeconds: 1\n"
                "  ecs-stack:x: 1\nextra: 1\n",
            },
            [
                "stacks/base.yaml:7: extra: is not read in a base file. Write settings under `config:` as `ecs-stacks:<section>`.",
                *(
                    f"stacks/base.yaml:{line}: {key}: is read by the engine out of a stack's own file alone. "
                    "Move it to each `stacks/Pulumi.<stack>.yaml` that needs it."
                    for line, key in ((3, "openstack:cloud"), (4, "pulumi:tags"), (5, "ecs:pollSeconds"))
                ),
                "stacks/base.yaml:6: ecs-stack:x: is not read by anything. Write it as `ecs-stacks:<section>`.",
            ],
            id="settings of the engine's own",
        ),
        pytest.param(
            {
                "dev": OWN + "  ecs-stacks:inherits: base\n",
                "base": BASE + "      admin_pass:\n        secure: v1:abc\n      metadata: {x: [{secure: v1:d}]}\n",
            },
            [
                f"stacks/base.yaml:{line}: ecs-stacks:servers.web.{path}: is encrypted, and each stack has a key of its own. "
                "Set it in each stack: `pulumi config set --secret --path`."
                for line, path in ((10, "admin_pass"), (12, "metadata.x[0]"))
            ],
            id="encrypted values",
        ),
        pytest.param(
            {"dev": OWN + "  ecs-stacks:inherits: base\n", "base": BASE + SERVER},
            ["stacks/base.yaml:10: web: is stated twice. Keep one of them."],
            id="a server stated twice",
        ),
        pytest.param(
            {"dev": OWN + "  ecs-stacks:inherits: base\n", "base": "config:\n  a: b: c\n"},
            ["stacks/base.yaml:2: is not YAML: mapping values are not allowed in this context. Correct it there."],
            id="no YAML",
        ),
        pytest.param(
            {"dev": OWN + "  ecs-stacks:inherits: base\n", "base": ""},
            ["stacks/base.yaml: states nothing. State at least `config:` with `ecs-stacks:servers: {}`."],
            id="an empty file",
        ),
    ],
)
def test_what_cannot_be_inherited_is_one_error_each(
    files: dict[str, str], says: list[str], write: Callable[..., Path]
) -> None:
    assert refused(write(**files)) == says


def test_all_that_is_wrong_is_told_at_once(write: Callable[..., Path]) -> None:
    folder = write(dev=OWN + "  ecs-stacks:inherits: [nope, base, none]\n", base="config:\n  openstack:cloud: y\n")
    assert [line.split(": ")[0] for line in refused(folder)] == [
        "stacks/Pulumi.dev.yaml:3",
        "stacks/Pulumi.dev.yaml:3",
        "stacks/base.yaml:2",
    ]


@pytest.mark.parametrize(
    ("own", "place"),
    [
        pytest.param(
            "web: {description: 1}", "stacks/Pulumi.dev.yaml:5: ecs-stacks:servers.web.description", id="its own"
        ),
        pytest.param("{}", "stacks/base.yaml:6: ecs-stacks:servers.web.flavor_ref", id="the base's"),
        pytest.param(
            "web: {description: x}",
            "stacks/base.yaml:6: ecs-stacks:servers.web.flavor_ref",
            id="the base's, beside its own",
        ),
        pytest.param(
            "web: {flavor_ref: 6}", "stacks/Pulumi.dev.yaml:5: ecs-stacks:servers.web.flavor_ref", id="both, so its own"
        ),
        pytest.param(
            "web: {flavor_ref: s3, networks: [{fixed_ip: 10.0.0.8}]}",
            "stacks/Pulumi.dev.yaml:5: ecs-stacks:servers.web.networks[0]",
            id="in a list that replaces the base's",
        ),
        pytest.param(
            "web: {flavor_ref: s3, boot: null}", "stacks/Pulumi.dev.yaml:5: ecs-stacks:servers.web.boot", id="taken out"
        ),
        pytest.param(
            "{web: {flavor_ref: s3}, web-9: null}",
            "stacks/Pulumi.dev.yaml:5: ecs-stacks:servers.web-9",
            id="nothing to take out",
        ),
    ],
)
def test_a_mistake_is_told_where_the_wrong_value_stands(own: str, place: str, write: Callable[..., Path]) -> None:
    wrong = BASE.replace("flavor_ref: s3.medium", "flavor_ref: 5")
    folder = write(base=wrong, dev=OWN + f"  ecs-stacks:inherits: base\n  ecs-stacks:servers:\n    {own}\n")
    assert [line for line in refused(folder) if line.startswith(f"{place}: ")]


def test_a_missing_key_is_told_at_the_deepest_place_that_exists(write: Callable[..., Path]) -> None:
    folder = write(base=BASE.replace("      availability_zone: az1\n", ""), dev=OWN + "  ecs-stacks:inherits: base\n")
    assert refused(folder)[0].startswith("stacks/base.yaml:5: ecs-stacks:servers.web.availability_zone: is missing.")


def test_what_was_taken_out_on_the_way_is_no_place(write: Callable[..., Path]) -> None:
    folder = write(
        base=BASE,
        middle="config:\n  ecs-stacks:inherits: base\n  ecs-stacks:servers: {web: null}\n",
        dev=OWN + "  ecs-stacks:inherits: middle\n  ecs-stacks:servers:\n    web: {description: afresh}\n",
    )
    assert refused(folder)[0].startswith("stacks/Pulumi.dev.yaml:5: ecs-stacks:servers.web.flavor_ref: is missing.")


def test_a_place_can_be_asked_for(write: Callable[..., Path]) -> None:
    folder = write(
        base=BASE, dev=OWN + "  ecs-stacks:inherits: base\n  ecs-stacks:servers:\n    web:\n      flavor_ref: s3\n"
    )
    assert place_of("dev", "servers.web.networks[0].fixed_ip", folder) == ("stacks/base.yaml", 9)
    assert place_of("dev", "servers.web.flavor_ref", folder) == ("stacks/Pulumi.dev.yaml", 6)
    assert place_of("dev.a", "servers.web.flavor_ref", folder) == ("stacks/Pulumi.dev.yaml", 6)
    assert place_of("dev", "servers.none", folder) == ("stacks/Pulumi.dev.yaml", 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("2026-01-31", "2026-01-31"),
        ("12:30", "12:30"),
        ("40", 40),
        ("1.5", 1.5),
        ("~", None),
        ("", None),
        ("'40'", "40"),
    ],
)
def test_yaml_is_read_as_the_engine_reads_it(text: str, value: Any) -> None:
    """As `pulumi config --json` shows these values; but a date stays text, of which the engine makes a moment with a zone."""
    read = parse(f"a: {text}", "f")["a"]
    assert (read, type(read)) == (value, type(value))


def test_anchors_and_merges_of_yaml_work() -> None:
    text = "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n"
    assert parse(text, "f") == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}}


def test_a_secret_is_never_read_outside_the_engine(write: Callable[..., Path]) -> None:
    own = (
        OWN + "  ecs-stacks:inherits: base\n  ecs-stacks:servers:\n    web:\n      admin_pass: {secure: v1:abc}\n"
        "      user_data_base64: {secure: v1:def}\n"
    )
    web = settings_of("dev", write(base=BASE, dev=own)).servers["web"]
    assert web.admin_pass.get_secret_value() == "[secret]"  # type: ignore[union-attr]
