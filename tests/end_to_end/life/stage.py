"""A stack of native resources on a sandbox of its own, and what the cloud must hold when it is as stated."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openstack

from provider.marker import KEY
from sandbox import daemon
from tests.end_to_end.project import Project, Ran, program

IMAGE = "6b344c54-d606-4e1a-a99e-a7d0250c3d14"
OTHER_IMAGE = "10ff4f01-35b6-4209-8397-359cb4475fa0"
NETWORK = "79a68cef-0936-4e21-b1f4-b800ecb70246"
OURS = {"on_failure": "rollback", "deletion_protection": False, "consent": []}
SYSTEM_DISK = 40
"""GB of the system disk that the cloud makes for the flavors and the images here."""

LIMIT = 60.0
"""Seconds after which a test stops waiting for what never comes."""

Json = dict[str, Any]


def disk(name: str, **more: Any) -> Json:
    return {"name": name, "source_type": "blank", "volume_size": 2, "delete_on_termination": True} | more


TYPED = {"source_type": "image", "uuid": IMAGE, "volume_size": 40, "volume_type": "SAS", "delete_on_termination": True}


def server(**more: Any) -> Json:
    """A server with a disk that was made for it to boot from, and one for data."""
    stated = {
        "name": "web", "flavorRef": "s3.medium", "availability_zone": "az1-dc1", "boot": TYPED, "disks": [disk("data")],
        "networks": [{"uuid": NETWORK}], "metadata": {"role": "web"}, "on_image_change": "replace", **OURS,
    }  # fmt: skip
    return {key: value for key, value in (stated | more).items() if value is not None}


def batch(least: int, most: int, **more: Any) -> Json:
    return {
        "name": "pool", "flavorRef": "s3.medium", "availability_zone": "az1-dc1", "imageRef": IMAGE,
        "networks": [{"uuid": NETWORK}], "metadata": {"role": "pool"}, "min_count": least, "max_count": most, **OURS,
    } | more  # fmt: skip


class Stage:
    """The stack, its cloud, and what was in the cloud before."""

    def __init__(self, folder: Path, cloud: Path) -> None:
        daemon.start(cloud, build_seconds=0)
        daemon.reset(cloud)
        self.folder = cloud
        self.project: Project = program("wire", folder, cloud)
        self.project.pack = False
        for key, value in (("cloud", "sandbox"), ("pollSeconds", "0.2"), ("retrySeconds", "20")):
            done = self.project.pulumi("config", "set", f"ecs:{key}", value)
            assert done.code == 0, done.text
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(cloud / "clouds.yaml")
        self.cloud: Any = openstack.connect(cloud="sandbox")
        # A kept connection may be closed just as it is used again.
        for service in (self.cloud.compute, self.cloud.network, self.cloud.block_storage):
            service.connect_retries = 3
        self.stated: list[Json] = []
        self.seeded = {kind: {one["id"] for one in rows} for kind, rows in self._rows().items()}

    def state(self, *resources: Json) -> None:
        """State servers (and batches: those with counts), one by its name each."""
        self.stated = list(resources)
        entries = [
            {
                "name": one.get("_as", "pool" if "max_count" in one else "web"),
                "type": "ecs:compute:ServerBatch" if "max_count" in one else "ecs:compute:Server",
                "inputs": {key: value for key, value in one.items() if not key.startswith("_")},
                **({"timeouts": one["_timeouts"]} if "_timeouts" in one else {}),
            }
            for one in resources
        ]
        (self.project.folder / "resources.json").write_text(json.dumps(entries), encoding="utf-8")

    def up(self, *options: str) -> Ran:
        return self.project.pulumi("up", "--yes", "--skip-preview", *options)

    def healed(self) -> None:
        """One more `up` must end well, and the cloud must then hold what is stated and nothing else."""
        ran = self.up()
        assert ran.code == 0, ran.text
        self.holds_what_is_stated()

    def fault(self, kind: str, **said: Any) -> None:
        daemon.control(self.folder, "POST", "/sandbox/faults", {"kind": kind, **said})

    def no_faults(self) -> None:
        daemon.control(self.folder, "DELETE", "/sandbox/faults")

    def settings(self, **said: Any) -> None:
        daemon.control(self.folder, "PATCH", "/sandbox/settings", said)

    def breaks(self, ident: str, message: str = "The host of the server failed.") -> None:
        """Put a server into ERROR."""
        daemon.control(self.folder, "POST", "/sandbox/breakdowns", {"server": ident, "message": message})

    def met(self) -> int:
        """How often the faults happened."""
        found = daemon.control(self.folder, "GET", "/sandbox/faults")
        return sum(one["met"] for one in found["faults"])

    def killed(self, *command: str, when: Callable[[], bool] | None = None) -> None:
        """Run the engine, and kill -9 it as soon as a fault was met (or `when`); its children must not outlive it."""
        ready = when or (lambda: self.met() > 0)
        running = subprocess.Popen(
            ["pulumi", *command, "--non-interactive"], cwd=self.project.folder, env=self.project.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + LIMIT
        try:
            while not ready() and running.poll() is None:
                assert time.monotonic() < end, "what the run was to be killed at never came"
                time.sleep(0.02)
            assert running.poll() is None, "the run ended before it could be killed"
        finally:
            running.send_signal(signal.SIGKILL)
            running.wait()

    def freed(self) -> None:
        """Take the dead run's lock away, as its message says."""
        done = self.project.pulumi("cancel", "--yes")
        assert done.code == 0, done.text

    def _rows(self) -> dict[str, list[Json]]:
        return {
            "servers": [one.to_dict() for one in self.cloud.compute.servers()],
            "volumes": [one.to_dict() for one in self.cloud.block_storage.volumes()],
            "ports": [one.to_dict() for one in self.cloud.network.ports()],
        }

    def now(self) -> dict[str, list[Json]]:
        """What is in the cloud beyond what was there before."""
        return {
            kind: [one for one in rows if one["id"] not in self.seeded[kind]] for kind, rows in self._rows().items()
        }

    def holds_what_is_stated(self) -> None:
        """Compare the cloud with what is stated, object by object: nothing is missing, double, broken, or left over."""
        rows = self.now()
        names = {one["id"]: "pool" if one["name"].startswith("pool") else one["name"] for one in rows["servers"]}
        seen = {
            "servers": sorted(
                [
                    (
                        names[one["id"]],
                        one["status"],
                        one["flavor"]["original_name"],
                        {key: value for key, value in one["metadata"].items() if key != KEY},
                        len(one["attached_volumes"]),
                    )
                    for one in rows["servers"]
                ],
                key=str,
            ),
            "volumes": sorted(
                (one["size"], one["status"], names.get((one["attachments"] or [{"server_id": None}])[0]["server_id"]))
                for one in rows["volumes"]
            ),
            "ports": sorted((one["network_id"], names.get(one["device_id"], "nobody")) for one in rows["ports"]),
        }
        assert seen == self._wanted()
        assert len({one["name"] for one in rows["servers"]}) == len(rows["servers"])

    def _wanted(self) -> dict[str, list[Any]]:
        servers, volumes, ports = [], [], []
        for one in self.stated:
            for _ in range(one.get("max_count", 1)):
                # Where it boots from an image alone, the cloud makes its system disk.
                disks = [one.get("boot", {"volume_size": SYSTEM_DISK}), *one.get("disks", [])]
                servers.append((one["name"], "ACTIVE", one["flavorRef"], one.get("metadata", {}), len(disks)))
                volumes += [(each["volume_size"], "in-use", one["name"]) for each in disks]
                ports += [(nic["uuid"], one["name"]) for nic in one["networks"]]
        return {"servers": sorted(servers, key=str), "volumes": sorted(volumes), "ports": sorted(ports)}
