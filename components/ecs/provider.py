"""How the native provider reaches its cloud: by settings of its own, or by those of pulumi-openstack in the same stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.config import is_config_secret

from components.problems import ArgumentError, Problem

SETTINGS = (
    "authUrl", "userName", "userId", "password", "token", "tenantId", "tenantName", "userDomainId", "userDomainName",
    "projectDomainId", "projectDomainName", "domainId", "domainName", "defaultDomain", "applicationCredentialId",
    "applicationCredentialName", "applicationCredentialSecret", "region", "cacertFile", "cert", "key", "cloud", "insecure",
    "endpointType",
)  # fmt: skip
"""The settings that both providers have, as pulumi-openstack spells them."""

OWN = ("pollSeconds", "retrySeconds")
_SECRET = ("password", "token", "applicationCredentialSecret", "key")

_of_stack: WeakKeyDictionary[pulumi.Resource, Provider] = WeakKeyDictionary()


class Provider(pulumi.ProviderResource):
    """The provider `ecs` with settings of its own: those of `openstack.Provider`, and two more.

    `pollSeconds` is how often a server is looked at while it is built (2), `retrySeconds` how long a request is tried again that the
    cloud turns away or does not answer (120). The settings may be Outputs.
    """

    def __init__(self, name: str, settings: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        unknown = [key for key in settings if key not in (*SETTINGS, *OWN)]
        if unknown:
            fix = f"Use one of {', '.join((*SETTINGS, *OWN))}"
            raise ArgumentError([Problem(f"provider {name!r}.{key}", "is not a known setting", fix) for key in unknown])
        props = {key: pulumi.Output.secret(value) if key in _SECRET else value for key, value in settings.items()}
        super().__init__("ecs", name, props, opts)


def native_provider(
    component: pulumi.ComponentResource, opts: pulumi.ResourceOptions | None, path: str
) -> Provider | None:
    """The provider for a component's native child: None for one that its options give, else the stack's own.

    That one has the settings `openstack:*` of the stack's configuration, or `ecs:*` where there are any. Raises `ArgumentError` where the
    options name a provider of pulumi-openstack alone: the child would be made in another cloud than its author meant.
    """
    given = _packages(component, opts)
    if "ecs" in given:
        return None
    if "openstack" in given:
        fix = "Give `providers=[..., components.ecs.provider.Provider(...)]` with the same settings as well"
        raise ArgumentError(
            [Problem(path, "is given a provider of `openstack` and none of `ecs`, which makes it", fix)]
        )
    root = pulumi.runtime.get_root_resource()
    if root is None:
        return None
    if root not in _of_stack:
        settings = _configured()
        if settings is None:
            return None
        _of_stack[root] = Provider("ecs", settings)
    return _of_stack[root]


def _configured() -> dict[str, Any] | None:
    """The settings of pulumi-openstack; None where `ecs:*` says more, which the engine hands to the provider itself."""
    ours, theirs = pulumi.Config("ecs"), pulumi.Config("openstack")
    if any(ours.get(key) for key in SETTINGS):
        return None
    found: dict[str, Any] = {key: value for key in SETTINGS if (value := theirs.get(key))}
    hidden = {key: theirs.get_secret(key) for key in found if is_config_secret(f"openstack:{key}")}
    return found | hidden | {key: value for key in OWN if (value := ours.get(key))}


def _packages(component: pulumi.ComponentResource, opts: pulumi.ResourceOptions | None) -> set[str]:
    known = set(getattr(component, "_providers", {}) or {})
    if opts is not None and opts.provider is not None:
        known.add(opts.provider.package)
    return known
