"""A program of somebody who does not use the components: one raw instance, as the file beside it states."""

import json
from pathlib import Path

import pulumi

INSTANCE = json.loads((Path(__file__).parent / "instance.json").read_text(encoding="utf-8"))


class Raw(pulumi.CustomResource):
    """An instance with the inputs just as they are on the wire."""

    def __init__(self) -> None:
        super().__init__("openstack:compute/instance:Instance", "web", INSTANCE)


Raw()
