"""Installs the stand-in pins in a process of its own, which a test may kill."""

import importlib.util
import json
import signal
import sys
from pathlib import Path

from toolchain import gobuild
from toolchain.errors import ToolchainError
from toolchain.install import ensure

if __name__ == "__main__":
    # As `ecs toolchain install` does: where the tests run as a background job, the signal is inherited as ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    given = json.loads(sys.argv[1])
    spec = importlib.util.spec_from_file_location("conftest_of_toolchain", Path(__file__).with_name("conftest.py"))
    assert spec is not None
    assert spec.loader is not None
    conftest = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = conftest
    spec.loader.exec_module(conftest)
    gobuild._USUAL = ()
    folder = Path(given["folder"])
    try:
        pins = conftest.stand_in(folder / "sources", given["base"])
        print(ensure(lambda line: print(line, file=sys.stderr, flush=True), pins=pins, cache=folder / "cache").folder)
    except ToolchainError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
