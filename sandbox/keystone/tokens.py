"""Tokens: a name and a password, or an application credential, for a day's access to the one project."""

import hashlib
import hmac
import secrets
from typing import Any

from sandbox.catalog import catalog
from sandbox.clock import micros_zulu
from sandbox.faults import Fault, Json
from sandbox.routing import Answer, Call, Identity, Part, Route
from sandbox.shape import IDENTITY
from sandbox.world import World

_BODY = Part("auth", IDENTITY)
DOMAIN = {"id": "default", "name": "Default"}
ROLES = [
    {"id": "9fe2ff9ee4384b1894a90878d3e92bab", "name": "member"},
    {"id": "5f1f9c0c8a8e4f2d9b7c6d5e4f3a2b1c", "name": "reader"},
]
"""The user's roles; the first one implies the second."""

_MALFORMED = (
    "The server could not comply with the request since it is either malformed or otherwise incorrect. "
    "The client is assumed to be in error."
)
_REFUSED = Fault(401, "The request you have made requires authentication.")


def identify(world: World, token: str) -> Identity | None:
    """Return who holds `token`, or None when it is unknown or over."""
    record = world.store.get("token", _digest(token))
    if record is None or record["expires_at"] <= world.now():
        return None
    return Identity(record["user_id"], record["project_id"], record)


def user(world: World) -> Json:
    """Return the one user."""
    return {
        "id": world.store.note("user_id"),
        "name": world.settings.user,
        "domain": DOMAIN,
        "password_expires_at": None,
    }


def project(world: World) -> Json:
    """Return the one project."""
    return {"id": world.project_id, "name": world.settings.user, "domain": DOMAIN}


def issue(call: Call) -> Answer:
    """POST /auth/tokens: check who asks and give out a token; 401 if it is somebody else."""
    auth = call.part(*_BODY)
    identity = auth.get("identity") or {}
    methods = identity.get("methods") or []
    checks = {"password": _by_password, "token": _by_token, "application_credential": _by_credential}
    if not methods or any(method not in checks for method in methods):
        what = ", ".join(map(str, methods)) or "methods"
        raise Fault(400, f"Expecting to find {what} in identity. {_MALFORMED}")
    proven: Json = {}
    for method in methods:
        proven |= checks[method](call.world, identity.get(method) or {})
    if methods != ["application_credential"]:
        _check_scope(call.world, auth.get("scope"))

    world = call.world
    token = "gAAAAA" + secrets.token_urlsafe(48)
    now = world.now()
    for old in world.store.all("token"):
        if old["expires_at"] <= now:
            world.store.remove("token", old["id"])
    record = {
        "id": _digest(token),
        "user_id": world.store.note("user_id"),
        "project_id": world.project_id,
        "issued_at": now,
        "expires_at": now + world.settings.token_seconds,
        "methods": methods,
        "audit_id": secrets.token_urlsafe(16),
        "roles": ROLES,
        "credential_id": None,
    } | proven
    world.store.add("token", record)
    return Answer(201, {"token": _as_json(call, record)}, {"X-Subject-Token": token, "Vary": "X-Auth-Token"})


def show(call: Call) -> Answer:
    """GET or HEAD /auth/tokens: who holds the token in X-Subject-Token."""
    subject = call.headers.get("x-subject-token", "")
    held = identify(call.world, subject)
    if held is None:
        raise Fault(404, "Could not recognize Fernet token")
    return Answer(200, {"token": _as_json(call, held.token)}, {"X-Subject-Token": subject})


def revoke(call: Call) -> Answer:
    """DELETE /auth/tokens: the token in X-Subject-Token is over."""
    subject = call.headers.get("x-subject-token", "")
    if identify(call.world, subject) is None:
        raise Fault(404, "Could not recognize Fernet token")
    call.world.store.remove("token", _digest(subject))
    return Answer(204)


def _as_json(call: Call, record: Json) -> Json:
    return {
        "methods": record["methods"],
        "user": user(call.world),
        "project": project(call.world),
        "is_domain": False,
        "roles": record.get("roles", ROLES),
        "catalog": catalog(call.base, record["project_id"], call.world.settings.region, ecs=call.world.ecs),
        "audit_ids": [record["audit_id"]],
        "issued_at": micros_zulu(record["issued_at"]),
        "expires_at": micros_zulu(record["expires_at"]),
    } | _credential_json(call, record)


def _credential_json(call: Call, record: Json) -> Json:
    one = call.world.store.get("credential", record.get("credential_id") or "")
    if one is None:
        return {}
    return {"application_credential": {"id": one["id"], "name": one["name"], "restricted": not one["unrestricted"]}}


def _digest(token: str) -> str:
    # The file must not hold what would let its reader in.
    return hashlib.sha256(token.encode()).hexdigest()


def _by_password(world: World, given: Json) -> Json:
    who = given.get("user") or {}
    if who.get("id") is None and not (who.get("domain") or {}):
        raise Fault(400, f"Expecting to find domain in user. {_MALFORMED}")
    named = who.get("id") == world.store.note("user_id") or who.get("name") == world.settings.user
    mask = world.masks.text(str(who.get("password", "")))
    if not (named and hmac.compare_digest(mask, world.password_mask)):
        raise _REFUSED
    return {}


def _by_token(world: World, given: Json) -> Json:
    held = identify(world, str(given.get("id", "")))
    if held is None:
        raise _REFUSED
    if held.token.get("credential_id") is not None:
        why = "Using a delegated token to create another token is not allowed."
        raise Fault(403, f"You are not authorized to perform the requested action: {why}")
    # A token made from a token lives no longer: nobody can stay logged in for ever without the password.
    return {"expires_at": held.token["expires_at"]}


def _by_credential(world: World, given: Json) -> Json:
    if credential_id := given.get("id"):
        missing = Fault(404, f"Could not find Application Credential: {credential_id}.")
        known = world.need("credential", str(credential_id), missing)
    else:
        named = world.store.all("credential", name=given.get("name"))
        if not named:
            raise _REFUSED
        known = named[0]
    mask = world.masks.text(str(given.get("secret", "")))
    ends = known["expires_at"]
    if not hmac.compare_digest(mask, known["secret_mask"]) or (ends is not None and ends <= world.now()):
        raise _REFUSED
    limited = {} if ends is None else {"expires_at": min(ends, world.now() + world.settings.token_seconds)}
    return {"credential_id": known["id"], "roles": known["roles"]} | limited


def _check_scope(world: World, scope: Any) -> None:
    if scope is None:
        return
    wanted = scope.get("project") if isinstance(scope, dict) else None
    if not wanted or (wanted.get("id") != world.project_id and wanted.get("name") != world.settings.user):
        raise _REFUSED


ROUTES = (
    Route("POST", "/auth/tokens", issue, public=True, body=(_BODY,)),
    Route("GET", "/auth/tokens", show),
    Route("HEAD", "/auth/tokens", show),
    Route("DELETE", "/auth/tokens", revoke),
)
