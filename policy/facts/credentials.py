"""How a cloud is reached: as the resource's own provider would, from its settings, OS_ variables and clouds.yaml."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

from policy.facts.asking import SilentError
from policy.unknown import UNKNOWN

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
"""The provider's settings that say how its cloud is reached; the rest changes nothing about a read."""


def stated_for_stack() -> dict[str, object]:
    """Return what the stack's configuration says of its cloud (`openstack:cloud`): for a component, which has no provider of its own."""
    try:
        config = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    except ValueError:
        return {}
    return {key: config.get(f"openstack:{key}") for key in READ}


def shown_name(settings: Mapping[str, object]) -> str:
    """Name the cloud for a message: `the cloud 'dev'`, or its address."""
    cloud = settings.get("cloud") or os.environ.get("OS_CLOUD")
    if isinstance(cloud, str):
        return f"the cloud {cloud!r}"
    address = settings.get("authUrl") or os.environ.get("OS_AUTH_URL")
    return f"the cloud at {address}" if isinstance(address, str) else "the cloud"


def connect(settings: Mapping[str, object], seconds: float) -> Any:
    """Return an authorized openstacksdk connection; raises `SilentError` with why there is none."""
    name = shown_name(settings)
    unknown = [key for key in READ if settings.get(key) is UNKNOWN]
    if unknown:
        raise SilentError(f"{name} cannot be asked before apply: {', '.join(unknown)} of its provider is not known yet")
    stated = {key: settings[key] for key in READ if settings.get(key) not in (None, "")}
    cloud = stated.get("cloud") or os.environ.get("OS_CLOUD")
    if cloud is None and "authUrl" not in stated and "OS_AUTH_URL" not in os.environ:
        raise SilentError(
            "there is no cloud to ask: the provider has no `cloud`, no `authUrl`, and no OS_ variable is set"
        )
    try:
        import openstack
        from keystoneauth1 import exceptions as auth
        from openstack import exceptions as sdk
    except ImportError as error:
        raise SilentError(f"{name} cannot be asked: {error.name} is not installed") from None
    logging.getLogger("keystoneauth").setLevel(logging.CRITICAL)
    logging.getLogger("openstack").setLevel(logging.CRITICAL)
    try:
        connection = openstack.connect(
            cloud=None if cloud is None else str(cloud), **_options(stated), api_timeout=seconds, app_name="ecs-stacks"
        )
        connection.authorize()
    except (sdk.SDKException, auth.ClientException, OSError, ValueError, TypeError) as error:
        # The texts of these errors quote addresses and settings, so only their kind is told.
        chain = tuple(_chain(error))
        if any(isinstance(one, auth.ConnectTimeout) for one in chain):
            raise SilentError(f"{name} did not answer within {seconds:g} s") from None
        if any(isinstance(one, auth.ConnectFailure | auth.DiscoveryFailure) for one in chain):
            raise SilentError(f"{name} cannot be reached") from None
        if any(isinstance(one, auth.Unauthorized | auth.Forbidden) for one in chain):
            raise SilentError(f"{name} refuses the credentials") from None
        if any(isinstance(one, auth.HttpError) for one in chain):
            status = next(one.http_status for one in chain if isinstance(one, auth.HttpError))
            raise SilentError(f"{name} answered the log-in with {status}") from None
        file = os.environ.get("OS_CLIENT_CONFIG_FILE", "clouds.yaml")
        raise SilentError(f"{name} is not described in {file}, or not in full ({type(error).__name__})") from None
    return connection


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
