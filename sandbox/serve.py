"""One sandbox in the foreground: bind, open the store, serve until told to stop."""

import contextlib
import os
import socket
import sys
from pathlib import Path

import uvicorn

from sandbox import masks, seed
from sandbox.app import build
from sandbox.clock import SystemClock
from sandbox.folder import HOST, Folder
from sandbox.journal import Journal
from sandbox.store import Store
from sandbox.world import Settings, World

PREFERRED_PORT = 15_000


class CannotServeError(Exception):
    """The sandbox cannot start; the message says why and what to do."""


def bind(port: int | None, host: str = HOST) -> socket.socket:
    """Return a socket bound to `port` of loopback; None prefers 15000 and takes any free one otherwise.

    Raises `CannotServeError` for a port that is taken, and for any address that is not loopback: the sandbox's answers must
    never be taken for a real cloud's by another machine.
    """
    if host != HOST:
        raise CannotServeError(f"the sandbox listens on {HOST} only, not on {host}")
    wanted = [PREFERRED_PORT, 0] if port is None else [port]
    for one in wanted:
        # asyncio sends small answers at once only on a socket that says it is TCP; else each one waits 40 ms.
        place = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        # A port whose last connections are still closing must not keep a restart from its remembered address.
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            place.bind((host, one))
            # Listening at once: two sockets may otherwise share a port until one of them does.
            place.listen(1024)
        except (OSError, OverflowError) as error:
            place.close()
            if one != PREFERRED_PORT or port is not None:
                message = (
                    f"port {one} of {host} cannot be used ({error.strerror if isinstance(error, OSError) else error})"
                )
                raise CannotServeError(f"{message}; choose another one with --port") from None
        else:
            return place
    raise CannotServeError(f"no port of {host} is free")


def open_world(folder: Folder, settings: Settings, own_id: str, password: str) -> World:
    """Return the cloud that lives in `folder`, seeded if it is new."""
    clock = SystemClock()
    keys = masks.load(folder.mask_key)
    store = Store(folder.database, clock)
    folder.database.chmod(0o600)
    world = World(
        store=store,
        clock=clock,
        masks=keys,
        settings=settings,
        password_mask=keys.text(password),
        control_key=folder.control_key(),
        sandbox_id=own_id,
    )
    with store.transaction(write=True):
        seed.fill(world)
    return world


def run(path: Path, *, port: int | None, settings: Settings) -> None:
    """Serve the sandbox of the folder `path` until SIGTERM or SIGINT; raises `CannotServeError` if that cannot be."""
    folder = Folder(path)
    lock = folder.hold(seconds=1.0)
    if lock is None:
        raise CannotServeError(f"a sandbox runs already in {folder.path} (process {folder.holder()})")
    with lock, bind(port or folder.read_endpoint().get("port")) as place:
        number: int = place.getsockname()[1]
        password = folder.password()
        folder.write_clouds(number, password)
        own_id = folder.write_endpoint(number, settings.profile)
        world = open_world(folder, settings, own_id, password)
        web = build(world, Journal(folder.requests))
        config = uvicorn.Config(
            web,
            access_log=False,
            log_level="warning",
            lifespan="on",
            loop="asyncio",
            http="h11",
            ws="none",
            timeout_graceful_shutdown=2,
            server_header=False,
        )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        server = uvicorn.Server(config)
        sys.stderr.write(f"sandbox ({settings.profile}) on http://{HOST}:{number}\n")
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[place])
        lock.truncate(0)
