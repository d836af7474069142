"""Whether a request asks for more than one ECS: read by the rules for batches."""

from __future__ import annotations

from policy.view import Request, whole

COUNTS = ("max_count", "min_count")


def is_batch(request: Request) -> bool | None:
    """Say whether more than one ECS is asked for; None where a count that is not known yet decides."""
    server = request.server
    if server.unknown:
        return None
    known = [whole(server.value(key)) for key in COUNTS if server.known(key)]
    if any(count is not None and count > 1 for count in known):
        return True
    return False if len(known) == len(COUNTS) else None


def subject(request: Request) -> str:
    """Return the key of the count that makes it a batch, or may make it one."""
    server = request.server
    if server.unknown:
        return COUNTS[0]
    for key in COUNTS:
        if server.known(key) and (whole(server.value(key)) or 0) > 1:
            return key
    return next((key for key in COUNTS if not server.known(key)), COUNTS[0])
