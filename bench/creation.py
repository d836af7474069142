"""What the creation of single servers costs: N components `Server`, and as many plain instances, on a slow and on a quick sandbox."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.engine import FailedError
from bench.making import Made, Maker, Pace, by_kind, rows, say
from bench.results import Row, circumstances, publish, table

RUNS, LONG = 3, 1
SERVERS, PROFILED = 200, 40
SLOW, QUICK = Pace(answer=0.02, build=5.0), Pace(answer=0.0, build=0.0)
OURS = "paced"
PROFILED_FORMS = (OURS, "raw", "wrapped")

INTRODUCTION = f"""\
Min / median / max of the runs. `pulumi up --skip-preview` of `bench/servers` by the real CLI, without a policy pack, on a sandbox that is
reset before each run: N components `Server`, in a program that calls `set_pace()` as the program of the stacks does, and as many plain
`openstack.compute.Instance`, in turn. On the *slow* cloud every answer takes {SLOW.answer * 1e3:.0f} ms and a server comes up after
{SLOW.build:.0f} s; on the *quick* one nothing takes time but the work itself. The engine makes four resources at once for each core,
unless `--parallel` says otherwise. A component is two resources of the engine, an instance is one, and the engine writes its whole state
anew before and after each resource that it makes: with everything at once that is most of what is left. So there is a fairer peer too:
*wrapped* ones are plain instances, each in a plain component, two resources as well. The provider of the instances looks at a server for
the first time after ten seconds. Calls are all that the sandbox logged, the log-ins too; `python -m bench.creation --profile` tells them
by kind.
"""


def measured(maker: Maker, servers: int, runs: int, long: int) -> list[Row]:
    """Make both forms on the slow cloud and, all at once, on the quick one."""
    wide = ("--parallel", str(servers))
    found: list[Row] = []
    for where, pace, options, times, peer in (
        (", slow cloud", SLOW, (), long, "raw"),
        (", slow cloud", SLOW, wide, runs, "raw"),
        (", quick cloud", QUICK, wide, runs, "raw"),
        (", slow cloud, beside wrapped ones", SLOW, wide, runs, "wrapped"),
    ):
        pair: list[list[Made]] = [[], []]
        for _ in range(times):
            for place, form in enumerate((OURS, peer)):
                pair[place].append(maker.once(form, servers, pace, options))
        if times:
            found += rows(servers, options, pair, {"up": "ratio ≤ 1.0", "calls": "ratio ≤ 1.0"}, where)
    return found


def profile(maker: Maker, servers: int) -> str:
    """What each form asks of the slow cloud for one server, by kind, and what each process uses for it."""
    lines: list[str] = []
    for form in PROFILED_FORMS:
        made = maker.once(form, servers, SLOW, ())
        lines.append(
            f"== {servers} {form}: {made.cost.seconds:.1f} s, {made.cost.cpu:.1f} s of CPU, {len(made.asked)} calls"
        )
        lines += _shares(by_kind(made.asked), servers)
        for role, used in sorted(made.cost.processes.items(), key=lambda one: -one[1].cpu):
            lines.append(f"{used.cpu / servers * 1e3:8.1f} ms of CPU a server, {role}")
    return "\n".join(lines)


def _shares(kinds: Counter[str], servers: int) -> list[str]:
    return [f"{count / servers:8.2f} calls a server, {kind}" for kind, count in kinds.most_common()]


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench.creation", description=__doc__)
    options.add_argument("--print", action="store_true", help="print the results and leave bench/RESULTS.md alone")
    options.add_argument(
        "--profile", action="store_true", help="print what each form asks for a server, and measure nothing else"
    )
    options.add_argument(
        "--servers", type=int, help=f"how many; {SERVERS}, and {PROFILED} of a profile, unless said otherwise"
    )
    options.add_argument("--runs", type=int, default=RUNS, help="with as many at once as there are servers")
    options.add_argument(
        "--long", type=int, default=LONG, help="with eight at once: seven minutes each for 200 servers; 0 for none"
    )
    given = options.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="ecs-bench-") as place:
        maker = Maker(Path(place))
        maker.start()
        try:
            if given.profile:
                sys.stdout.write(f"{profile(maker, given.servers or PROFILED)}\n")
                return 0
            found = measured(maker, given.servers or SERVERS, given.runs, given.long)
        except FailedError as error:
            say(f"error: {error}")
            return 1
        finally:
            maker.stop()
    text = f"{circumstances(load, ('pulumi', 'pulumi-openstack', 'openstacksdk', 'grpcio'))}\n\n{INTRODUCTION}\n"
    text += table(found, "`Server`", "instances")
    publish("Single servers", text, only_print=given.print)
    return 0


if __name__ == "__main__":
    sys.exit(main())
