"""What a start costs: `ecs --help`, loading the components, and a preview of the example stack beside one plain resource."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench.engine import FOREIGN, LEFT, FailedError, Program
from bench.fleet import Clone
from bench.results import Measured, Row, circumstances, publish, table
from bench.targets import Sandbox
from sandbox import daemon

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv" / "bin" / "python"
RUNS = 9

SDK = "import pulumi, pulumi_openstack"
SERVER = "from components.ecs.server import Server; from components.ecs.server_args import ServerArgs"
PYDANTIC = "from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, SecretStr, TypeAdapter"

INTRODUCTION = f"""\
Min / median / max of {RUNS} runs of each, in turn with its peer, with all modules compiled. *Loading* is what comes on top of
`{SDK}` in the same process, in a new process each time. The *example stack* is `stacks/Pulumi.sandbox.yaml`, a first preview of it on
the sandbox by `pulumi preview`; its peer is a first preview of one `openstack.compute.Instance` in a plain program, without a pack and
without a component. With the pack, the peer has the pack of one trivial rule.
"""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def clean(**more: str) -> dict[str, str]:
    """The environment of a command: nothing of whoever measures, and compiled modules are kept."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT and not name.startswith(FOREIGN)}
    return kept | more


def run(command: list[str | Path], environment: Mapping[str, str], folder: Path = ROOT) -> tuple[float, str]:
    """Run a command once; returns its seconds and what it said. Raises `FailedError` where it fails."""
    begun = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    took = time.perf_counter() - begun
    if done.returncode != 0:
        raise FailedError(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return took, done.stdout


def loading(statement: str) -> float:
    """The milliseconds that a statement takes in a new process that has loaded the SDK."""
    code = f"{SDK}; import time; begun = time.perf_counter(); {statement}; print((time.perf_counter() - begun) * 1e3)"
    return float(run([PYTHON, "-c", code], clean())[1])


def commands() -> list[Row]:
    """`ecs --help`, and loading."""
    helps: Measured = [[], []]
    room: Measured = [[], []]
    server: Measured = [[], []]
    for _ in range(RUNS):
        helps[0].append(run([ROOT / ".venv" / "bin" / "ecs", "--help"], clean())[0])
        helps[1].append(run([PYTHON, "-c", "import typer.rich_utils"], clean())[0])
        room[0].append(loading("import components"))
        room[1].append(loading("import pydantic"))
        server[0].append(loading(SERVER))
        server[1].append(loading(PYDANTIC))
    return [
        Row("`ecs --help`", "1", "s", "< 0.2", helps, "peer: loading typer and rich alone"),
        Row("loading `components`", "1", "ms", "≤ 50", room, "peer: `import pydantic`, which loads nothing before it is used"),
        Row("loading `Server` and `ServerArgs`", "1", "ms", "", server, "peer: what they use of pydantic, which is most of it"),
    ]  # fmt: skip


def previews(folder: Path) -> list[Row]:
    """The example stack, without and with the pack."""
    clone = Clone(folder / "clone")
    shutil.copy2(ROOT / "stacks" / "Pulumi.sandbox.yaml", clone.folder / "stacks")
    daemon.start(clone.cloud, build_seconds=0)
    cloud = Sandbox(folder / "cloud")
    try:
        cloud.start()
        cloud.clear()
        clone.ecs("preview", "--stack", "sandbox")
        told = json.loads(run([ROOT / ".venv" / "bin" / "ecs", "env", "sandbox", "--json"], clean(), clone.folder)[1])
        program = Program(folder, folder / "cloud")
        judged = clean(**told)
        pulumi = shutil.which("pulumi", path=told["PATH"]) or "pulumi"
        bare = {key: value for key, value in judged.items() if not key.startswith("PULUMI_OPTION_POLICY_PACK")}
        found: dict[str, Measured] = {"": [[], []], "trivial": [[], []]}
        for _ in range(RUNS):
            for pack, environment in (("", bare), ("trivial", judged)):
                took, said = run(
                    [pulumi, "preview", "--stack", "sandbox", "--non-interactive"], environment, clone.folder
                )
                if " to create" not in said:
                    raise FailedError(f"the preview of the example stack was not what it must be:\n{said[-2000:]}")
                found[pack][0].append(took)
                found[pack][1].append(program.preview(pack, "raw", 1).seconds)
                say(
                    f"  example stack, {'with' if pack else 'without'} a pack: {took:.2f} s, peer {found[pack][1][-1]:.2f} s"
                )
    finally:
        daemon.stop(clone.cloud)
        cloud.stop()
    return [
        Row("preview of the example stack", "1", "s", "ratio ≤ 1.3", found[""], "`pulumi preview`, without a pack"),
        Row("preview of the example stack, whole pack", "1", "s", "", found["trivial"], "peer: with a trivial pack"),
    ]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    options.add_argument("--print", action="store_true", help="print the results and leave bench/RESULTS.md alone")
    given = options.parse_args()
    load = os.getloadavg()
    say("commands and loading ...")
    rows = commands()
    with tempfile.TemporaryDirectory(prefix="ecs-bench-") as place:
        rows += previews(Path(place))
    libraries = ("pulumi", "pulumi-policy", "pulumi-openstack", "openstacksdk", "pydantic", "typer")
    text = f"{circumstances(load, libraries)}\n\n{INTRODUCTION}\n{table(rows, 'ours', 'peer')}"
    publish("A start", text, only_print=given.print)


if __name__ == "__main__":
    main()
