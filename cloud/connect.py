"""How a cloud is reached: by the settings of pulumi-openstack, OS_ variables and clouds.yaml, as that provider does it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal

_AUTH = {
    "authUrl": "auth_url",
    "userName": "username",
    "userId": "user_id",
    "password": "password",
    "token": "token",
    "tenantId": "project_id",
    "tenantName": "project_name",
    "userDomainId": "user_domain_id",
    "userDomainName": "user_domain_name",
    "projectDomainId": "project_domain_id",
    "projectDomainName": "project_domain_name",
    "domainId": "domain_id",
    "domainName": "domain_name",
    "defaultDomain": "default_domain",
    "applicationCredentialId": "application_credential_id",
    "applicationCredentialName": "application_credential_name",
    "applicationCredentialSecret": "application_credential_secret",
}
_OTHER = {"region": "region_name", "cacertFile": "cacert", "cert": "cert", "key": "key"}
READ = (*_AUTH, *_OTHER, "cloud", "insecure", "endpointType")
"""The settings that say how a cloud is reached; the rest of a provider's settings changes nothing about that."""

Kind = Literal["unreachable", "refused", "timeout", "undescribed", "answered"]
"""Why there is no connection: nothing is there, the credentials are refused, no answer in time, no description, another status."""


class UnreachableError(Exception):
    """There is no connection. `reason` is a sentence without secrets, and `kind` lets each caller word its own fix."""

    def __init__(self, reason: str, kind: Kind) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind: Kind = kind


def stated_for_stack(own: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return what the stack's configuration says of its cloud: `ecs:cloud` and so on, else the settings of pulumi-openstack.

    `own` stands in for the `ecs:` settings where somebody has them already. The two are not mixed: a user of the one cloud is
    none of the other.
    """
    try:
        config = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    except ValueError:
        config = {}
    stated = {key: config.get(f"ecs:{key}") for key in READ} if own is None else {key: own.get(key) for key in READ}
    if any(value not in (None, "") for value in stated.values()):
        return stated
    return {key: config.get(f"openstack:{key}") for key in READ}


def shown_name(settings: Mapping[str, object]) -> str:
    """Name the cloud for a message: `the cloud 'dev'`, or its address."""
    cloud = settings.get("cloud") or os.environ.get("OS_CLOUD")
    if isinstance(cloud, str):
        return f"the cloud {cloud!r}"
    address = settings.get("authUrl") or os.environ.get("OS_AUTH_URL")
    return f"the cloud at {address}" if isinstance(address, str) else "the cloud"


def load() -> None:
    """Load the client library, which takes longer than a log-in: a quarter of a second that can pass while nobody waits."""
    with contextlib.suppress(ImportError):
        # Whoever connects is told what is missing.
        import openstack  # noqa: F401


def connect(settings: Mapping[str, object], seconds: float, *, app_name: str) -> Any:
    """Return an authorized openstacksdk connection, on which no request takes longer than `seconds`; raises `UnreachableError`."""
    name = shown_name(settings)
    stated = {key: settings[key] for key in READ if settings.get(key) not in (None, "")}
    cloud = stated.get("cloud") or os.environ.get("OS_CLOUD")
    if cloud is None and "authUrl" not in stated and "OS_AUTH_URL" not in os.environ:
        reason = "there is no cloud to ask: the provider has no `cloud`, no `authUrl`, and no OS_ variable is set"
        raise UnreachableError(reason, "undescribed")
    try:
        import openstack
        from keystoneauth1 import exceptions as auth
        from openstack import exceptions as sdk
    except ImportError as error:
        raise UnreachableError(f"{name} cannot be asked: {error.name} is not installed", "unreachable") from None
    # What these would print of their own on standard error, the error below says better.
    logging.getLogger("keystoneauth").setLevel(logging.CRITICAL)
    logging.getLogger("openstack").setLevel(logging.CRITICAL)
    try:
        connection = openstack.connect(
            cloud=None if cloud is None else str(cloud), **_options(stated), api_timeout=seconds, app_name=app_name
        )
        connection.authorize()
    except (sdk.SDKException, auth.ClientException, OSError, ValueError, TypeError) as error:
        raise _why(error, name, seconds) from None
    return connection


def _why(error: Exception, name: str, seconds: float) -> UnreachableError:
    """Say what happened by its kind alone: the texts of these errors quote addresses and settings."""
    from keystoneauth1 import exceptions as auth

    # The SDK wraps what happened in an error of its own, so the whole chain is looked at.
    chain = tuple(_chain(error))
    if any(isinstance(one, auth.ConnectTimeout) for one in chain):
        return UnreachableError(f"{name} did not answer within {seconds:g} s", "timeout")
    if any(isinstance(one, auth.ConnectFailure | auth.DiscoveryFailure) for one in chain):
        return UnreachableError(f"{name} cannot be reached", "unreachable")
    if any(isinstance(one, auth.Unauthorized | auth.Forbidden) for one in chain):
        return UnreachableError(f"{name} refuses the credentials", "refused")
    if any(isinstance(one, auth.HttpError) for one in chain):
        status = next(one.http_status for one in chain if isinstance(one, auth.HttpError))
        return UnreachableError(f"{name} answered the log-in with {status}", "answered")
    file = os.environ.get("OS_CLIENT_CONFIG_FILE", "clouds.yaml")
    return UnreachableError(
        f"{name} is not described in {file}, or not in full ({type(error).__name__})", "undescribed"
    )


def _options(stated: Mapping[str, object]) -> dict[str, Any]:
    options: dict[str, Any] = {_OTHER[key]: value for key, value in stated.items() if key in _OTHER}
    auth = {_AUTH[key]: value for key, value in stated.items() if key in _AUTH}
    if auth:
        options["auth"] = auth
    if "applicationCredentialSecret" in stated:
        options["auth_type"] = "v3applicationcredential"
    elif "token" in stated:
        options["auth_type"] = "v3token"
    if stated.get("insecure") in (True, "true"):
        options["verify"] = False
    if isinstance(stated.get("endpointType"), str):
        options["interface"] = str(stated["endpointType"]).removesuffix("URL")
    return options


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
