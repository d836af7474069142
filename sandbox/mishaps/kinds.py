"""The kinds of mishaps: what each does, which requests it meets unless told otherwise, and what can be said about it."""

from typing import Literal, NamedTuple

Moment = Literal["before", "instead", "during", "after", "past"]

CREATE_SERVER = "POST /compute/*/servers"
_ANY = "* /*"


class Kind(NamedTuple):
    """One kind of mishap.

    `moment` tells when it happens: `before` the request is looked at; `instead` of keeping what the request did;
    `during` it, to what it makes; `after` it took effect; or `past`, where the answer shows the world of then.
    `takes` maps what can be said about it to what holds if nothing is said.
    """

    tells: str
    moment: Moment
    on: str = CREATE_SERVER
    takes: dict[str, float | str | None] = {}  # noqa: RUF012 - nobody changes the table below
    fixed: bool = False
    """Whether it meets nothing but what `on` says."""
    method: str = ""
    """The only method that it can meet, if there is but one."""


KINDS: dict[str, Kind] = {
    "no-valid-host": Kind("the server is accepted, then goes to ERROR: no host has room for it", "during", fixed=True),
    "error-after-build": Kind(
        "the server is accepted, is in BUILD, then goes to ERROR with a fault",
        "during",
        takes={"seconds": None, "message": "Build of instance aborted: the hypervisor could not start it."},
        fixed=True,
    ),
    "slow-build": Kind("what the request makes takes so many seconds to come up", "during", takes={"seconds": 30.0}),
    "quota": Kind("the request is right, and refused because a quota is used up", "instead", method="POST"),
    "429": Kind("too many requests; Retry-After says when to come back", "before", takes={"retry_after": 5.0}),
    "500": Kind("the service itself breaks", "before"),
    "502": Kind("a proxy got no proper answer from the service", "before"),
    "503": Kind("a proxy finds the service away", "before", takes={"retry_after": None}),
    "504": Kind("a proxy waited for the service in vain", "before"),
    "drop-before": Kind("the connection is closed without an answer; nothing took effect", "before"),
    "drop-after": Kind("the request takes effect, then the connection is closed without an answer", "after"),
    "slow-answer": Kind(
        "the request takes effect at once, its answer comes so many seconds later", "after", takes={"seconds": 5.0}
    ),
    "expire-token": Kind("the token of the request is over from now on: 401 until the next login", "before", on=_ANY),
    "lag": Kind(
        "a list shows the world as it was so many seconds ago; a look-up by id does not lag",
        "past",
        on="GET /*",
        takes={"seconds": 5.0},
        method="GET",
    ),
}
"""Every kind, in the order in which help shows them."""

OPTIONS = ("seconds", "retry_after", "message")
"""What can be said about some kinds, but not about others."""
