"""What a batch costs, beside as many plain instances: the real CLI on a sandbox whose answers take as long as a network does."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bench.engine import FailedError
from bench.making import Made, Maker, Pace, rows, say
from bench.results import Row, circumstances, publish, table

RUNS, LONG = 3, 1
SERVERS = 500
PACE = Pace(answer=0.02, build=5.0)

INTRODUCTION = f"""\
Min / median / max of the runs. `pulumi up --skip-preview` of `bench/servers` by the real CLI, without a policy pack, on a sandbox that is
reset before each run: one `ServerBatch`, and as many plain `openstack.compute.Instance`, in turn. Every answer of the cloud takes
{PACE.answer * 1e3:.0f} ms, and a server comes up after {PACE.build:.0f} s. The ratio is the batch's median divided by the instances'.
Calls are all that the sandbox logged, the log-ins too. The engine makes four resources at once for each core, unless `--parallel` says
otherwise: with as many at once as there are instances, only their own pace is left, which is the least that they can take. What takes
long is made fewer times, as each row says. *Beside `Server`* the peer is N components of this project, each a server of its own.
"""

SINGLE = ", beside `Server`"
TARGETS = {"up": "ratio ≤ 0.20", "calls": "ratio ≤ 0.05", "creations": "1", "looks at one server": "none"}


def measured(maker: Maker, servers: int, runs: int, long: int) -> list[Row]:
    """Make a batch and as many single ones: as the engine does by itself, and with as many at once as there are servers."""
    wide = ("--parallel", str(servers))
    found: list[Row] = []
    for options, peer, times, where in (((), "raw", long, ""), (wide, "raw", runs, ""), (wide, "paced", long, SINGLE)):
        pair: list[list[Made]] = [[], []]
        for _ in range(times):
            for place, form in enumerate(("batch", peer)):
                pair[place].append(maker.once(form, servers, PACE, options))
        if times:
            found += rows(servers, options, pair, TARGETS, where)
    return found


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench.batch", description=__doc__)
    options.add_argument("--print", action="store_true", help="print the results and leave bench/RESULTS.md alone")
    options.add_argument("--servers", type=int, default=SERVERS, help=f"how many; {SERVERS} unless said otherwise")
    options.add_argument("--runs", type=int, default=RUNS, help="with as many at once as there are servers")
    options.add_argument(
        "--long",
        type=int,
        default=LONG,
        help="of what takes long, such as 500 plain instances by eight: ten minutes; 0 for none",
    )
    given = options.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="ecs-bench-") as place:
        maker = Maker(Path(place))
        maker.start()
        try:
            found = measured(maker, given.servers, given.runs, given.long)
        except FailedError as error:
            say(f"error: {error}")
            return 1
        finally:
            maker.stop()
    text = f"{circumstances(load, ('pulumi', 'pulumi-openstack', 'openstacksdk', 'grpcio'))}\n\n{INTRODUCTION}\n"
    text += table(found, "batch", "instances")
    publish("A batch", text, only_print=given.print)
    return 0


if __name__ == "__main__":
    sys.exit(main())
