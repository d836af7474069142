"""One sandbox in the foreground: bind, open the store, serve until told to stop."""

import contextlib
import ipaddress
import os
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from sandbox import masks, seed
from sandbox.app import build
from sandbox.clock import SystemClock
from sandbox.faults import Json
from sandbox.folder import HOST, REMOTE_WARNING, Folder
from sandbox.journal import Journal
from sandbox.store import Store
from sandbox.wire import Wire
from sandbox.world import Settings, World

PREFERRED_PORT = 15_000
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is compared with, not bound to


class CannotServeError(Exception):
    """The sandbox cannot start; the message says why and what to do."""


def bind(port: int | None, host: str = HOST, *, allow_remote: bool = False) -> socket.socket:
    """Return a socket bound to `port` of `host`; None prefers 15000 and takes any free one otherwise.

    Raises `CannotServeError` for a port that is taken, for what is no IPv4 address of this machine, and, without
    `allow_remote`, for any address that is not loopback: whoever reaches the sandbox sees its passwords and tokens pass
    in clear, and may take its answers for a real cloud's. That must be somebody's decision, and it is never remembered.
    """
    try:
        loopback = ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        raise CannotServeError(f"--host {host} is no IPv4 address; give one of this machine, such as {HOST}") from None
    if not loopback and not allow_remote:
        message = f"the sandbox listens on loopback only, and {host} can be reached from other machines"
        raise CannotServeError(f"{message}; add --allow-remote if that is what you want")
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


def open_to(host: str) -> str:
    """Return the address that clients shall use for a sandbox that listens on `host`."""
    if host != _EVERYWHERE:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the kernel only tells by which of our addresses it would. The other one is nobody's.
            probe.connect(("203.0.113.7", 9))
        except OSError:
            return HOST
        found: str = probe.getsockname()[0]
        return found


def config(web: Starlette) -> uvicorn.Config:
    """Return how a sandbox's web application is served, in earnest and in a test."""
    return uvicorn.Config(
        web,
        access_log=False,
        log_level="warning",
        lifespan="on",
        loop="asyncio",
        http=Wire,
        ws="none",
        # A header must not be able to say where a request comes from.
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        server_header=False,
    )


def run(
    path: Path,
    *,
    port: int | None = None,
    profile: str = "ecs",
    changes: Json | None = None,
    host: str = HOST,
    allow_remote: bool = False,
) -> None:
    """Serve the sandbox of the folder `path` until SIGTERM or SIGINT.

    `changes` are settings as `Settings.changed` takes them, for this run. Raises `CannotServeError` if it cannot be.
    """
    changes = changes or {}
    try:
        settings = Settings().with_profile(profile).changed(changes)
    except ValueError as error:
        raise CannotServeError(str(error)) from None
    folder = Folder(path)
    lock = folder.hold(seconds=1.0)
    if lock is None:
        raise CannotServeError(f"a sandbox runs already in {folder.path} (process {folder.holder()})")
    with lock, bind(port or folder.read_endpoint().get("port"), host, allow_remote=allow_remote) as place:
        number: int = place.getsockname()[1]
        password = folder.password()
        address = open_to(host)
        folder.write_clouds(number, password, address)
        own_id = folder.write_endpoint(number, settings.profile, address, host)
        world = open_world(folder, settings, own_id, password)
        try:
            with world.store.transaction(write=True):
                world.recall(but=changes)
        except ValueError as error:
            raise CannotServeError(f"what it was set to cannot be: {error}; start over: ecs sandbox reset") from None
        web = build(world, Journal(folder.requests))
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        server = uvicorn.Server(config(web))
        sys.stderr.write(f"sandbox ({settings.profile}) on http://{address}:{number}\n")
        if not ipaddress.IPv4Address(host).is_loopback:
            sys.stderr.write(f"{REMOTE_WARNING}\n")
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[place])
        lock.truncate(0)
