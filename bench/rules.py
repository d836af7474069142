"""What the rules cost: an audit of an exported state beside Checkov with ten of them, and the rules alone beside OPA with the same ten."""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench import audit_parts, state, ten
from bench.engine import FailedError
from bench.fleet import Clone
from bench.peers import go, python
from bench.results import Measured, Row, circumstances, publish, table
from bench.targets import Sandbox
from policy.rules import RULES, STACK_RULES
from policy.state import State

PACK = Path(__file__).parents[1] / "policy"
RUNS = 5
RUNS_OF_MANY = 3
FEW, SERVERS, MANY = 1, 1_000, 5_000
A_FILE = 500
"""So many servers are in a file of Terraform: one of 5,000 is given up by Checkov's reader after ten seconds."""

WARM = 20
"""How often the rules are asked before and while a warm evaluation is measured: OPA's own `bench` does it for a second."""

_TEN = ", ".join(one.removeprefix("ECS-") for one in ten.BROKEN)
INTRODUCTION = f"""\
Min / median / max of the runs, all tools in turn. The servers are raw instances with a system disk and a data disk, in order but for one
piece of advice ({ten.ADVISED}). One was really made by `pulumi up` of `bench/servers` on a sandbox; the state that `pulumi stack export`
wrote of it is written again with as many of them, each with a name, a URN and an id of its own. The ten are ECS-{_TEN},
which a request alone decides; before anything is measured, each tool has to find in eleven servers just the ten that break one each.

`ecs audit --file` starts, reads the state, asks the sandbox for what the servers name, holds all {len(RULES)} rules on a request and all
{len(STACK_RULES)} on stack and cloud against it, and tells the review as text. Its peer reads the same servers as a program of Terraform
(`.tf` files of {A_FILE} servers each; the plan in JSON took it longer), runs ten custom checks in Python and no other, and writes its
report as JSON. In the row on secrets the user data of each server are one, which the passphrase opens; the peer
has none to open.
"""

ALONE = """\
The rules alone: the same servers' inputs as one JSON document. *Once* is one evaluation in a process of its own: OPA's
`timer_rego_query_eval_ns` of `opa eval --metrics`, which does not count decoding and compiling, and ours of `python -m bench.ten` after
the document is decoded: reading each request, which masks its secrets, and asking each rule. *Warm* is the mean of `opa bench`, and of as
many of ours in one process. *Whole* is the command from its start to its end, decoding and printing.
"""

NONE = "could not be had here, so nothing is measured beside it"


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def timed(command: Sequence[str], folder: Path, environment: dict[str, str]) -> tuple[float, float, str]:
    """Run a command; returns its seconds, the seconds of CPU of all its processes, and what it wrote to standard output."""
    before, begun = _children(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    took = time.perf_counter() - begun
    if done.returncode != 0:
        raise FailedError(
            f"{Path(command[0]).name} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}"
        )
    return took, _children() - before, done.stdout


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Audits:
    """A clone of the project with a sandbox, and states of any size to audit in it."""

    def __init__(self, folder: Path, clone: Clone, cloud: Sandbox) -> None:
        self._folder = folder
        self.clone = clone
        clone.state(1, 0)
        say("one server of each form is made ...")
        self.states = state.one_each(cloud, clone.cloud, folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_", "ECS_"))}
        self.environment = kept | {"PULUMI_CONFIG_PASSPHRASE": state.PASSPHRASE}
        # The first one makes the stack.
        self.once("disks", FEW)

    def arguments(self, form: str, servers: int) -> list[str]:
        """Return the arguments of `ecs` that audit so many servers; their state is written where it is not there."""
        file = self._folder / f"{form}-{servers}.json"
        if not file.is_file():
            state.multiplied(self.states[form], servers, file)
        return ["audit", "--stack", "fleet", "--file", str(file)]

    def once(self, form: str, servers: int) -> tuple[float, float]:
        """Audit once; returns the seconds, and those of CPU."""
        ecs = str(Path(sys.executable).with_name("ecs"))
        took, used, said = timed([ecs, *self.arguments(form, servers)], self.clone.folder, self.environment)
        # The stack itself and a provider are in the state too.
        if f"Passed: {servers + 2} resources of the state judged." not in said:
            raise FailedError(f"the audit of {servers} servers was not what it must be:\n{said[-2000:]}")
        return took, used


class Checkov:
    """Checkov with the ten as custom checks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = python.installed("checkov")

    def found(self, servers: Sequence[ten.Inputs], name: str) -> tuple[ten.Found, float, float]:
        """Judge the servers once; returns what was found, the seconds, and those of CPU."""
        program, report = self._folder / name, self._folder / "checkov"
        if not program.is_dir():
            program.mkdir()
            for first in range(0, len(servers), A_FILE):
                (program / f"from-{first}.tf").write_text(
                    ten.written(servers[first : first + A_FILE]), encoding="utf-8"
                )
        took, used, _ = timed(ten.checkov_command(self._program, program, report), self._folder, dict(os.environ))
        found, answers = ten.checkov_found(report)
        if answers != len(servers) * len(ten.BROKEN):
            raise FailedError(f"Checkov gave {answers} answers on {len(servers)} servers")
        return found, took, used

    def once(self, servers: Sequence[ten.Inputs]) -> tuple[float, float]:
        found, took, used = self.found(servers, f"servers-{len(servers)}")
        if found:
            raise FailedError(f"Checkov found what is not there: {sorted(found)[:3]}")
        return took, used


class Opa:
    """OPA with the ten in Rego."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = go.built("opa", ten.OPA)

    def run(self, verb: str, file: Path, *options: str) -> tuple[dict[str, Any], float, float]:
        """Evaluate once, or as `opa bench` many times; returns what it said, its seconds, and those of CPU."""
        took, used, said = timed(ten.opa_command(self._program, verb, file, *options), self._folder, dict(os.environ))
        return json.loads(said), took, used


def equivalent(checkov: Checkov | None, opa: Opa | None, folder: Path) -> None:
    """Raise `FailedError` unless each tool finds just the planted ten."""
    servers, expected = ten.planted()
    file = folder / "planted.json"
    file.write_text(json.dumps({"servers": servers}), encoding="utf-8")
    found = {"ours": ten.ours(servers, ten.ten())}
    if checkov is not None:
        found["Checkov"] = checkov.found(servers, "planted")[0]
    if opa is not None:
        found["OPA"] = ten.opa_found(opa.run("eval", file)[0])
    for name, pairs in found.items():
        if pairs != expected:
            raise FailedError(f"{name} finds other than what was planted: {sorted(pairs ^ expected)}")
    say(f"{', '.join(found)}: each finds just the ten that were planted")


def had(make: Callable[[], Any], name: str) -> Any:
    """Return the peer, or None where it cannot be had, which is told."""
    try:
        return make()
    except FailedError as error:
        say(f"{name}: {error}")
        return None


def audited(audits: Audits, checkov: Checkov, runs: int, many: int) -> list[Row]:
    """Measure audits beside Checkov."""
    rows: list[Row] = []
    medians: dict[int, list[float]] = {}
    for servers, count in ((FEW, runs), (SERVERS, runs), (MANY, many)):
        same = state.inputs(audits.states["disks"], servers)
        walls: Measured = [[], []]
        costs: Measured = [[], []]
        for run in range(count):
            for place, (took, used) in enumerate((audits.once("disks", servers), checkov.once(same))):
                walls[place].append(took)
                costs[place].append(used)
            say(f"  {servers:,} servers, run {run + 1}: {walls[0][-1]:.2f} s, Checkov {walls[1][-1]:.2f} s")
        how = f"whole commands, {count} run{'s' * (count > 1)}; all rules, and ten"
        rows.append(Row("`ecs audit`", f"{servers:,}", "s", "ratio ≤ 0.20" if servers == SERVERS else "", walls, how))
        rows.append(Row("CPU of it", f"{servers:,}", "s", "", costs, "of all processes"))
        medians[servers] = [median(one) for one in costs]
        if servers == SERVERS:
            rows.append(_secrets(audits, walls[1], runs))
    grown: Measured = [_grown(audits, runs), [_growth(medians, 1)]]
    how = (
        f"CPU of one among {MANY:,} by that of one among {SERVERS:,}: ours of reading and judging, in process; theirs of whole "
        f"commands, from {SERVERS:,} on and up to there"
    )
    return [*rows, Row("growth of a server's cost", f"{MANY:,}", "times", "about 1", grown, how)]


def _grown(audits: Audits, runs: int) -> list[float]:
    """How much more a server costs among many: the whole commands differ by less than a busy machine does."""
    files = {servers: Path(audits.arguments("disks", servers)[-1]) for servers in (SERVERS, MANY)}
    each: dict[int, list[float]] = {SERVERS: [], MANY: []}
    for _ in range(runs):
        for servers, file in files.items():
            # The command looks for no cycles either.
            gc.collect()
            gc.disable()
            begun = time.process_time()
            read = json.loads(file.read_text(encoding="utf-8"))
            judged = State(read["version"], read["deployment"]["resources"], read["deployment"]["secrets_providers"])
            if not judged.can_judge(PACK) or not list(judged.events(PACK, "fleet", {"cloud": {"read": False}})):
                raise FailedError("the state was not judged")
            each[servers].append((time.process_time() - begun) / servers)
            gc.enable()
    return [many / few for few, many in zip(each[SERVERS], each[MANY], strict=True)]


def _secrets(audits: Audits, peer: list[float], runs: int) -> Row:
    walls = [audits.once("secret", SERVERS)[0] for _ in range(runs)]
    say(f"  {SERVERS:,} servers with a secret: {median(walls):.2f} s")
    return Row(
        "`ecs audit`, with secrets",
        f"{SERVERS:,}",
        "s",
        "",
        [walls, peer],
        "all servers have one",
    )


def _growth(medians: dict[int, list[float]], place: int) -> float:
    few, some, many = (medians[servers][place] for servers in (FEW, SERVERS, MANY))
    return (many - some) / (MANY - SERVERS) / ((some - few) / (SERVERS - FEW))


def alone(opa: Opa, servers: list[ten.Inputs], folder: Path, runs: int) -> list[Row]:
    """Measure the rules alone beside OPA."""
    file = folder / "alone.json"
    file.write_text(json.dumps({"servers": servers}), encoding="utf-8")
    once, warm, whole = (dict[str, list[float]](ten=[], all=[], opa=[]) for _ in range(3))
    sets = {"ten": ten.ten(), "all": list(RULES)}
    for run in range(runs):
        for name, asked in sets.items():
            command = [sys.executable, "-m", "bench.ten", str(file), *(["--all"] if name == "all" else [])]
            took, _, said = timed(command, Path(__file__).parents[1], dict(os.environ))
            _nothing(json.loads(said)["result"])
            once[name].append(json.loads(said)["seconds"])
            whole[name].append(took)
            warm[name].append(_warm(servers, asked))
        told, took, _ = opa.run("eval", file, "--metrics")
        _nothing(ten.opa_found(told))
        once["opa"].append(told["metrics"]["timer_rego_query_eval_ns"] / 1e9)
        whole["opa"].append(took)
        many, _, _ = opa.run("bench", file)
        warm["opa"].append(many["T"] / many["N"] / 1e9)
        say(f"  run {run + 1}: once {once['ten'][-1]:.3f} s, all {once['all'][-1]:.3f} s, OPA {once['opa'][-1]:.3f} s")
    number = f"{len(servers):,}"
    rows = []
    for name, rules in sets.items():
        target = "ratio ≤ 3"
        about = f"{'the same' if name == 'ten' else 'all'} {len(rules)} rules"
        rows.append(Row(f"{about}, once", number, "s", target, [once[name], once["opa"]], "after decoding"))
        rows.append(Row(f"{about}, warm", number, "s", target, [warm[name], warm["opa"]], f"mean of {WARM}"))
        rows.append(Row(f"{about}, whole", number, "s", "", [whole[name], whole["opa"]], "whole commands"))
    return rows


def _warm(servers: list[ten.Inputs], rules: list[Any]) -> float:
    begun = time.perf_counter()
    for _ in range(WARM):
        _nothing(ten.ours(servers, rules))
    return (time.perf_counter() - begun) / WARM


def _nothing(found: Iterable[Any]) -> None:
    if wrong := [one for one in found if one[1] != ten.ADVISED]:
        raise FailedError(f"something was found that is not there: {sorted(wrong)[:3]}")


def measure(given: argparse.Namespace, folder: Path, clone: Clone, cloud: Sandbox) -> str:
    """Return the section."""
    checkov = had(lambda: Checkov(folder), "Checkov")
    opa = had(lambda: Opa(folder), "OPA")
    equivalent(checkov, opa, folder)
    audits = Audits(folder, clone, cloud)
    say("audits ...")
    rows = audited(audits, checkov, given.runs, given.runs_of_many) if checkov else []
    say("the rules alone ...")
    more = alone(opa, state.inputs(audits.states["disks"], SERVERS), folder, given.runs) if opa else []
    first = table(rows, "ours", "Checkov") if rows else f"Checkov {NONE}."
    second = table(more, "ours", "OPA") if more else f"OPA {NONE}."
    return f"{INTRODUCTION}\n{first}\n\n{ALONE}\n{second}"


def main() -> None:
    options = argparse.ArgumentParser(
        prog="python -m bench.rules", description=__doc__,
        epilog="The peers are got once: OPA is built by Go, Checkov installed beside the toolchain's cache. Where one cannot be had, "
        "the section says so, and the exit code is 1.",
    )  # fmt: skip
    options.add_argument("--print", action="store_true", help="print the results and leave bench/RESULTS.md alone")
    options.add_argument("--runs", type=int, default=RUNS, help=f"of everything but {MANY:,} servers")
    options.add_argument(
        "--runs-of-many", type=int, default=RUNS_OF_MANY, help=f"of {MANY:,} servers, half a minute each"
    )
    options.add_argument(
        "--profile", type=int, metavar="N", help="print where an audit of N servers spends its time, and stop"
    )
    given = options.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="ecs-bench-") as place:
        folder = Path(place)
        clone = Clone(folder / "clone")
        cloud = Sandbox(clone.cloud)
        cloud.start()
        try:
            cloud.clear()
            if given.profile:
                audits = Audits(folder, clone, cloud)
                arguments = audits.arguments("disks", given.profile)
                sys.stdout.write(audit_parts.told(audits.clone.folder, arguments, audits.environment))
                return
            text = measure(given, folder, clone, cloud)
        finally:
            cloud.stop()
    peers = f"Checkov {python.version('checkov')}, OPA {go.version(ten.PEERS / 'opa', ten.OPA).removeprefix('v')}"
    text = f"{circumstances(load, ('pulumi', 'pulumi-policy'))} {peers}.\n\n{text}"
    publish("The rules", text, only_print=given.print)
    if NONE in text:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except FailedError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
