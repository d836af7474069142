"""`ecs comment`: the Markdown report as the one comment of a pull or merge request, replaced and never repeated."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import requests
import tenacity
import typer
import urllib3

from commands.failure import Failure

app = typer.Typer(add_completion=False)

MARKER = re.compile(r"<!-- ecs-gate:[^\n]*? -->")
SECONDS = 20.0
"""How long one request may take."""

TRIES = 4
PAGES = 50
"""How many pages of comments are looked through at most."""

WHOLE = 100
PAUSE = 1.0
"""Seconds before the second try; each further one waits longer."""

_BUSY = (429, 503)
"""Answers after which nothing was done."""

_UNSURE = (500, 502, 504)
"""Answers after which it may have been done."""


@dataclass(frozen=True, slots=True)
class Request:
    """A pull or merge request of a forge: where its comments are, and how to log in."""

    comments: str
    """The address that lists them and takes a new one."""

    edit: str
    """The address of one, with `{id}` in it."""

    verb: str
    headers: Mapping[str, str]


@app.command()
def comment(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `ecs gate --markdown FILE` wrote.")],
) -> None:
    """Make the report the comment of this pipeline's pull request (GitHub Actions) or merge request (GitLab CI).

    The comment of an earlier run for the same stack is replaced: it is found by the hidden marker in the report's first line.

    GitHub: GITHUB_TOKEN with `pull-requests: write`. GitLab: ECS_GITLAB_TOKEN, an access token with the scope `api`.

    Exit codes: 0 done, or this pipeline is for no request; 1 the forge did not take it; 2 usage.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Failure(f"{file}: cannot be read. Write it with `ecs gate --markdown {file}`.", 2) from None
    marker = MARKER.match(text)
    if marker is None:
        raise Failure(
            f"{file}: does not begin with the marker of a report. Write it with `ecs gate --markdown {file}`.", 2
        )
    request = github(os.environ) or gitlab(os.environ)
    if request is None:
        typer.echo("This pipeline is for no pull or merge request, so there is nothing to comment on.")
        return
    typer.echo(f"The comment is {put(request, marker[0], text)}.")


def github(variables: Mapping[str, str]) -> Request | None:
    """The pull request that GitHub Actions runs for; None elsewhere. Raises `Failure` (2) without a token."""
    event = variables.get("GITHUB_EVENT_PATH")
    if not event or not variables.get("GITHUB_REPOSITORY"):
        return None
    try:
        number = json.loads(Path(event).read_text(encoding="utf-8"))["pull_request"]["number"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    base = f"{variables.get('GITHUB_API_URL', 'https://api.github.com')}/repos/{variables['GITHUB_REPOSITORY']}/issues"
    headers = {"Accept": "application/vnd.github+json", "Authorization": f"Bearer {_token(variables, 'GITHUB_TOKEN')}"}
    return Request(f"{base}/{int(number)}/comments", f"{base}/comments/{{id}}", "PATCH", headers)


def gitlab(variables: Mapping[str, str]) -> Request | None:
    """The merge request that GitLab CI runs for; None elsewhere. Raises `Failure` (2) without a token."""
    number, base = variables.get("CI_MERGE_REQUEST_IID"), variables.get("CI_API_V4_URL")
    if not number or not base:
        return None
    notes = f"{base}/projects/{quote(variables.get('CI_PROJECT_ID', ''), safe='')}/merge_requests/{quote(number)}/notes"
    headers = {"PRIVATE-TOKEN": _token(variables, "ECS_GITLAB_TOKEN")}
    return Request(notes, f"{notes}/{{id}}", "PUT", headers)


def put(request: Request, marker: str, text: str) -> str:
    """Replace the comment that begins with the marker, or make one; returns `replaced` or `made`. Raises `Failure`.

    Where the answer to a new comment is lost, the comments are looked through again before another is sent, so that none is doubled.
    """
    lost = False
    for _ in range(TRIES):
        for one in _comments(request):
            if str(one.get("body") or "").startswith(marker):
                _sent(request, request.verb, request.edit.format(id=one["id"]), json={"body": text})
                return "made" if lost else "replaced"
        try:
            _sent(request, "POST", request.comments, json={"body": text})
        except _LostError:
            lost = True
            time.sleep(PAUSE)
        else:
            return "made"
    raise Failure("the comment may not have been written: the forge's answer was lost each time. Look, and try again.")


def _comments(request: Request) -> Iterator[dict[str, Any]]:
    for page in range(1, PAGES + 1):
        answer = _sent(request, "GET", request.comments, params={"per_page": WHOLE, "page": page})
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, list):
            raise Failure("the comments could not be read: what answers is no forge. Check the address of its API.")
        yield from (one for one in found if isinstance(one, dict))
        if len(found) < WHOLE:
            return


class _TryAgainError(Exception):
    """The forge is busy, or was not reached; nothing was done."""


class _LostError(Exception):
    """A comment was sent, and whether it was taken is not known."""


def _sent(request: Request, method: str, address: str, **more: Any) -> requests.Response:
    """One request, sent again while the forge is busy. Raises `_LostError` where a POST may have been taken, and `Failure`."""
    sending = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_TryAgainError), stop=tenacity.stop_after_attempt(TRIES),
        wait=tenacity.wait_random_exponential(multiplier=PAUSE, max=10), reraise=True,
    )  # fmt: skip
    try:
        answer: requests.Response = sending(_once, request, method, address, **more)
    except _TryAgainError as error:
        raise Failure(f"the comment could not be written: {error}. Try again.") from None
    if not 200 <= answer.status_code < 300:  # noqa: PLR2004 - elsewhere the token is not for
        raise Failure(
            f"the comment could not be written: {answer.status_code} {answer.reason}. {_fix(answer.status_code)}."
        )
    return answer


def _once(request: Request, method: str, address: str, **more: Any) -> requests.Response:
    post = method == "POST"
    try:
        answer = requests.request(
            method, address, headers=dict(request.headers), auth=_as_it_is, timeout=SECONDS, allow_redirects=False, **more
        )  # fmt: skip
    except requests.ConnectTimeout:
        raise _TryAgainError("the forge cannot be reached") from None
    except (requests.ConnectionError, requests.Timeout) as error:
        if post and not _never_connected(error):
            raise _LostError from None
        raise _TryAgainError("the forge cannot be reached") from None
    except requests.RequestException as error:
        raise Failure(f"the comment could not be written: {type(error).__name__}. Check the forge's address.") from None
    if post and answer.status_code in _UNSURE:
        raise _LostError
    if answer.status_code in (*_BUSY, *_UNSURE):
        raise _TryAgainError(f"the forge answers {answer.status_code}")
    return answer


def _never_connected(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the token alone: without an `auth`, a line of ~/.netrc would take its place."""
    return request


def _fix(status: int) -> str:
    if status < 400:  # noqa: PLR2004 - redirected
        return "The forge says that it is elsewhere, and the token is not sent there: give its address of today"
    if status in (401, 403):
        return "Give the token the right to write comments"
    return "Check that the request still exists, and that the token may see it" if status == 404 else "Try again"  # noqa: PLR2004


def _token(variables: Mapping[str, str], name: str) -> str:
    token = variables.get(name, "").strip()
    if not token:
        raise Failure(f"{name} is not set, so the comment cannot be written. Hand the pipeline's token over in it.", 2)
    return token
