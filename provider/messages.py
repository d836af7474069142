"""The engine's messages without the SDK around them."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType


def without_sdk() -> None:
    """Let `pulumi.runtime.proto` be imported alone, in a process that needs nothing else of the SDK.

    The engine waits for its provider to start, and the SDK takes a tenth of a second to load. Where it is loaded already, it stays.
    """
    if "pulumi" in sys.modules:
        return
    found = importlib.util.find_spec("pulumi")
    if found is None or not found.submodule_search_locations:
        return
    [folder, *_] = found.submodule_search_locations
    for name, path in (("pulumi", folder), ("pulumi.runtime", f"{folder}/runtime")):
        package = ModuleType(name)
        package.__path__ = [path]
        sys.modules[name] = package
