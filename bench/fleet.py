"""What a fleet costs: a preview of thousands of servers in cells, and of as many in one stack, by the real `ecs` on the sandbox."""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.engine import FailedError
from bench.memory import EVERY, MEBI, watched
from bench.results import Row, circumstances, table, write
from sandbox import daemon

ROOT = Path(__file__).parents[1]
CELL = 500
"""How many servers a cell has."""

SIZES = (500, 1000, 2500, 5000)
AT_ONCE = 2
UNLIMITED = dict.fromkeys(("instances", "cores", "ram", "volumes", "gigabytes", "port"), -1)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWWmQpUe4Fn5sYl0Yv8GyGiPBPtXL0nsZhJ6m1xYH3b operator"
SERVER = """\
      flavor_ref: s3.medium
      availability_zone: az1-dc1
      boot: {image_ref: 6b344c54-d606-4e1a-a99e-a7d0250c3d14}
      networks: [{network: lan}]
      key_name: operator
      metadata: {role: web}
"""

INTRODUCTION = f"""\
A first preview with the whole policy pack, by the real `ecs` on a sandbox whose quotas are unlimited, each once: `ecs preview --all
--parallel {AT_ONCE}` of an environment in cells of {CELL} servers, and as its peer `ecs gate` of as many servers in one stack of the
engine. Every server is two resources, a component and what is in it. CPU is that of all processes; memory is the largest sum of what
they had resident at one time, looked at every {EVERY} s, in which pages that several share are counted for each.
"""


Sizes = dict[int, tuple[float, float, float]]
"""Seconds, seconds of CPU and MiB, by how many servers there are."""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


class Clone:
    """The project in a folder of its own, with one environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "stacks").mkdir(parents=True)
        shutil.copy2(ROOT / "Pulumi.yaml", folder)
        for name in ("__main__.py", "sandbox.passphrase"):
            shutil.copy2(ROOT / "stacks" / name, folder / "stacks")
        (folder / "policy").symlink_to(ROOT / "policy")
        (folder / ".venv").symlink_to(ROOT / ".venv")
        self.cloud = folder / ".ecs" / "sandbox"

    def state(self, servers: int, cells: int) -> None:
        """State an environment of so many servers; without cells it is one stack."""
        names = [f"c{number:02}" for number in range(cells)]
        lines = ["config:", "  openstack:cloud: sandbox", '  openstack:maxRetries: "10"', "  ecs-stacks:inherits: many"]
        lines += [f"  ecs-stacks:cells: [{', '.join(names)}]"] if names else []
        stacks = self.folder / "stacks"
        for link in stacks.glob("Pulumi.fleet.*.yaml"):
            link.unlink()
        (stacks / "Pulumi.fleet.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        many = [
            "config:", "  ecs-stacks:networks:", "    lan: {cidr: 10.0.0.0/16}",
            "  ecs-stacks:key_pairs:", f"    operator: {{public_key: {KEY}}}", "  ecs-stacks:servers:",
        ]  # fmt: skip
        for number in range(servers):
            many.append(f"    web-{number:04}:")
            many += [f"      cell: {names[number * cells // servers]}"] if names else []
            many.append(SERVER.rstrip())
        (stacks / "many.yaml").write_text("\n".join(many) + "\n", encoding="utf-8")
        shutil.rmtree(self.folder / ".ecs" / "state", ignore_errors=True)

    def ecs(self, *arguments: str) -> tuple[str, float, float, float]:
        """Run `ecs`; returns what it said, its seconds, the seconds of CPU of all its processes, and their memory in MiB."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "OS_", "ECS_"))}
        before, begun = _children(), time.perf_counter()
        run = subprocess.Popen(
            [ROOT / ".venv" / "bin" / "ecs", *arguments], cwd=self.folder, env=kept, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        with watched(run.pid) as largest:
            said, _ = run.communicate()
        if run.returncode != 0:
            raise FailedError(f"{' '.join(arguments)} ended with {run.returncode}:\n{said[-3000:]}")
        return said, time.perf_counter() - begun, _children() - before, largest[0] / MEBI


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _measured(clone: Clone, servers: int, *, celled: bool) -> tuple[float, float, float]:
    cells = max(servers // CELL, 1)
    clone.state(servers, cells if celled else 0)
    if celled:
        clone.ecs("cells", "--stack", "fleet", "--write")
        said, *rest = clone.ecs("preview", "--stack", "fleet", "--all", "--parallel", str(AT_ONCE))
        # Each cell has a network with its subnet, and a key pair, of its own.
        planned = f"{min(servers, CELL) + 3} to create"
        told = [
            line for line in said.splitlines() if line.startswith("fleet.c") and f": Passed: {planned}" in line[:40]
        ]
        if len([line for line in told if "(" not in line.partition(":")[0]]) != cells:
            raise FailedError(f"the preview of {servers} servers was not what it must be:\n{said[-2000:]}")
    else:
        said, *rest = clone.ecs("gate", "--stack", "fleet")
        if f"Passed: {servers + 3} to create" not in said:
            raise FailedError(f"the preview of {servers} servers was not what it must be:\n{said[-2000:]}")
    say(
        f"{servers} servers {'in cells' if celled else 'in one stack'}: {rest[0]:.0f} s, {rest[1]:.0f} s of CPU, {rest[2]:.0f} MiB"
    )
    return rest[0], rest[1], rest[2]


def measure(sizes: list[int], largest_peer: int) -> list[Row]:
    """Measure every size, in cells and in one stack."""
    rows: list[Row] = []
    each: Sizes = {}
    peers: Sizes = {}
    with tempfile.TemporaryDirectory(prefix="ecs-bench-") as folder:
        clone = Clone(Path(folder) / "clone")
        daemon.start(clone.cloud, build_seconds=0)
        daemon.control(clone.cloud, "PATCH", "/sandbox/settings", {"quota": UNLIMITED})
        try:
            for servers in sizes:
                ours = each[servers] = _measured(clone, servers, celled=True)
                peer = _measured(clone, servers, celled=False) if servers <= largest_peer else None
                if peer is not None:
                    peers[servers] = peer
                for place, (what, unit) in enumerate((("preview", "s"), ("CPU of a preview", "s"), ("memory", "MiB"))):
                    beside = [peer[place]] if peer else [0.0]
                    cells = max(servers // CELL, 1)
                    rows.append(
                        Row(what, f"{servers:,}", unit, "", [[ours[place]], beside], f"{cells} cell{'s' * (cells > 1)}")
                    )
        finally:
            daemon.stop(clone.cloud)
    rows += _growth(each, peers)
    return rows


def _growth(each: Sizes, peers: Sizes) -> list[Row]:
    """How a server's share grows from the second smallest size to the largest: 1 is linear."""
    if len(each) < 3:  # noqa: PLR2004 - the smallest has one cell, and so nothing beside it
        return []
    small, large = sorted(each)[1], max(each)
    how = f"of {large:,}, divided by that of {small:,}"

    def grown(of: Sizes, place: int, share: float) -> list[float]:
        return [of[large][place] / of[small][place] / share] if small in of and large in of else [0.0]

    share = large / small
    named = (
        ("growth of a server's time", "about 1", 0, share, how),
        ("growth of a server's CPU", "about 1", 1, share, how),
        ("growth of the memory", "does not grow", 2, 1.0, f"{how}; {AT_ONCE} cells at once"),
    )
    return [
        Row(what, f"{large:,}", "times", target, [grown(each, place, by), grown(peers, place, by)], told)
        for what, target, place, by, told in named
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="how many servers")
    parser.add_argument(
        "--largest-peer", type=int, default=max(SIZES), help="the largest size that is measured in one stack too"
    )
    parser.add_argument("--dry", action="store_true", help="print the table and keep the results as they are")
    chosen = parser.parse_args()
    load = os.getloadavg()
    rows = measure(chosen.sizes, chosen.largest_peer)
    told = circumstances(load, ("pulumi", "pulumi-policy", "grpcio"))
    text = f"{told}\n\n{INTRODUCTION}\n{table(rows, 'cells', 'one stack')}"
    sys.stdout.write(f"{text}\n")
    if not chosen.dry:
        write("A fleet", text)


if __name__ == "__main__":
    main()
