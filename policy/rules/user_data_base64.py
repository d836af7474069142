"""User data is base64 on the wire, and text that only looks like it is never sent raw."""

from __future__ import annotations

from collections.abc import Iterator

from policy.masking import Masked
from policy.rule import Finding, Rule
from policy.view import Request

ACCIDENT = "decodes as base64 by accident, so it would be sent raw and the ECS would get other bytes"


def check(request: Request) -> Iterator[Finding]:
    """Refuse a body whose user_data is not base64, and raw text that the client library would take for base64."""
    server = request.server
    data = server.value("user_data")
    if not isinstance(data, Masked) or not server.given("user_data"):
        return
    path = server.path_of("user_data")
    if not data.is_text:
        yield Finding(path, "is not text")
    elif not request.raw:
        if not data.is_base64:
            yield Finding(path, "is not base64")
    elif data.is_base64 and not data.is_encoded_text:
        yield Finding(path, ACCIDENT, "Encode it: userData = base64 of the text")


RULE = Rule(id="ECS-111", check=check, fix="Give the base64 encoding of a text")
