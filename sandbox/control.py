"""What is not part of any cloud: who serves here, and back to the seed world."""

import hmac

from sandbox import seed
from sandbox.faults import Fault
from sandbox.routing import Answer, Call


def is_probe(call: Call) -> bool:
    """Tell whether a request only asks who serves here; such a one is not worth a line in the log."""
    return call.path == "/" and call.method in ("GET", "HEAD")


def answer(call: Call) -> Answer | None:
    """Answer the sandbox's own two paths, `GET /` and `POST /sandbox/reset`; None for any other."""
    if is_probe(call):
        settings = call.world.settings
        return Answer(200, {"sandbox": {"id": call.world.sandbox_id, "profile": settings.profile}})
    if call.path == "/sandbox/reset" and call.method == "POST":
        given = call.headers.get("x-sandbox-key", "")
        # A web page that the user visits can reach loopback as well, but it cannot know the key.
        if not hmac.compare_digest(given, call.world.control_key):
            raise Fault(403, "The key in X-Sandbox-Key is not this sandbox's.")
        with call.world.store.transaction(write=True):
            seed.reset(call.world)
        return Answer(204)
    return None
