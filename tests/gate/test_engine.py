"""How the engine is started: what its user's variables may change, and how its ending is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.engine import Engine

PROGRAM = """\
#!/bin/sh
if [ "$1" = version ]; then echo v3.253.0; exit 0; fi
echo '{"sequence": 1, "summaryEvent": {"result": "failed"}}'
echo "target=$PULUMI_OPTION_TARGET file=$PULUMI_OPTION_CONFIG_FILE parallel=$PULUMI_OPTION_PARALLEL pack=$PULUMI_OPTION_POLICY_PACK"
echo '{"no": "event"}'
echo 'error: it broke' >&2
exit 7
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A program in the engine's place that says which options it got."""
    program = tmp_path / "pulumi"
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PULUMI_OPTION_TARGET", "**web-1")
    monkeypatch.setenv("PULUMI_OPTION_CONFIG_FILE", "another.yaml")
    monkeypatch.setenv("PULUMI_OPTION_PARALLEL", "3")
    monkeypatch.setenv("PULUMI_OPTION_POLICY_PACK", "another")
    return Engine(tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin", "PULUMI_OPTION_POLICY_PACK": "ours"})


def test_no_option_by_variable_hides_a_part_of_the_stack(engine: Engine) -> None:
    ended = engine.run(["preview"])
    assert "target= file= parallel=3 pack=ours" in ended.out


def test_what_goes_wrong_with_an_event_does_not_leave_the_engine_waiting(engine: Engine, tmp_path: Path) -> None:
    """More is written than a pipe holds, and somebody has to read it."""
    program = tmp_path / "pulumi"
    more = 'i=0; while [ $i -lt 3000 ]; do echo "$PULUMI_OPTION_POLICY_PACK ........................................"; i=$((i+1)); done'
    program.write_text(PROGRAM.replace("exit 7", f"{more}\ntouch {tmp_path}/ended\n"), encoding="utf-8")

    def broken(_event: object) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        engine.events(["up"], broken)
    assert (tmp_path / "ended").exists()


def test_events_are_told_from_what_else_is_said(engine: Engine) -> None:
    events = []
    ended = engine.events(["preview"], events.append)
    assert [one["summaryEvent"] for one in events] == [{"result": "failed"}]
    assert ended.code == 7
    assert '{"no": "event"}' in ended.out
    assert "it broke" in ended.errors
