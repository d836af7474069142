"""The three stores behave alike, each against the real thing; and no password is shown."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from takeover import lock as locking
from takeover import s3
from takeover.store import HIDDEN, StoreError, masked, store, without_password
from tests.takeover.servers import SERVERS, free_port

KEY = ".pulumi/locks/organization/ecs-stacks/a_b/one.json"


@pytest.fixture(scope="module", params=["file", *SERVERS])
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty backend."""
    if request.param == "file":
        yield f"file://{tmp_path_factory.mktemp('state')}"
        return
    with SERVERS[request.param]() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.variables.items():
            patch.setenv(name, value)
        yield server.fresh("stores")


def test_what_is_written_is_read_listed_and_deleted(backend: str) -> None:
    kept = store(backend)
    assert kept is not None
    # Before the engine was ever run: no folder, no table, nothing in the bucket.
    assert list(kept.beneath(".pulumi/locks")) == []
    assert kept.read(KEY) is None
    if backend.startswith("postgres"):
        _table(backend)
    content = b'{"pid": 1}\n\xff\x00'
    kept.write(KEY, b"before")
    kept.write(KEY, content)
    # A stack whose name fits where an underscore is taken for any letter, and one whose name only begins the same.
    kept.write(KEY.replace("a_b", "axb"), b"another's")
    kept.write(KEY.replace("a_b", "a_bc"), b"another's")
    assert kept.read(KEY) == content
    folder = KEY.rpartition("/")[0]
    assert list(kept.beneath(folder)) == [(KEY, content)]
    assert len(list(kept.beneath(".pulumi/locks"))) == 3
    kept.delete(KEY)
    kept.delete(KEY)
    assert list(kept.beneath(folder)) == []
    assert len(list(kept.beneath(".pulumi/locks"))) == 2


def _table(backend: str) -> None:
    """The engine's own table, by the words of its source."""
    import psycopg

    with psycopg.connect(backend, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS pulumi_state (key TEXT PRIMARY KEY, data JSON NOT NULL, "
            "updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now())"
        )


RUN = """\
import sys, time
from pathlib import Path
from commands import claim, takeover
log, root, backend = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
left = takeover.Stack("dev", {"PULUMI_BACKEND_URL": backend}, root, root)
with claim.claimed(left, float(sys.argv[4])):
    with log.open("a") as out: out.write("in ")
    time.sleep(0.3)
    with log.open("a") as out: out.write("out ")
"""


def test_runs_that_begin_at_once_hold_the_stack_one_after_the_other(backend: str, tmp_path: Path) -> None:
    if backend.startswith("postgres"):
        _table(backend)
    (tmp_path / "Pulumi.yaml").write_text("name: claims\n", encoding="utf-8")
    log = tmp_path / "log"
    runs = [
        subprocess.Popen([sys.executable, "-c", RUN, log, tmp_path, backend, "60"], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [(run.communicate(timeout=60)[1], run.returncode) for run in runs]
    assert [code for _, code in ended] == [0, 0, 0], ended
    assert log.read_text(encoding="utf-8").split() == ["in", "out"] * 3
    place = locking.place(tmp_path, "dev", backend)
    assert place is not None
    assert locking.claims(place) == []


def test_a_dead_runs_claim_is_in_nobodys_way(backend: str, tmp_path: Path) -> None:
    if backend.startswith("postgres"):
        _table(backend)
    (tmp_path / "Pulumi.yaml").write_text("name: dead\n", encoding="utf-8")
    place = locking.place(tmp_path, "dev", backend)
    assert place is not None
    with subprocess.Popen([sys.executable, "-c", RUN, tmp_path / "log", tmp_path, backend, "0"]) as run:
        deadline = time.monotonic() + 20
        while not (tmp_path / "log").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        run.kill()
    assert [one.pid for one in locking.claims(place)] == [run.pid]
    subprocess.run([sys.executable, "-c", RUN, tmp_path / "log", tmp_path, backend, "0"], check=True)
    assert locking.claims(place) == []


@pytest.mark.parametrize(
    ("backend", "missing", "extra"), [("postgres://here/db", "psycopg", "postgres"), ("s3://bucket", "boto3", "s3")]
)
def test_a_client_that_is_not_installed_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, backend: str, missing: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, f"takeover.{extra}", raising=False)
    with pytest.raises(StoreError, match=rf"its client is not installed .*\.\[{extra}\]"):
        store(backend)


def test_a_backend_that_only_the_engine_knows_has_no_store() -> None:
    assert store("gs://bucket") is None
    assert store("https://api.example.org") is None


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    kept = store(f"postgres://team:hush-hush@127.0.0.1:{free_port()}/db")
    assert kept is not None
    with pytest.raises(StoreError) as told:
        kept.read(KEY)
    assert "postgres://team:****@127.0.0.1" in str(told.value)
    assert "hush-hush" not in str(told.value)


@pytest.mark.parametrize(
    ("backend", "shown", "without", "password"),
    [
        ("postgres://u:p%40ss@h:1/db?sslmode=disable", "postgres://u:****@h:1/db?sslmode=disable",
         "postgres://u@h:1/db?sslmode=disable", "p@ss"),
        ("postgres://h/db?user=u&password=word&table=t", "postgres://h/db?user=u&password=****&table=t",
         "postgres://h/db?user=u&table=t", "word"),
        ("postgres://u@h/db", "postgres://u@h/db", "postgres://u@h/db", None),
        ("s3://bucket?region=x&s3ForcePathStyle=true", "s3://bucket?region=x&s3ForcePathStyle=true",
         "s3://bucket?region=x&s3ForcePathStyle=true", None),
        ("https://u:word@h", "https://u:****@h", "https://u:word@h", None),
        ("file:///a/b", "file:///a/b", "file:///a/b", None),
    ],
)  # fmt: skip
def test_a_password_is_hidden_and_taken_out(backend: str, shown: str, without: str, password: str | None) -> None:
    assert masked(backend) == shown
    assert without_password(backend) == (without, password)


@given(
    st.text("abcdefghijklmnop0123456789!$&'()*+,;=-._~%:", min_size=8),
    st.sampled_from(["{}@h:5432", "{}@[::1]", "{}@h"]),
)
def test_no_password_is_ever_shown(secret: str, place: str) -> None:
    from urllib.parse import quote

    for written in (secret, quote(secret, safe="")):
        backend = f"postgres://someone:{place.format(written)}/db"
        for text in (masked(backend), without_password(backend)[0]):
            assert written not in text
            assert secret not in text
        assert HIDDEN in masked(backend)


@pytest.mark.parametrize(
    ("asked", "endpoint", "ssl", "style"),
    [
        ({}, None, True, "auto"),
        ({"endpoint": "http://h:1", "s3ForcePathStyle": "true"}, "http://h:1", True, "path"),
        ({"endpoint": "h:1", "disableSSL": "true", "use_path_style": "true"}, "http://h:1", False, "path"),
        ({"endpoint": "h:1"}, "https://h:1", True, "auto"),
        ({"disable_https": "1", "s3ForcePathStyle": "false"}, None, False, "auto"),
    ],
)
def test_an_s3_url_means_what_it_means_to_the_engine(
    asked: dict[str, str], endpoint: str | None, ssl: bool, style: str
) -> None:
    found: dict[str, Any] = s3.settings(asked)
    assert found["endpoint_url"] == endpoint
    assert found["use_ssl"] is ssl
    assert found["config"].s3["addressing_style"] == style
    assert found["config"].signature_version is None
    assert s3.settings({"anonymous": "true"})["config"].signature_version is botocore.UNSIGNED


def test_what_a_bucket_insists_on_is_written_with_it() -> None:
    bucket = s3.Bucket("s3://team/a/b?ssetype=aws:kms&kmskeyid=key")
    assert bucket.name == "team"
    assert bucket.prefix == "a/b/"
    assert bucket._encryption == {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key"}
