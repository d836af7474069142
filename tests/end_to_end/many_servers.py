"""A stack of fifty servers and a batch that changes at random, and the cloud compared with it object by object."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import yaml

from provider.marker import KEY
from tests.end_to_end.takeover_clone import Clone

IMAGES = ("b023fe17-11db-4efb-b800-78882a0e394b", "6b344c54-d606-4e1a-a99e-a7d0250c3d14")
FLAVORS = ("s3.medium", "s3.xlarge.2")
SERVERS = 50
MEMBERS = 5
SYSTEM_DISK = 40
"""GB of the system disk that the cloud makes of an image."""

Json = dict[str, Any]


def _server(number: int) -> Json:
    """Every fifth boots from a disk of a type of its own and has one for data; every seventh has an address of its own."""
    more: Json = {}
    if number % 5 == 0:
        more["boot"] = {
            "source_type": "image", "uuid": IMAGES[0], "volume_size": 40, "volume_type": "SAS", "delete_on_termination": True,
        }  # fmt: skip
        more["disks"] = [_disk(2)]
    else:
        more["boot"] = {"image_ref": IMAGES[0]}
    # On a network of their own: the cloud gives the next free address to the others, which may be a stated one.
    nic = {"network": "still", "fixed_ip": f"10.21.0.{100 + number}"} if number % 7 == 0 else {"network": "lan"}
    group = {"scheduler_hints": {"server_group": "spread"}} if number in (1, 2) else {}
    return {
        "flavor_ref": FLAVORS[0], "availability_zone": "az1-dc1", "networks": [nic], "security_groups": ["web"],
        "key_name": "operator", "metadata": {"role": "web"}, **more, **group,
    }  # fmt: skip


def _disk(size: int) -> Json:
    return {
        "name": "data", "source_type": "blank", "volume_size": size, "volume_type": "SSD", "delete_on_termination": True,
    }  # fmt: skip


@dataclass
class Stack:
    """What is stated now: servers by name, and how many members the batch has (0: there is none)."""

    servers: dict[str, Json] = field(default_factory=dict)
    members: int = 0

    def everything(self) -> str:
        """State all fifty and the batch, as they are at first; but no disk shrinks."""
        had = self.servers
        self.servers = {f"web-{number:02}": _server(number) for number in range(SERVERS)}
        for name, one in self.servers.items():
            if "disks" in one and (before := had.get(name, {}).get("disks")):
                one["disks"] = before
        self.members = MEMBERS
        return "everything"

    def nothing(self) -> str:
        """State no server and no batch."""
        self.servers, self.members = {}, 0
        return "nothing"

    def change(self, draw: random.Random) -> str:
        """Scale the batch, and for some of the fifty: take away, bring back, replace, resize, another disk, other metadata."""
        self.members = draw.randint(3, 8)
        told = [f"{self.members} members"]
        for number in range(SERVERS):
            name, what = (
                f"web-{number:02}",
                draw.choice(("delete", "replace", "resize", "disk", "metadata", *["no"] * 8)),
            )
            if name not in self.servers:
                self.servers[name] = _server(number)
                told.append(f"{name} back")
            elif what != "no":
                told.append(f"{name} {what}")
                self._change(name, what)
        return ", ".join(told)

    def _change(self, name: str, what: str) -> None:
        server = self.servers[name]
        if what == "delete":
            del self.servers[name]
        elif what == "replace":
            boot = server["boot"]
            key = "image_ref" if "image_ref" in boot else "uuid"
            server["boot"] = {**boot, key: _other(IMAGES, boot[key])}
        elif what == "resize":
            server["flavor_ref"] = _other(FLAVORS, server["flavor_ref"])
        elif what == "disk":
            had = server.get("disks")
            server["disks"] = [_disk(2)] if not had else [_disk(3)] if had[0]["volume_size"] == 2 else []
        else:
            server["metadata"] = {"role": "web", "seen": name}

    def write(self, clone: Clone) -> None:
        """Put it into the stack's settings; what is no server stays as the first writing made it."""
        file = clone.folder / "stacks" / "Pulumi.sandbox.yaml"
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
        settings["config"] |= {
            "ecs-stacks:networks": {"lan": {"cidr": "10.20.0.0/24"}, "still": {"cidr": "10.21.0.0/24"}},
            "ecs-stacks:security_groups": {"web": {"rules": [{"protocol": "tcp", "port": 22, "remote": "10.0.0.0/8"}]}},
            "ecs-stacks:server_groups": {"spread": {}},
            "ecs-stacks:key_pairs": {
                "operator": {
                    "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEWWmQpUe4Fn5sYl0Yv8GyGiPBPtXL0nsZhJ6m1xYH3b x"
                }
            },
            "ecs-stacks:servers": self.servers,
            "ecs-stacks:batches": {"pool": self._batch()} if self.members else {},
        }
        file.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

    def _batch(self) -> Json:
        return {
            "flavor_ref": FLAVORS[0], "availability_zone": "az1-dc1", "image_ref": IMAGES[1], "networks": [{"network": "lan"}],
            "security_groups": ["web"], "min_count": 2, "max_count": self.members, "metadata": {"role": "pool"},
        }  # fmt: skip

    def wanted(self) -> list[Any]:
        """Each server as the cloud has to show it."""
        found = [
            (
                name,
                "ACTIVE",
                one["flavor_ref"],
                one["metadata"],
                sorted([SYSTEM_DISK, *(disk["volume_size"] for disk in one.get("disks", []))]),
                1,
                one["networks"][0].get("fixed_ip"),
            )
            for name, one in self.servers.items()
        ]
        pool = [("pool", "ACTIVE", FLAVORS[0], {"role": "pool"}, [SYSTEM_DISK], 1, None)] * self.members
        return sorted([*found, *pool], key=str)


class Cloud:
    """The cloud of a clone, without what was in it at first."""

    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._before = {key: {one["id"] for one in rows} for key, rows in self._all().items()}

    def _all(self) -> dict[str, list[Json]]:
        asked = {
            "servers": ("compute", "/servers/detail"),
            "volumes": ("block_storage", "/volumes/detail"),
            "ports": ("network", "/ports"),
        }
        return {
            key: getattr(self._clone.connection, service).get(path).json()[key]
            for key, (service, path) in asked.items()
        }

    def now(self) -> dict[str, list[Json]]:
        """The servers, disks and ports that came since."""
        return {key: [one for one in rows if one["id"] not in self._before[key]] for key, rows in self._all().items()}

    def holds(self, stack: Stack) -> None:
        """Compare it with what is stated and with what the state knows: nothing is missing, double, broken or left over."""
        rows = self.now()
        disks = {one["id"]: one for one in rows["volumes"]}
        nics: dict[str, list[Json]] = {}
        for port in rows["ports"]:
            nics.setdefault(port["device_id"], []).append(port)
        addresses = {name: one["networks"][0].get("fixed_ip") for name, one in stack.servers.items()}
        seen = []
        for one in rows["servers"]:
            name = "pool" if one["name"].startswith("pool") else one["name"]
            metadata = {key: value for key, value in one["metadata"].items() if key != KEY}
            sizes = sorted(disks.pop(disk["id"])["size"] for disk in one["os-extended-volumes:volumes_attached"])
            ports = nics.pop(one["id"], [])
            ips = [place["ip_address"] for port in ports for place in port["fixed_ips"]]
            fixed = addresses.get(name) if addresses.get(name) in ips else None
            seen.append((name, one["status"], _flavor(one), metadata, sizes, len(ports), fixed))
        wanted = stack.wanted()
        assert [one for one in seen if one not in wanted] == [], "what is not stated"
        assert sorted(seen, key=str) == wanted
        assert len({one["name"] for one in rows["servers"]}) == len(rows["servers"])
        assert disks == {}, "disks are left over"
        assert nics == {}, "ports are left over"
        self._known(rows)

    def _known(self, rows: dict[str, list[Json]]) -> None:
        """Every id is in the state, once, and the state has no other."""
        state = self._clone.latest()
        resources = state["resources"]
        assert not state.get("pending_operations")
        assert not [one["urn"] for one in resources if one.get("delete") or one.get("pendingReplacement")]
        servers = [one for one in resources if one["type"] == "ecs:compute:Server"]
        batches = [one for one in resources if one["type"] == "ecs:compute:ServerBatch"]
        ids = [one["id"] for one in servers] + [each["id"] for one in batches for each in one["outputs"]["members"]]
        assert sorted(ids) == sorted(one["id"] for one in rows["servers"])
        broken = [one["urn"] for one in (*servers, *batches) if one.get("initErrors")]
        assert broken == []
        for type_, made in self._clone.made().items():
            if "volume:" in type_ or "port:" in type_:
                continue
            stated = {one["id"] for one in resources if one["type"] == type_}
            # A group comes with two rules of the cloud's own.
            assert len(stated) == (2 if type_.endswith((":Network", ":Subnet")) else 1), f"{type_}: {stated}"
            assert stated <= made, f"{type_}: {stated} is not all in the cloud: {made}"
            assert len(made - stated) == (2 if type_.endswith(":SecGroupRule") else 0), f"{type_}: {made - stated}"


def _flavor(server: Json) -> str:
    return str(server["flavor"].get("id") or server["flavor"].get("original_name"))


def _other(choices: tuple[str, ...], one: str) -> str:
    return next(each for each in choices if each != one)
