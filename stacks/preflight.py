"""Before a preview: whether the cloud can be reached, and has what the settings name by id."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pulumi

from cloud.connect import shown_name
from components.ecs.batch_args import BatchNic
from components.ecs.disk import ImageBoot
from components.ecs.nic import NetworkNic, PortNic
from components.inputs import UUID_PATTERN
from components.problems import ArgumentError, Problem
from stacks.asking import LISTED, SECONDS, Answers, Asker, Question
from stacks.settings import BatchSettings, ServerSettings, Settings, StackDisk

FIXES = {
    "unreachable": "Check `auth_url` in {file} and the network; for the sandbox: `ecs sandbox start`",
    "timeout": "Check `auth_url` in {file} and the network, or try again",
    "refused": "Correct `auth` in {file}",
    "undescribed": 'Add it there; for the stack\'s own environment: eval "$(ecs env {stack})"',
    "answered": "Try again, or ask whoever runs the cloud",
}
"""What to do where there is no connection, by why there is none."""


@dataclass(frozen=True)
class Thing:
    """Something of the cloud's that the settings name: what it is, the service, its address there, and how to list others."""

    kind: str
    service: str
    address: str
    name: str
    others: str = ""


def named(settings: Settings) -> Iterator[tuple[str, Thing]]:
    """Each id in the settings, with its path in them (`servers.web.flavor_ref`)."""
    for name, server in settings.servers.items():
        here = f"servers.{name}"
        if isinstance(server.boot, ImageBoot):
            yield f"{here}.boot.image_ref", _image(server.boot.image_ref)
        else:
            yield f"{here}.boot.uuid", _source(server.boot)
        for number, disk in enumerate(server.disks):
            if not isinstance(disk, StackDisk) and disk.source_type != "blank":
                yield f"{here}.disks[{number}].uuid", _source(disk)
        yield from _launched(settings, server, here)
    for name, batch in settings.batches.items():
        here = f"batches.{name}"
        yield f"{here}.image_ref", _image(batch.image_ref)
        yield from _launched(settings, batch, here)


def _launched(settings: Settings, stated: ServerSettings | BatchSettings, here: str) -> Iterator[tuple[str, Thing]]:
    """What a server and a batch have in common."""
    yield f"{here}.flavor_ref", Thing("flavor", "compute", "/flavors", str(stated.flavor_ref), "flavors")
    for number, nic in enumerate(stated.networks):
        path = f"{here}.networks[{number}]"
        if isinstance(nic, PortNic):
            yield f"{path}.port", Thing("port", "network", "/ports", str(nic.port))
        elif isinstance(nic, NetworkNic | BatchNic):
            yield f"{path}.uuid", Thing("network", "network", "/networks", str(nic.uuid), "networks")
    for number, group in enumerate(stated.security_groups):
        if group not in settings.security_groups:
            thing = Thing("security group", "network", "/security-groups", str(group))
            yield f"{here}.security_groups[{number}]", thing
    if stated.key_name is not None and stated.key_name not in settings.key_pairs:
        yield f"{here}.key_name", Thing("key pair", "compute", "/os-keypairs", str(stated.key_name))
    if stated.scheduler_hints is not None and stated.scheduler_hints.group is not None:
        server_group = str(stated.scheduler_hints.group)
        yield f"{here}.scheduler_hints.group", Thing("server group", "compute", "/os-server-groups", server_group)


def _image(image: Any) -> Thing:
    return Thing("image", "image", "/images", str(image), "images")


def _source(disk: Any) -> Thing:
    if disk.source_type == "image":
        return _image(disk.uuid)
    kind = {"volume": "volume", "snapshot": "snapshot"}[disk.source_type]
    return Thing(kind, "block_storage", f"/{kind}s", str(disk.uuid))


def check(settings: Settings, asker: Asker, path: str) -> None:
    """Ask for every distinct id once; raises `ArgumentError` with all that the cloud does not have, or why it cannot be asked.

    A read that fails otherwise (a time-out, a 5xx) is a warning: it says nothing about the settings.
    """
    places: dict[Thing, list[str]] = {}
    for where, thing in named(settings):
        places.setdefault(thing, []).append(where)
    if not places:
        return
    cloud = asker.cloud
    said = asker.ask([_question(thing) for thing in places])
    if said.unreachable is not None:
        raise ArgumentError([_unreachable(cloud, asker.region, *said.unreachable)])
    answers = dict(zip(places, said.there, strict=True))
    problems = [
        Problem(where, f"the cloud {cloud!r} has no {thing.kind} {thing.name!r}", _fix(thing, said)).under(path)
        for thing, there in answers.items()
        if there is False
        for where in places[thing]
    ]
    if problems:
        raise ArgumentError(problems)
    unsure = [f"{thing.kind} {thing.name!r}" for thing, there in answers.items() if there is None]
    if unsure:
        pulumi.log.warn(
            f"not checked, since the cloud {cloud!r} did not answer within {SECONDS:g} s: {', '.join(unsure)}"
        )


def _question(thing: Thing) -> Question:
    name = quote(thing.name, safe="")
    if thing.kind == "security group" and not UUID_PATTERN.fullmatch(thing.name):
        return Question(thing.service, f"{thing.address}?name={name}", "security_groups")
    return Question(thing.service, f"{thing.address}/{name}", others=thing.others)


def _unreachable(cloud: str, region: str | None, reason: str, kind: str) -> Problem:
    file = os.environ.get("OS_CLIENT_CONFIG_FILE", "your clouds.yaml")
    fix = FIXES[kind].format(file=file, stack=pulumi.get_stack())
    wrong = reason.removeprefix(f"{shown_name({'cloud': cloud, 'region': region})} ")
    return Problem(f"cloud {cloud!r}", wrong, fix)


def _fix(thing: Thing, said: Answers) -> str:
    """What to do: where the kind can be listed, with the first few that are there."""
    names = said.others.get(thing.others, [])
    if not names:
        return f"Correct the {thing.kind}"
    more = ", ..." if len(names) == LISTED else ""
    return f"Use one that is there: {', '.join(names[: LISTED - 1])}{more}"


def run(settings: Settings, path: str, asker: Asker | None) -> None:
    """Check the settings against the cloud of the plugin's settings; raises `ArgumentError` as `check` does.

    Only at preview: at `up` the preview has done it. Says so where the plugin is given its credentials in another way than by
    clouds.yaml, which nothing here can read.
    """
    if not pulumi.runtime.is_dry_run():
        return
    if asker is None:
        pulumi.log.info("flavors, images and networks are not checked at preview: no `openstack:cloud` in the settings")
        return
    check(settings, asker, path)
