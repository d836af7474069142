"""A batch is created from an image."""

from __future__ import annotations

from collections.abc import Iterator

from policy.batch import boots_without_image, is_batch, subject
from policy.rule import Finding, Outcome, Rule, Undetermined
from policy.view import Request


def check(request: Request) -> Iterator[Outcome]:
    """Refuse more than one ECS that boot from disks without an image; where nothing boots ECS-104 tells it."""
    server = request.server
    if not boots_without_image(request):
        return
    batch = is_batch(request)
    if batch is True:
        yield Finding(server.path_of(subject(request)), "asks for more than one ECS without an image")
    elif batch is None:
        yield Undetermined(server.path_of(subject(request)))


RULE = Rule(id="ECS-402", check=check, fix="Name the image in imageRef, or create one ECS")
