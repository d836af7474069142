"""The provider's process loads the engine's messages, and not the SDK around them."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from provider.messages import without_sdk
without_sdk()
from pulumi.runtime.proto import provider_pb2
import provider.serving
print(provider_pb2.CheckRequest(urn="u").urn, "pulumi.output" in sys.modules, "openstack" in sys.modules)
"""


def test_the_messages_come_alone() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["u", "False", "False"]
