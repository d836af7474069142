"""Room: how the Pulumi engine and its plugins get onto a machine.

`locate()` says where they are, in milliseconds; `toolchain.install.ensure()` brings them; `toolchain.doctor` tells their state.
"""

from __future__ import annotations

from toolchain.place import Toolchain, cache_folder, locate

__all__ = ["Toolchain", "cache_folder", "locate"]
