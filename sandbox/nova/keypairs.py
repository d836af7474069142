"""Key pairs."""

import base64
import binascii
import hashlib

from sandbox.checked import body_of
from sandbox.clock import micros
from sandbox.faults import Fault, Json
from sandbox.nova import sshkey
from sandbox.routing import Answer, Call, Route
from sandbox.world import World


def keypair_record(world: World, name: str, public_key: str) -> Json:
    """Return a new key pair, not yet filed; raises a `Fault` (400) for what is no public key."""
    try:
        blob = base64.b64decode(public_key.split()[1], validate=True)
    except (IndexError, binascii.Error, ValueError):
        raise Fault(400, "Keypair data is invalid: failed to generate fingerprint") from None
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    fingerprint = ":".join(digest[place : place + 2] for place in range(0, 32, 2))
    return {"id": name, "name": name, "public_key": public_key, "fingerprint": fingerprint, "created_at": world.now()}


def create(call: Call) -> Answer:
    """POST /os-keypairs: import a public key, or make a pair whose private key is told once and never kept."""
    wanted = body_of(call, "keypair")
    name = wanted["name"]
    if call.world.store.get("keypair", name):
        raise Fault(409, f"Key pair '{name}' already exists.")
    secret = {}
    public_key = wanted.get("public_key")
    if public_key is None:
        pair = sshkey.generate(name)
        public_key, secret = pair.public, {"private_key": pair.private}
    record = call.world.store.add("keypair", keypair_record(call.world, name, public_key))
    status = 201 if call.version >= (2, 2) else 200
    return Answer(status, {"keypair": _as_json(call, record) | secret})


def index(call: Call) -> Answer:
    """GET /os-keypairs."""
    found = [_as_json(call, one) for one in call.world.store.all("keypair")]
    # The list alone does not say whose they are.
    return Answer(200, {"keypairs": [{"keypair": {k: v for k, v in one.items() if k != "user_id"}} for one in found]})


def show(call: Call) -> Answer:
    """GET /os-keypairs/{name}."""
    record = _find(call)
    more = {
        "created_at": micros(record["created_at"]),
        "updated_at": None,
        "deleted": False,
        "deleted_at": None,
        "id": 1,
    }
    return Answer(200, {"keypair": _as_json(call, record) | more})


def delete(call: Call) -> Answer:
    """DELETE /os-keypairs/{name}."""
    call.world.store.remove("keypair", _find(call)["id"])
    return Answer(204 if call.version >= (2, 2) else 202)


def _find(call: Call) -> Json:
    wanted = call.params["name"]
    missing = Fault(404, f"Keypair {wanted} not found for user {call.world.store.note('user_id')}")
    return call.world.need("keypair", wanted, missing)


def _as_json(call: Call, record: Json) -> Json:
    shown = {key: record[key] for key in ("name", "public_key", "fingerprint")}
    shown["user_id"] = call.world.store.note("user_id")
    if call.version >= (2, 2):
        shown["type"] = "ssh"
    return shown


ROUTES = (
    Route("POST", "/os-keypairs", create, status=(200, 201)),
    Route("GET", "/os-keypairs", index),
    Route("GET", "/os-keypairs/{name}", show),
    Route("DELETE", "/os-keypairs/{name}", delete, status=(202, 204)),
)
