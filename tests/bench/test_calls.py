"""Which calls of a cloud's log are counted as what."""

from __future__ import annotations

from typing import Any

from bench.engine import Preview
from bench.making import Made, by_kind, counts, rows
from bench.results import Row

PROJECT = "0123456789abcdef0123456789abcdef"
SERVERS = f"/compute/v2.1/{PROJECT}/servers"
ONE, OTHER = "95d0f87b-9cd7-43d3-9bd2-7eac53635376", "f0288ab0-3e56-4b1f-8d5f-9264410862e7"


def request(method: str, path: str) -> dict[str, Any]:
    return {"method": method, "path": path}


LOG = [
    request("POST", "/identity/v3/auth/tokens"),
    request("POST", SERVERS),
    request("POST", SERVERS),
    request("GET", f"{SERVERS}/detail?status=BUILD"),
    request("GET", SERVERS),
    request("GET", f"{SERVERS}/{ONE}"),
    request("GET", f"{SERVERS}/{OTHER}"),
    request("GET", f"{SERVERS}/{ONE}/os-interface"),
    request("POST", f"{SERVERS}/{ONE}/action"),
    request("DELETE", f"{SERVERS}/{ONE}"),
    request("GET", f"/compute/v2.1/{PROJECT}/flavors/s3.medium"),
]


def test_creations_lists_and_looks_are_told_apart() -> None:
    assert counts(LOG) == {"calls": 11, "creations": 2, "lists of servers": 2, "looks at one server": 3}


def test_calls_that_differ_in_their_ids_alone_are_of_one_kind() -> None:
    kinds = by_kind(LOG)
    assert kinds["GET /compute/v2.1/{id}/servers/{id}"] == 2
    assert kinds["GET /compute/v2.1/{id}/servers/detail"] == 1
    assert kinds["GET /compute/v2.1/{id}/flavors/s3.medium"] == 1
    assert sum(kinds.values()) == len(LOG)


def test_a_row_has_what_each_run_took_of_both() -> None:
    def made(seconds: float, cpu: float, calls: int) -> Made:
        return Made(Preview(seconds, cpu, {}), LOG[:calls])

    pair = [[made(2.0, 1.0, 3), made(3.0, 1.5, 3)], [made(8.0, 4.0, 11), made(9.0, 5.0, 11)]]
    found = {row.what: row for row in rows(50, ("--parallel", "50"), pair, {"up": "ratio ≤ 1.0"})}
    up = found["`up --parallel 50`"]
    assert up == Row(
        "`up --parallel 50`", "50", "s", "ratio ≤ 1.0", [[2.0, 3.0], [8.0, 9.0]], "the whole command, 2 runs"
    )
    assert found["CPU, `up --parallel 50`"].values == [[1.0, 1.5], [4.0, 5.0]]
    assert found["calls, `up --parallel 50`"].values == [[3.0, 3.0], [11.0, 11.0]]
    assert found["creations, `up --parallel 50`"].values == [[2.0, 2.0], [2.0, 2.0]]
