"""How the provider reaches its cloud: by its own settings, else by those of pulumi-openstack in the same stack."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from provider.failure import RefusedError
from provider.properties import Properties
from provider.requests import SECONDS, Requests

ANSWER_SECONDS = 60.0
"""How long one request may take."""

AT_ONCE = 64
"""Connections that are kept open."""

OWN = ("pollSeconds", "retrySeconds", "version", "pluginDownloadURL")


def connected(settings: Properties, tell: Callable[[str], None]) -> Requests:
    """The cloud of the settings (`ecs:cloud`, ...), or of `openstack:cloud` and the other settings of that provider.

    Raises `RefusedError` with why it cannot be reached.
    """
    from cloud.connect import UnreachableError, connect

    stated = {key: value for key, value in settings.items() if key not in OWN}
    if not stated:
        stated = _of_openstack()
    try:
        connection = connect(stated, ANSWER_SECONDS, app_name="ecs-stacks")
    except UnreachableError as error:
        raise RefusedError(str(error)) from None
    _widen(connection)
    return Requests(connection, float(settings.get("retrySeconds") or SECONDS), tell)


def _of_openstack() -> Properties:
    try:
        config = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    except ValueError:
        return {}
    return {key.partition(":")[2]: value for key, value in config.items() if key.startswith("openstack:")}


def _widen(connection: Any) -> None:
    """Let as many requests be under way at once as there are operations."""
    from requests.adapters import HTTPAdapter

    inner = connection.session.session
    for scheme in ("http://", "https://"):
        inner.mount(scheme, HTTPAdapter(pool_connections=8, pool_maxsize=AT_ONCE))
