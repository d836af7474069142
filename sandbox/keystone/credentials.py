"""Application credentials: a name and a secret that stand for the user, until they are deleted."""

import secrets

from sandbox.faults import Fault, Json
from sandbox.keystone.tokens import ROLES
from sandbox.routing import Answer, Call, Route
from sandbox.shape import IDENTITY


def create(call: Call) -> Answer:
    """POST /users/{id}/application_credentials; the answer is the only place where the secret ever appears."""
    wanted = call.part("application_credential", IDENTITY)
    if not wanted.get("name"):
        raise Fault(400, "'name' is a required property")
    secret = wanted.get("secret") or secrets.token_urlsafe(48)
    record = {
        "id": secrets.token_hex(16),
        "name": wanted["name"],
        "description": wanted.get("description"),
        "expires_at": wanted.get("expires_at"),
        "secret_mask": call.world.masks.text(secret),
    }
    call.world.store.add("credential", record)
    return Answer(201, {"application_credential": {**_as_json(call, record), "secret": secret}})


def index(call: Call) -> Answer:
    """GET /users/{id}/application_credentials."""
    name = call.ask("name")
    found = [_as_json(call, one) for one in call.world.store.all("credential") if name in (None, one["name"])]
    return Answer(200, {"application_credentials": found, "links": {"next": None}})


def show(call: Call) -> Answer:
    """GET /users/{id}/application_credentials/{id}."""
    return Answer(200, {"application_credential": _as_json(call, _find(call))})


def delete(call: Call) -> Answer:
    """DELETE /users/{id}/application_credentials/{id}."""
    call.world.store.remove("credential", _find(call)["id"])
    return Answer(204)


def _find(call: Call) -> Json:
    wanted = call.params["credential_id"]
    return call.world.need("credential", wanted, Fault(404, f"Could not find Application Credential: {wanted}."))


def _as_json(call: Call, record: Json) -> Json:
    shown = {key: record[key] for key in ("id", "name", "description", "expires_at")}
    return {**shown, "project_id": call.project_id, "roles": ROLES, "unrestricted": False, "system": None}


_PATH = "/users/{user_id}/application_credentials"
ROUTES = (
    Route("POST", _PATH, create),
    Route("GET", _PATH, index),
    Route("GET", _PATH + "/{credential_id}", show),
    Route("DELETE", _PATH + "/{credential_id}", delete),
)
