"""Real servers for a shared state: the distribution's PostgreSQL, and an S3 server built from pinned Go modules."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import botocore.exceptions
import psycopg
import pytest

from tests.go_program import built

MODULE = Path(__file__).parent / "s3"
PACKAGE = "github.com/versity/versitygw/cmd/versitygw"
REGION = "us-east-1"
ACCOUNT = "postgres"
"""Whom PostgreSQL runs as where root runs the tests: it refuses root."""


@dataclass
class Server:
    """A running server, and where a state of its own can be kept on it."""

    secret: str
    """What must be shown nowhere."""
    fresh: Callable[[str], str]
    """Makes an empty place of this name, and gives its backend URL."""
    variables: dict[str, str] = field(default_factory=dict)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's own programs; Debian keeps them out of PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: float(one.parts[-3]), reverse=True
    )
    return installed[0].parent if installed else None


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine: install the package `postgresql`")
    if os.getuid() == 0 and ACCOUNT not in {one.pw_name for one in pwd.getpwall()}:
        pytest.skip(
            f"no user {ACCOUNT!r} on this machine, and PostgreSQL refuses root: install the package `postgresql`"
        )
    with tempfile.TemporaryDirectory(prefix="ecs-postgres-") as folder:
        user: list[str] = []
        if os.getuid() == 0:
            shutil.chown(folder, ACCOUNT, pwd.getpwnam(ACCOUNT).pw_gid)
            user = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups"]
        secret = secrets.token_urlsafe(18)
        word = Path(folder) / "word"
        word.write_text(secret, encoding="ascii")
        if user:
            shutil.chown(word, ACCOUNT)
        data = f"{folder}/data"
        subprocess.run(
            [*user, programs / "initdb", "-D", data, "-U", "team", "-A", "scram-sha-256", f"--pwfile={word}", "-N",
             "-E", "UTF8", "--locale=C"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        port = free_port()
        address = f"postgres://team:{secret}@127.0.0.1:{port}"
        log = (Path(folder) / "log").open("wb")
        with log, subprocess.Popen(
            [*user, programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", "-F"],
            cwd=folder, stdout=log, stderr=log,
        ) as process:  # fmt: skip
            try:
                _until(process, Path(log.name), lambda: psycopg.connect(f"{address}/postgres").close(), psycopg.Error)

                def fresh(name: str) -> str:
                    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
                    return f"{address}/{name}?sslmode=disable"

                yield Server(secret, fresh)
            finally:
                process.send_signal(signal.SIGINT)


@contextlib.contextmanager
def s3() -> Iterator[Server]:
    missing = "no S3 server on this machine: it is built by Go 1.25 or newer, and there is no Go"
    program = built(MODULE, PACKAGE, missing)
    with tempfile.TemporaryDirectory(prefix="ecs-s3-") as folder:
        for name in ("data", "around"):
            (Path(folder) / name).mkdir()
        secret = secrets.token_urlsafe(18)
        port = free_port()
        variables = {"AWS_ACCESS_KEY_ID": "team", "AWS_SECRET_ACCESS_KEY": secret}
        log = (Path(folder) / "log").open("wb")
        with log, subprocess.Popen(
            [program, "--port", f"127.0.0.1:{port}", "--region", REGION, "--quiet", "posix", "--sidecar", f"{folder}/around",
             f"{folder}/data"],
            env={**os.environ, "ROOT_ACCESS_KEY": "team", "ROOT_SECRET_KEY": secret}, stdout=log, stderr=log,
        ) as process:  # fmt: skip
            client = boto3.client(
                "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION, aws_access_key_id="team",
                aws_secret_access_key=secret,
            )  # fmt: skip
            try:
                _until(process, Path(log.name), client.list_buckets, botocore.exceptions.BotoCoreError)

                def fresh(name: str) -> str:
                    client.create_bucket(Bucket=name)
                    return (
                        f"s3://{name}/states?endpoint=http://127.0.0.1:{port}&region={REGION}&s3ForcePathStyle=true"
                        "&request_checksum_calculation=when_required&response_checksum_validation=when_required"
                    )

                yield Server(secret, fresh, variables)
            finally:
                client.close()
                process.terminate()


def _until(process: subprocess.Popen[bytes], log: Path, answers: Callable[[], object], silent: type[Exception]) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(silent):
            answers()
            return
        time.sleep(0.05)
    pytest.fail(f"the server does not answer: {log.read_text(errors='replace')}")


SERVERS = {"postgres": postgres, "s3": s3}
