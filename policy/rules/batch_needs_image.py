"""A batch is created from an image."""

from __future__ import annotations

from collections.abc import Iterator

from policy.batch import is_batch, subject
from policy.disks import BootDevices
from policy.rule import Finding, Outcome, Rule, Undetermined
from policy.view import Request


def check(request: Request) -> Iterator[Outcome]:
    """Refuse more than one ECS without an image to create them from."""
    server = request.server
    if server.given("imageRef") or BootDevices.of(request).from_image:
        return
    batch = is_batch(request)
    if batch is True:
        yield Finding(server.path_of(subject(request)), "asks for more than one ECS without an image")
    elif batch is None:
        yield Undetermined(server.path_of(subject(request)))


RULE = Rule(id="ECS-402", check=check, fix="Name the image in imageRef, or create one ECS")
