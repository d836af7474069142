"""Somebody can log in, and it is clear how."""

from __future__ import annotations

from collections.abc import Iterator

from policy.rule import Finding, Rule
from policy.view import Request

NEITHER = "is missing, and so is adminPass: nobody can log in"
BOTH = "is given beside adminPass: the key logs in by key_name, the password by adminPass, on Linux as root"


def check(request: Request) -> Iterator[Finding]:
    """Warn where there is no way to log in, and where there are two. metadata.admin_pass is a password too (Windows)."""
    server = request.server
    key, password = server.given("key_name"), server.given("adminPass")
    path = server.path_of("key_name")
    if key and password:
        yield Finding(path, BOTH, "Keep the one that the login is meant to use")
    elif not key and not password and not server.at("metadata").given("admin_pass"):
        yield Finding(path, NEITHER)


RULE = Rule(id="ECS-110", check=check, fix="Name a key pair in key_name, or set a password in adminPass")
