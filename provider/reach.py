"""How the provider reaches its cloud: by its settings, which the components take over from those of pulumi-openstack."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import tenacity

from provider.failure import RefusedError
from provider.properties import Properties
from provider.requests import FIRST, LONGEST, SECONDS, Requests

ANSWER_SECONDS = 60.0
"""How long one request may take."""

AT_ONCE = 64
"""Connections that are kept open."""

PASSING = ("unreachable", "timeout", "answered")
"""Why a log-in may work a moment later."""

PLACE = ("cloud", "authUrl", "region", "tenantId", "tenantName")
"""The settings that say which cloud it is, and which project there."""

TIMES = ("pollSeconds", "retrySeconds")
OWN = (*TIMES, "version", "pluginDownloadURL")


def connected(settings: Properties, tell: Callable[[str], None], cancelled: threading.Event) -> Requests:
    """The cloud of the settings; a log-in that goes wrong in passing is tried again, as every request is.

    Raises `RefusedError` with why it cannot be reached.
    """
    from cloud.connect import UnreachableError, connect

    stated = {key: value for key, value in settings.items() if key not in OWN}
    seconds = float(settings.get("retrySeconds") or SECONDS)
    trying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, UnreachableError) and error.kind in PASSING),
        stop=tenacity.stop_before_delay(seconds),
        wait=tenacity.wait_random_exponential(multiplier=FIRST, max=LONGEST),
        sleep=tenacity.sleep_using_event(cancelled),
        before_sleep=lambda state: tell(f"{state.outcome.exception() if state.outcome else ''}; trying again"),
        reraise=True,
    )
    try:
        connection = trying(connect, stated, ANSWER_SECONDS, app_name="ecs-stacks")
    except UnreachableError as error:
        raise RefusedError(str(error)) from None
    _widen(connection)
    return Requests(connection, seconds, tell)


def where(settings: Properties) -> tuple[str, ...]:
    """Which cloud, region and project the settings mean: what clouds.yaml says of the name, else the settings themselves."""
    from keystoneauth1 import exceptions as auth_errors
    from openstack import exceptions as sdk
    from openstack.config import OpenStackConfig

    own = tuple(str(settings.get(key) or "") for key in PLACE)
    cloud = settings.get("cloud")
    if not cloud:
        return own
    try:
        found = OpenStackConfig().get_one(cloud=cloud, region_name=settings.get("region"))
    except (sdk.SDKException, auth_errors.ClientException, OSError, ValueError):
        return own
    auth = found.config.get("auth") or {}
    project = auth.get("project_id") or auth.get("project_name") or auth.get("tenant_name")
    return tuple(str(one or "") for one in (auth.get("auth_url"), found.config.get("region_name"), project))


def _widen(connection: Any) -> None:
    """Let as many requests be under way at once as there are operations."""
    from requests.adapters import HTTPAdapter

    inner = connection.session.session
    for scheme in ("http://", "https://"):
        inner.mount(scheme, HTTPAdapter(pool_connections=8, pool_maxsize=AT_ONCE))
