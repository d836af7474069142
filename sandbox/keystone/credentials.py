"""Application credentials: a name and a secret that stand for the user, until they end or are deleted."""

import secrets
from datetime import UTC, datetime

from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.keystone.projects import check_user
from sandbox.keystone.tokens import ROLES
from sandbox.routing import Answer, Call, Part, Route
from sandbox.shape import IDENTITY

_BODY = Part("application_credential", IDENTITY)


def create(call: Call) -> Answer:
    """POST /users/{id}/application_credentials; the answer is the only place where the secret ever appears."""
    check_user(call, "create_application_credential")
    wanted = call.part(*_BODY)
    _check_token(call, "managing additional application credentials")
    name = wanted.get("name")
    if not name:
        why = "'' should be non-empty" if name == "" else "'name' is a required property"
        raise Fault(400, f"Invalid input for field/attribute application_credential. {why}")
    if call.world.store.all("credential", name=name):
        why = f"Duplicate entry found with name {name}."
        raise Fault(409, f"Conflict occurred attempting to store application_credential - {why}")
    secret = wanted.get("secret") or secrets.token_urlsafe(64)
    record = {
        "id": secrets.token_hex(16),
        "name": name,
        "description": wanted.get("description"),
        "expires_at": _expiry(call, wanted.get("expires_at")),
        "unrestricted": wanted.get("unrestricted"),
        "roles": _roles(wanted.get("roles")),
        "secret_mask": call.world.masks.text(secret),
    }
    if not (record["unrestricted"] is None or isinstance(record["unrestricted"], bool)):
        raise Fault(400, "Invalid input for field/attribute unrestricted. It is not of type 'boolean'")
    call.world.store.add("credential", record)
    return Answer(201, {"application_credential": {**_as_json(call, record), "secret": secret}})


def _check_token(call: Call, what: str) -> None:
    held = call.identity.token if call.identity else {}
    credential = call.world.store.get("credential", held.get("credential_id") or "")
    if credential is not None and not credential.get("unrestricted"):
        why = f"Using method 'application_credential' is not allowed for {what}."
        raise Fault(403, f"You are not authorized to perform the requested action: {why}")


def _expiry(call: Call, wanted: object) -> float | None:
    if wanted is None:
        return None
    try:
        moment = datetime.fromisoformat(str(wanted))
        # In another zone it may be in a year that cannot be written.
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Fault(400, "Timestamp not in expected format.") from None
    if moment.timestamp() <= call.world.now():
        raise Fault(400, "The 'expires_at' must not be before now.")
    return moment.timestamp()


def _roles(wanted: object) -> list[Json]:
    """Return the roles that a credential has: those that are asked for, and what they imply; all if none is named."""
    if not wanted:
        return ROLES
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise Fault(400, "Invalid input for field/attribute roles. It is not a list of objects.")
    for one in wanted:
        if not any(one.get("id") == role["id"] or one.get("name") == role["name"] for role in ROLES):
            if one.get("name") == "admin":
                why = "Cannot create an application credential with unassigned role"
                raise Fault(400, f"Invalid application credential: {why}")
            raise Fault(404, f"Role {one.get('name') or one.get('id')} is not defined")
    if any(one.get("name") == "member" or one.get("id") == ROLES[0]["id"] for one in wanted):
        return ROLES
    return ROLES[1:]


def index(call: Call) -> Answer:
    """GET /users/{id}/application_credentials."""
    check_user(call, "list_application_credentials")
    name = call.ask("name")
    found = [_as_json(call, one) for one in call.world.store.all("credential") if name in (None, one["name"])]
    links = {"self": call.base + call.path, "next": None, "previous": None}
    return Answer(200, {"application_credentials": found, "links": links})


def show(call: Call) -> Answer:
    """GET /users/{id}/application_credentials/{id}."""
    check_user(call, "get_application_credential")
    return Answer(200, {"application_credential": _as_json(call, _find(call))})


def delete(call: Call) -> Answer:
    """DELETE /users/{id}/application_credentials/{id}; the tokens that it gave out are over too."""
    check_user(call, "delete_application_credential")
    record = _find(call)
    _check_token(call, "managing additional application credentials")
    for token in call.world.store.all("token", credential_id=record["id"]):
        call.world.store.remove("token", token["id"])
    call.world.store.remove("credential", record["id"])
    return Answer(204)


def access_rules(call: Call) -> Answer:
    """GET /users/{id}/access_rules: none."""
    check_user(call, "list_access_rules")
    return Answer(200, {"access_rules": [], "links": {"self": call.base + call.path, "next": None, "previous": None}})


def _find(call: Call) -> Json:
    wanted = call.params["credential_id"]
    return call.world.need("credential", wanted, Fault(404, f"Could not find Application Credential: {wanted}."))


def _as_json(call: Call, record: Json) -> Json:
    ends = record["expires_at"]
    roles = [
        {**role, "domain_id": None, "description": None, "options": {"immutable": True}} for role in record["roles"]
    ]
    return {
        "id": record["id"],
        "name": record["name"],
        "description": record["description"],
        "user_id": call.world.store.note("user_id"),
        "project_id": call.project_id,
        "system": None,
        "expires_at": None if ends is None else micros(ends),
        "unrestricted": record["unrestricted"],
        "roles": roles,
        "links": {"self": f"{call.base}/identity/v3/application_credentials/{record['id']}"},
    }


_PATH = "/users/{user_id}/application_credentials"
ROUTES = (
    Route("POST", _PATH, create, body=(_BODY,)),
    Route("GET", _PATH, index, query=("name",)),
    Route("GET", _PATH + "/{credential_id}", show),
    Route("DELETE", _PATH + "/{credential_id}", delete),
    Route("GET", "/users/{user_id}/access_rules", access_rules),
)
