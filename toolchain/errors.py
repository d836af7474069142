"""What can go wrong while the toolchain is brought.

* ToolchainError        nothing worked; says what was tried and the fix
* WayClosed             one way of three does not work here; the next is tried
  + Unreachable         the vendor's server does not answer
  + DigestMismatch      the bytes are not the published ones; they are deleted
"""

from __future__ import annotations


class ToolchainError(Exception):
    """The toolchain cannot be brought; the text says what was tried and what helps."""


class WayClosed(Exception):  # noqa: N818
    """One way to get a part does not work here; the text says why in a few words."""


class Unreachable(WayClosed):
    """The vendor's server does not answer as it should."""


class DigestMismatch(WayClosed):
    """A file is not the published one, and was deleted."""

    def __init__(self, url: str, *, want: str, got: str) -> None:
        super().__init__(f"{url} has sha256 {got[:16]}..., but {want[:16]}... is published: not used")
