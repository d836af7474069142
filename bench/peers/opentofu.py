"""OpenTofu with the OpenStack provider that the plugin of the toolchain wraps, in a folder of its own: the servers of `bench/servers`."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from bench.engine import FailedError, Preview, children
from bench.peers import go
from bench.processes import ended

PEERS = Path(__file__).parent
TOFU = "github.com/opentofu/opentofu/cmd/tofu"
PROVIDER = "github.com/terraform-provider-openstack/terraform-provider-openstack/v3"
FOREIGN = ("TF_", "OS_")

# A provider of one's own is taken as it is, so nothing is asked of a registry and there is nothing to install.
SETTINGS = """\
provider_installation {{
  dev_overrides {{
    "terraform-provider-openstack/openstack" = "{folder}"
  }}
  direct {{}}
}}
"""


def versions() -> str:
    """Return the versions of both, as the results name them."""
    return f"OpenTofu {go.version(PEERS / 'tofu', TOFU)}, its OpenStack provider {go.version(PEERS / 'openstack', PROVIDER)}"


def planned(said: str) -> tuple[int, int, int] | None:
    """How many resources a plan adds, changes and destroys; None where nothing says so."""
    found = re.search(r"^Plan: (\d+) to add, (\d+) to change, (\d+) to destroy\.", said, re.MULTILINE)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


class OpenTofu:
    """The program, its provider and the servers. Raises `FailedError` where it cannot be built."""

    def __init__(self, folder: Path, cloud: Path) -> None:
        self._tofu, provider = go.built("tofu", TOFU), go.built("openstack", PROVIDER)
        providers, self._work = folder / "providers", folder / "servers"
        providers.mkdir(parents=True)
        self._work.mkdir()
        (providers / "terraform-provider-openstack").symlink_to(provider)
        shutil.copy2(PEERS / "tofu" / "main.tf", self._work)
        settings = folder / "settings.tfrc"
        settings.write_text(SETTINGS.format(folder=providers), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        self._environment = kept | {
            "TF_CLI_CONFIG_FILE": str(settings),
            "CHECKPOINT_DISABLE": "1",
            "OS_CLIENT_CONFIG_FILE": str(cloud / "clouds.yaml"),
        }

    def plan(self, servers: int) -> Preview:
        """Plan so many servers once, of which none is there."""
        command = [str(self._tofu), "plan", "-input=false", "-no-color", f"-var=servers={servers}"]
        before, begun = children(), time.perf_counter()
        run = subprocess.Popen(
            command, cwd=self._work, env=self._environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, processes = ended(run)
        took, used = time.perf_counter() - begun, children() - before
        if run.returncode != 0 or planned(said) != (servers, 0, 0):
            raise FailedError(f"the plan of {servers} servers was not what it must be:\n{said[-2000:]}")
        return Preview(took, used, processes)
