"""The small parts that everything stands on."""

import ast
import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sandbox
from sandbox import lenient
from sandbox.clock import ManualClock
from sandbox.faults import Fault
from sandbox.masks import SECRET_KEYS, Masks
from sandbox.nova import sshkey
from sandbox.routing import Answer, Route, Router
from sandbox.services import SERVICES
from sandbox.store import Store, settled


@pytest.mark.parametrize(
    ("seed", "public"),
    [
        # RFC 8032, 7.1, tests 1 and 2
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        ),
    ],
)
def test_a_key_pair_is_a_real_one(seed: str, public: str) -> None:
    assert sshkey.public_bytes(bytes.fromhex(seed)).hex() == public


def test_a_private_key_can_be_read_by_others() -> None:
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization", reason="a client's library")
    for number in range(8):
        pair = sshkey.generate("c" * number)
        key = serialization.load_ssh_private_key(pair.private.encode(), None)
        raw = key.public_key().public_bytes_raw()
        assert base64.b64decode(pair.public.split()[1]).endswith(raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(sorted(SECRET_KEYS)), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values)
def test_json_without_comments_is_read_as_it_is(value: Any) -> None:
    import json

    assert lenient.loads(json.dumps(value)) == value


@given(st.text(min_size=8), st.sampled_from(sorted(SECRET_KEYS)), st.integers(0, 3))
def test_a_secret_is_masked_at_any_depth(secret: str, key: str, depth: int) -> None:
    masks = Masks(b"k")
    body: Any = {key: secret}
    for _ in range(depth):
        body = {"inner": [body]}
    found = masks.body(body)
    for _ in range(depth):
        found = found["inner"][0]
    assert found == {key: {"masked": masks.text(secret)}}


@pytest.mark.parametrize(("value", "number"), [(3, 3), ("3", 3), (" -1 ", -1), (2.0, 2)])
def test_integers(value: Any, number: int) -> None:
    assert lenient.integer(value) == number


@pytest.mark.parametrize("value", [True, None, "", "two", 2.5, [], "1e3"])
def test_no_integers(value: Any) -> None:
    with pytest.raises(ValueError, match="is not an integer"):
        lenient.integer(value)


@pytest.mark.parametrize("value", ["perhaps", 2, [], 1.0])
def test_no_booleans(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a boolean"):
        lenient.boolean(value)


def test_time_applies_what_was_written_down_beforehand() -> None:
    body = {"id": "x", "status": "a", "later": [{"at": 5, "set": {"status": "b"}}, {"at": 9, "set": {"status": "c"}}]}
    assert settled(dict(body), 4)["status"] == "a"
    assert settled(dict(body), 5) == {"id": "x", "status": "b", "later": [{"at": 9, "set": {"status": "c"}}]}
    assert settled(dict(body), 9) == {"id": "x", "status": "c"}


def test_a_transaction_is_kept_whole_or_not_at_all() -> None:
    store = Store(":memory:", ManualClock())

    def half() -> None:
        with store.transaction(write=True):
            store.add("thing", {"id": "1"})
            assert store.claim("subnet", "00", "port")
            raise Fault(400, "no")

    with pytest.raises(Fault):
        half()
    assert (store.all("thing"), store.taken("subnet")) == ([], set())
    with store.transaction(write=True):
        store.add("thing", {"id": "1"})
    assert store.all("thing") == [{"id": "1"}]
    store.close()


def test_the_first_route_that_fits_wins() -> None:
    def one(_: Any) -> Answer:
        return Answer()

    router = Router([Route("GET", "/a/detail", one), Route("GET", "/a/{id}", one), Route("PUT", "/a/{id}", one)])
    found = router.find("GET", "/a/detail")
    assert found is not None
    assert (found.route.path, found.params) == ("/a/detail", {})
    other = router.find("PUT", "/a/b.c")
    assert other is not None
    assert other.params == {"id": "b.c"}
    assert router.find("GET", "/b/x") is None


def test_every_module_with_routes_is_in_the_table_of_services() -> None:
    root = Path(sandbox.__file__).parent
    with_routes = {
        path.relative_to(root.parent).with_suffix("").as_posix().replace("/", ".")
        for path in root.rglob("*.py")
        if "\nROUTES = (" in path.read_text()
    }
    served = {route.handler.__module__ for service in SERVICES for route in service.routes.routes}
    assert with_routes == served


def test_the_sandbox_imports_nothing_of_ours_and_no_client() -> None:
    root = Path(sandbox.__file__).parent
    names = {
        name.split(".")[0]
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    import sys

    assert {name for name in names if name not in sys.stdlib_module_names} == {
        "sandbox",
        "starlette",
        "uvicorn",
        "jsonschema",
    }
