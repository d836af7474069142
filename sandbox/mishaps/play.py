"""One request that something may happen to: what it meets, in which order, and what counts."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

from sandbox.faults import Fault
from sandbox.keystone.tokens import identify
from sandbox.lenient import MisreadError
from sandbox.mishaps.answers import UsedUp, in_use, refusal, used_up
from sandbox.mishaps.kinds import Moment
from sandbox.mishaps.mishap import Mishap
from sandbox.routing import Answer, Call, Handler, Route
from sandbox.world import Settings

NO_ANSWER = Answer(0)
"""Stands for the answer that is never made."""

_ALIAS = "/os-volumes_boot"


class Play:
    """What happens to one request.

    Each kind happens to it at most once, the oldest of its mishaps first. One that comes before the request is looked
    at comes alone. A request that the cloud refuses by itself meets none of those that need a good one: they wait for
    the next.

    `happened` are the kinds that did, for the log; `hang_up` says that the connection is to be closed instead of
    answered; `wait` is for how many seconds the answer is to be held back.
    """

    def __init__(self, call: Call, service: str, route: Route) -> None:
        self.happened: tuple[str, ...] = ()
        self.hang_up = False
        self.wait = 0.0
        self._call = call
        self._world = call.world
        self._service = service
        self._route = route
        fitting = [one for one in self._world.mishaps.live if self._fits(one)]
        self._first = next((one for one in fitting if one.due and one.what.moment == "before"), None)
        if self._first is not None:
            fitting = [one for one in fitting if one.what.moment == "before"]
        self._due: dict[str, Mishap] = {}
        for one in fitting:
            if one.due and self._first in (None, one):
                self._due.setdefault(one.kind, one)
        # Those that let some requests pass count this one among them.
        self._seen = [one for one in fitting if not one.due or self._due.get(one.kind) == one]

    def answer(self, admit: Callable[[], None], handler: Handler) -> Answer:
        """Answer the request; `admit` raises a `Fault` for a caller who may not ask."""
        if self._first is not None and (early := self._before(self._first)):
            return early
        admit()
        world = self._world
        self._call.world = world.under(self._settings())
        try:
            with world.store.transaction(write=True):
                answer = self._handle(handler)
                world.mishaps.count(self._seen)
        except (Fault, MisreadError) as fault:
            self._count_refused(("after", "instead") if isinstance(fault, UsedUp) else ("after",))
            raise
        except BaseException:
            world.mishaps.load()
            raise
        self._happen(self._due)
        return answer

    def _count_refused(self, moments: tuple[Moment, ...]) -> None:
        # What was counted is undone with all that the request did; the connection's troubles care for no answer.
        with self._world.store.transaction(write=True):
            self._world.mishaps.count(one for one in self._seen if one.what.moment in moments)
        self._happen({kind: one for kind, one in self._due.items() if one.what.moment in moments})

    def _fits(self, mishap: Mishap) -> bool:
        call = self._call
        # The alias creates servers as well.
        path = call.path.removesuffix(_ALIAS) + "/servers" if call.path.endswith(_ALIAS) else call.path
        if not mishap.fits(call.method, path) or not self._fits_server(mishap):
            return False
        if mishap.kind == "lag":
            return not self._route.public and "{" not in self._route.path
        if mishap.kind == "expire-token":
            return not self._route.public and self._token_id() is not None
        return True

    def _fits_server(self, mishap: Mishap) -> bool:
        if mishap.server is None:
            return True
        if self._service != "compute":
            return False
        server_id = self._call.params.get("server_id")
        if server_id is not None:
            found = self._world.store.get("server", server_id)
            name = found["name"] if found else ""
        else:
            body = self._call.body
            asked = body.get("server") if isinstance(body, dict) else None
            name = asked.get("name") if isinstance(asked, dict) else None
        return isinstance(name, str) and mishap.fits_server(name, server_id)

    def _token_id(self) -> str | None:
        found = identify(self._world, self._call.headers.get("x-auth-token", ""))
        return found.token["id"] if found else None

    def _before(self, mishap: Mishap) -> Answer | None:
        world = self._world
        token_id = self._token_id()
        with world.store.transaction(write=True):
            world.mishaps.count(self._seen)
            if mishap.kind == "expire-token" and token_id is not None:
                world.store.remove("token", token_id)
        self._happen({mishap.kind: mishap})
        if mishap.kind == "expire-token":
            # The request goes on as any other, and is refused as any other with such a token.
            self._due, self._seen = {}, []
            return None
        if self.hang_up:
            return NO_ANSWER
        made = refusal(mishap, self._service)
        if isinstance(made, Fault):
            raise made
        return made

    def _handle(self, handler: Handler) -> Answer:
        store, lag = self._world.store, self._due.get("lag")
        then = store.as_of(self._world.now() - (lag.seconds or 0.0)) if lag else nullcontext()
        used = in_use(self._call, self._service)
        with then:
            answer = handler(self._call)
        if "quota" in self._due:
            # Everything about the request was right, and all that it did is undone with this.
            wanted = in_use(self._call, self._service) - used
            raise used_up(self._call, self._service, used, wanted)
        return answer

    def _settings(self) -> Settings:
        settings = self._world.settings
        for kind, one in self._due.items():
            if kind == "no-valid-host":
                settings = replace(settings, hosts=0)
            elif kind == "error-after-build":
                settings = replace(settings, build_error=one.message or "")
            if kind in ("slow-build", "error-after-build") and one.seconds is not None:
                settings = replace(settings, build_seconds=one.seconds)
        return settings

    def _happen(self, mishaps: dict[str, Mishap]) -> None:
        self.happened = tuple(mishaps)
        self.hang_up = "drop-before" in mishaps or "drop-after" in mishaps
        if "slow-answer" in mishaps:
            self.wait = mishaps["slow-answer"].seconds or 0.0
