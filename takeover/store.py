"""Where the engine keeps its state, as far as a takeover reads and writes it: a folder, a PostgreSQL table or an S3 bucket.

The engine keeps the same keys in all of them. Whatever needs a client of its own is imported only where it is used.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

HIDDEN = "****"


class StoreError(Exception):
    """The state cannot be reached, or its client is not installed; the text says which and what to do, without any password."""


class Store(Protocol):
    """Texts under keys that look like paths (`.pulumi/stacks/...`). Every call raises `StoreError` where the store is silent."""

    def beneath(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """Everything under a folder, with its content; what goes away meanwhile is left out."""

    def read(self, key: str) -> bytes | None:
        """What is kept under a key, or None."""

    def write(self, key: str, content: bytes) -> None:
        """Keep this under a key; a reader sees it whole or not at all."""

    def delete(self, key: str) -> None:
        """Forget a key; one that is not there is what is wanted."""


def store(backend: str, password: str | None = None) -> Store | None:
    """The store of a backend's URL, or None for a kind that only the engine knows. Raises `StoreError` without its client.

    The password is PostgreSQL's, where the URL names none; without any its client looks where it always does.
    """
    scheme = backend.partition("://")[0]
    if scheme == "file":
        return Folder(Path(unquote(backend.removeprefix("file://")).partition("?")[0]).expanduser())
    if scheme == "postgres":
        return _postgres(backend, password)
    return _s3(backend) if scheme == "s3" else None


def _postgres(backend: str, password: str | None) -> Store:
    try:
        from takeover.postgres import Table
    except ImportError as error:
        raise StoreError(_missing("PostgreSQL", "postgres", error)) from None
    return Table(backend, password)


def _s3(backend: str) -> Store:
    try:
        from takeover.s3 import Bucket
    except ImportError as error:
        raise StoreError(_missing("S3", "s3", error)) from None
    return Bucket(backend)


def _missing(kind: str, extra: str, error: ImportError) -> str:
    fix = f"Type `.venv/bin/pip install -c constraints.txt -e '.[{extra}]'`."
    return f"the state is in {kind}, and its client is not installed ({error}). {fix}"


class Folder:
    """A file backend."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def beneath(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """Every file under a folder; one that cannot be read has no content, so that nobody takes it for absent."""
        for file in sorted((self.folder / folder).rglob("*")):
            if not file.is_file():
                continue
            try:
                content = file.read_bytes()
            except FileNotFoundError:
                continue
            except OSError:
                content = b""
            yield file.relative_to(self.folder).as_posix(), content

    def read(self, key: str) -> bytes | None:
        """The file's content."""
        try:
            return (self.folder / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreError(f"the state cannot be read: {error}") from None

    def write(self, key: str, content: bytes) -> None:
        """Write beside it and rename."""
        file = self.folder / key
        fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(content)
            fresh.replace(file)
        except OSError as error:
            raise StoreError(f"the state cannot be written: {error}") from None

    def delete(self, key: str) -> None:
        """Delete the file, and what the engine keeps beside it."""
        for file in (self.folder / key, self.folder / f"{key}.attrs"):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"the state cannot be written: {error}") from None


def masked(backend: str) -> str:
    """The URL as it may be shown: whatever is a password in it is hidden."""
    return _with_password(backend, HIDDEN)


def without_password(backend: str) -> tuple[str, str | None]:
    """The URL of a PostgreSQL backend without its password, and the password; any other URL as it is.

    The engine prints the whole URL where it cannot connect, so it gets the password in PGPASSWORD.
    """
    if not backend.startswith("postgres://"):
        return backend, None
    secret = _password(backend)
    return (_with_password(backend, None), secret) if secret else (backend, None)


def _password(backend: str) -> str | None:
    # An address that is no address holds what nobody can name, so it is left to the engine to refuse.
    with contextlib.suppress(ValueError):
        parts = urlsplit(backend)
        # As the engine's driver has it, what stands in the query holds.
        return dict(parse_qsl(parts.query)).get("password") or (unquote(parts.password) if parts.password else None)
    return None


def _with_password(backend: str, other: str | None) -> str:
    try:
        parts = urlsplit(backend)
    except ValueError:
        return HIDDEN
    if not _password(backend):
        return backend
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    place = parts.netloc
    if parts.password:
        place = f"{name}{'' if other is None else f':{other}'}@{host}"
    query = [(key, other if key == "password" else value) for key, value in parse_qsl(parts.query)]
    kept = urlencode([(key, value) for key, value in query if value is not None], quote_via=quote, safe="/:*")
    return parts._replace(netloc=place, query=kept).geturl()
