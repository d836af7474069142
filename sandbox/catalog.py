"""The catalog, built from the table of services.

Only what a catalog needs stands here, so that Keystone can print it without knowing the services' routes.
"""

import hashlib
from typing import NamedTuple

from sandbox.faults import Json


class Entry(NamedTuple):
    """A service as the catalog shows it: its type, its name, and its address below ours."""

    type: str
    name: str
    path: str
    only_ecs: bool = False
    """Whether plain OpenStack does not have it."""


CATALOG = (
    Entry("identity", "keystone", "/identity/v3"),
    Entry("compute", "nova", "/compute/v2.1/{project_id}"),
    Entry("network", "neutron", "/network"),
    Entry("image", "glance", "/image"),
    Entry("block-storage", "cinder", "/volume/v3/{project_id}"),
    Entry("volumev3", "cinderv3", "/volume/v3/{project_id}"),
    Entry("deh", "deh", "/deh/v1.0/{project_id}", only_ecs=True),
)


def catalog(base: str, project_id: str, region: str, *, ecs: bool) -> list[Json]:
    """Return Keystone's catalog for a project, with every address below `base`; `ecs` is whose profile it is."""
    return [
        {
            "id": _stable_id(entry.name),
            "type": entry.type,
            "name": entry.name,
            "endpoints": [
                {
                    "id": _stable_id(entry.name + interface),
                    "interface": interface,
                    "region": region,
                    "region_id": region,
                    "url": base + entry.path.format(project_id=project_id),
                }
                for interface in ("public", "internal", "admin")
            ],
        }
        for entry in CATALOG
        if ecs or not entry.only_ecs
    ]


def _stable_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
