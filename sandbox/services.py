"""The table of services: where each one lives, how it refuses, and which routes it has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox import versions
from sandbox.checked import checked
from sandbox.cinder import actions as cinder_actions
from sandbox.cinder import around as cinder_around
from sandbox.cinder import backups, snapshots, types, volumes
from sandbox.cinder import metadata as cinder_metadata
from sandbox.cinder import quotas as cinder_quotas
from sandbox.deh import hosts as deh_hosts
from sandbox.faults import Renderer, glance_body, keystone_body, neutron_body, nova_body
from sandbox.glance import around as glance_around
from sandbox.glance import changes, images
from sandbox.keystone import credentials, projects, tokens
from sandbox.neutron import around as neutron_around
from sandbox.neutron import floatingips, networks, ports, routers, security, subnets
from sandbox.neutron import quotas as neutron_quotas
from sandbox.nova import (
    actions,
    attachments,
    create,
    flavors,
    groups,
    history,
    interfaces,
    keypairs,
    metadata,
    servers,
    zones,
)
from sandbox.nova import around as nova_around
from sandbox.nova import quotas as nova_quotas
from sandbox.routing import Route, Router
from sandbox.versions import Api, documents
from sandbox.world import Version, World

Negotiate = Callable[[World, dict[str, str]], Version]


@dataclass(frozen=True)
class Service:
    """One service: `root` is where its version list lives, `mounts` where its routes are served from.

    `projects` says whether a project id may stand between the mount and the route.
    """

    name: str
    root: str
    mounts: tuple[str, ...]
    refuse: Renderer
    documents: Router
    routes: Router
    projects: bool = False
    negotiate: Negotiate | None = None
    header: Literal["", "compute", "volume"] = ""
    """The word for this service in `OpenStack-API-Version`."""
    only_ecs: bool = False
    """Whether only the document's cloud has it."""


def _service(root: str, apis: tuple[Api, ...], routes: tuple[Route, ...], **rest: object) -> Service:
    single = root != "/network"
    return Service(
        root=root,
        mounts=tuple(root + api.path for api in apis),
        documents=Router(documents(root, apis, single=single)),
        routes=Router(routes),
        **rest,  # type: ignore[arg-type]
    )


def _checked(*routes: Route) -> tuple[Route, ...]:
    return tuple(checked(route) for route in routes)


SERVICES = (
    _service(
        "/identity",
        (Api("v3.14", "/v3"),),
        (*tokens.ROUTES, *projects.ROUTES, *credentials.ROUTES),
        name="identity",
        refuse=keystone_body,
    ),
    _service(
        "/compute",
        (Api("v2.0", "/v2"), Api("v2.1", "/v2.1", microversions=True)),
        _checked(
            *create.ROUTES,
            *servers.ROUTES,
            *actions.ROUTES,
            *metadata.ROUTES,
            *interfaces.ROUTES,
            *attachments.ROUTES,
            *flavors.ROUTES,
            *keypairs.ROUTES,
            *groups.ROUTES,
            *zones.ROUTES,
            *history.ROUTES,
            *nova_around.ROUTES,
            *nova_quotas.ROUTES,
        ),
        name="compute",
        refuse=nova_body,
        projects=True,
        negotiate=versions.compute_version,
        header="compute",
    ),
    _service(
        "/network",
        (Api("v2.0", "/v2.0"),),
        (
            *networks.ROUTES,
            *subnets.ROUTES,
            *ports.ROUTES,
            *security.ROUTES,
            *routers.ROUTES,
            *floatingips.ROUTES,
            *neutron_quotas.ROUTES,
            *neutron_around.ROUTES,
        ),
        name="network",
        refuse=neutron_body,
    ),
    _service(
        "/image",
        (Api("v2.9", "/v2"),),
        (*images.ROUTES, *changes.ROUTES, *glance_around.ROUTES),
        name="image",
        refuse=glance_body,
    ),
    _service(
        "/volume",
        (Api("v3.0", "/v3", microversions=True),),
        _checked(
            *volumes.ROUTES,
            *cinder_actions.ROUTES,
            *cinder_metadata.ROUTES,
            *snapshots.ROUTES,
            *backups.ROUTES,
            *types.ROUTES,
            *cinder_quotas.ROUTES,
            *cinder_around.ROUTES,
        ),
        name="volume",
        refuse=nova_body,
        projects=True,
        negotiate=versions.volume_version,
        header="volume",
    ),
    _service(
        "/deh", (Api("v1.0", "/v1.0"),), deh_hosts.ROUTES, name="deh", refuse=nova_body, projects=True, only_ecs=True
    ),
)
"""Every service, in no particular order: their roots differ."""
