"""Making an SSH key pair (Ed25519) with nothing but hashes and arithmetic: RFC 8032 and OpenSSH's own file format.

Good enough for a cloud that has no machine behind its servers; its arithmetic is not constant in time.
"""

import base64
import hashlib
import secrets
import textwrap
from typing import NamedTuple

_P = 2**255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P
_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202

Point = tuple[int, int]


class Pair(NamedTuple):
    """A key pair: `public` is one line for authorized_keys, `private` an OpenSSH private key file."""

    public: str
    private: str


def _add(one: Point, two: Point) -> Point:
    (x1, y1), (x2, y2) = one, two
    both = _D * x1 * x2 * y1 * y2 % _P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + both, _P - 2, _P) % _P
    y3 = (y1 * y2 + x1 * x2) * pow(1 - both, _P - 2, _P) % _P
    return x3, y3


def _times(number: int, point: Point) -> Point:
    total: Point = (0, 1)
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


def public_bytes(seed: bytes) -> bytes:
    """Return the 32 bytes of the public key that belong to a 32 byte `seed` (RFC 8032, 5.1.5)."""
    digest = bytearray(hashlib.sha512(seed).digest()[:32])
    digest[0] &= 248
    digest[31] = (digest[31] & 127) | 64
    x, y = _times(int.from_bytes(digest, "little"), (_BASE_X, _BASE_Y))
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _text(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def generate(comment: str) -> Pair:
    """Return a fresh key pair."""
    seed = secrets.token_bytes(32)
    public = public_bytes(seed)
    blob = _text(b"ssh-ed25519", public)
    check = secrets.token_bytes(4)
    inner = check + check + _text(b"ssh-ed25519", public, seed + public, comment.encode())
    inner += bytes(range(1, 8 - len(inner) % 8 + 1)) if len(inner) % 8 else b""
    outer = b"openssh-key-v1\0" + _text(b"none", b"none", b"") + (1).to_bytes(4, "big") + _text(blob, inner)
    lines = "\n".join(textwrap.wrap(base64.b64encode(outer).decode(), 70))
    name = "OPENSSH PRIVATE KEY"
    private = f"-----BEGIN {name}-----\n{lines}\n-----END {name}-----\n"
    return Pair(f"ssh-ed25519 {base64.b64encode(blob).decode()} {comment}", private)
