"""A mistake in a stack's YAML is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.problems import ArgumentError, Problem
from stacks.lines import with_lines

TEXT = """\
# settings
config:
  openstack:cloud: sandbox
  ecs-stacks:servers:
    web:
      flavor_ref: x
      networks:
        - {uuid: a}
        -
          fixed_ip: b
    web.2:
      flavor_ref: y
      metadata: &m
        a: b
    web-3:
      metadata:
        <<: [*m]
        c: d
"""
WHERE = "stacks/Pulumi.dev.yaml: ecs-stacks:"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("servers.web.flavor_ref", 6),
        ("servers.web.networks[0]", 8),
        ("servers.web.networks[1].fixed_ip", 10),
        ("servers.web.networks[7].fixed_ip", 7),
        ("servers.web.2.flavor_ref", 12),
        ("servers.web.boot", 5),
        ("servers.web-3.metadata.a", 14),
        ("servers.web-3.metadata.c", 18),
        ("servers.web-3.metadata.x", 16),
        ("servers", 4),
        ("disks.data", 2),
    ],
)
def test_a_path_has_its_line_or_that_of_what_is_around_it(path: str, line: int, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(TEXT, encoding="utf-8")
    error = with_lines(
        ArgumentError([Problem(WHERE + path, "is wrong", "Mend it")]), [(file, "stacks/Pulumi.dev.yaml")], WHERE
    )
    assert str(error) == f"stacks/Pulumi.dev.yaml:{line}: ecs-stacks:{path}: is wrong. Mend it."


def test_what_is_not_in_the_file_stays_as_it_is(tmp_path: Path) -> None:
    error = ArgumentError([Problem("cloud 'dev'", "cannot be reached", "Check it")])
    assert str(with_lines(error, [(tmp_path / "missing.yaml", "")], WHERE)) == str(error)
    file = tmp_path / "Pulumi.dev.yaml"
    for text in ("", "a: [", "- 1", "just text"):
        file.write_text(text, encoding="utf-8")
        assert str(with_lines(error, [(file, "stacks/Pulumi.dev.yaml")], WHERE)) == str(error)
