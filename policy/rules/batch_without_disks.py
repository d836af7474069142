"""A batch has no disks of its own."""

from __future__ import annotations

from collections.abc import Iterator

from policy.batch import boots_without_image, is_batch, subject
from policy.rule import Finding, Outcome, Rule, Undetermined
from policy.view import Request

DISKS = "block_device_mapping_v2"


def check(request: Request) -> Iterator[Outcome]:
    """Refuse disks beside counts above 1; counts of 1 are no batch."""
    server = request.server
    batch = is_batch(request)
    # A batch that boots from disks without an image is one mistake, and ECS-402 tells it.
    if batch is False or not server.given(DISKS) or boots_without_image(request):
        return
    if batch is None:
        yield Undetermined(server.path_of(subject(request)))
    elif not server.known(DISKS):
        yield Undetermined(server.path_of(DISKS))
    else:
        yield Finding(server.path_of(DISKS), "names disks for more than one ECS")


RULE = Rule(id="ECS-403", check=check, fix="Boot the batch from imageRef without disks, or create the ECSs one by one")
