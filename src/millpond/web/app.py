"""The application: guards, then the address table, then the page.

Numbered, what happens to a request before its page sees it:

1. headers are promised, failures are caught, the name it was asked by is looked at, its size and pace are
   watched, a form of another site is refused (`guard`);
2. the room is looked up; an address of no room is not found;
3. how often this address asks is counted;
4. who is signed in is found by the session's cookie;
5. what the address needs is compared with who asks;
6. a change by somebody signed in must carry the form's token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.routing import Route as Address

from millpond.desk import people, room
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.node.node import Node
from millpond.node.sessions import find as find_session
from millpond.web import packing, static
from millpond.web.guard.bodies import Bodies
from millpond.web.guard.failures import Failures
from millpond.web.guard.hashing import Busy
from millpond.web.guard.headers import Headers
from millpond.web.guard.hosts import Hosts
from millpond.web.guard.origins import Origins
from millpond.web.guard.pushes import Pushes
from millpond.web.guard.rates import Rates
from millpond.web.guard.tokens import is_form_token
from millpond.web.logs.appending import Appending
from millpond.web.packing import Packing
from millpond.web.pages import PAGES
from millpond.web.routes import Access, Route
from millpond.web.visit import Visit
from millpond.web.words import LANGUAGES

Work = Callable[[], Awaitable[None]]
Answer = Callable[[Request, Exception], Awaitable[Response]]
RETRY_SECONDS = 60


class _Number(Convertor[int]):
    """A number in an address: as long as the database counts, so that a longer one is no address."""

    regex = "[0-9]{1,15}"

    def convert(self, value: str) -> int:
        """As a number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """As it stands in the address."""
        return str(value)


register_url_convertor("number", _Number())


def make_app(node: Node, background: Callable[[Node], Work] | None = None) -> Starlette:
    """The node's pages as an ASGI application. `background` is what runs beside them (`node.clockwork`)."""
    rates = Rates()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        import asyncio

        task = asyncio.ensure_future(background(node)()) if background else None
        yield
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    addresses = [
        Address("/health", _health, methods=["GET"]),
        Address("/static/{hash}/{name}", static.serve, methods=["GET"]),
        *(_address(route, node, rates) for route in PAGES),
        Address("/{room}", _to_room(node), methods=["GET"]),
    ]
    secure = node.public_url.startswith("https://")
    app = Starlette(
        routes=addresses,
        lifespan=lifespan,
        middleware=[
            Middleware(Headers, secure=secure),
            Middleware(Failures, answer=_failed(node)),
            Middleware(Hosts, public_url=node.public_url),
            Middleware(Bodies),
            Middleware(Origins),
            Middleware(Packing, minimum_size=packing.MIN_BYTES, compresslevel=6),
        ],
        exception_handlers={400: _unreadable(node), 404: _not_found(node), 405: _not_allowed(node)},
    )
    app.router.redirect_slashes = False  # it would send to whatever host the request names
    app.state.node = node
    app.state.pushes, app.state.appending = Pushes(), Appending()
    return app


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")


def _address(route: Route, node: Node, rates: Rates) -> Address:
    for_programs = route.for_programs

    async def endpoint(request: Request) -> Response:
        if request.scope["path"].endswith("\n"):  # which a pattern's end would pass over
            return Visit(request, node).problem(404, "There is no such page.")
        visit = _enter(request, node) if route.in_room else Visit(request, node)
        if visit is None:
            return Visit(request, node).problem(404, "There is no such page.")
        if not rates.allows(visit.client, route.rate, visit.now_ms):  # 3
            return _too_often(visit)
        if not for_programs and visit.asked("language") in LANGUAGES and route.method == "GET":
            return visit.speak(visit.asked("language"))
        refused = await _refused(visit, route)
        if refused is not None:
            return refused
        try:
            return await route.handler(visit)
        except Busy:
            return _too_often(visit)
        except Refused as error:
            return visit.problem(409, error.message, **error.values)
        except InputError as error:
            return visit.problem(400, "{what}", what=str(error))

    methods = ["GET", "HEAD"] if route.method == "GET" else [route.method]
    prefix = "/{room:str}" if route.in_room else ""
    path = prefix + route.path.replace(":int}", ":number}")
    return Address(path, endpoint, methods=methods, name=f"{route.method} {route.path}")


def _too_often(visit: Visit) -> Response:
    answer = visit.problem(429, "That was often in a short time. Please wait a minute and try again.")
    answer.headers["retry-after"] = str(RETRY_SECONDS)
    return answer


def _to_room(node: Node) -> Callable[[Request], Awaitable[Response]]:
    """A room's name without the slash behind it leads to the room."""

    async def answer(request: Request) -> Response:
        found = node.room(request.path_params["room"])
        if found is None:
            return Visit(request, node).problem(404, "There is no such page.")
        return RedirectResponse(f"/{found.slug}/", 303)

    return answer


def _enter(request: Request, node: Node) -> Visit | None:
    """The visit to the room of this address, with who is signed in there; None where there is no room."""
    found = node.room(request.path_params["room"])  # 2
    if found is None:
        return None
    rows = found.db.read
    profile = room.profile(rows)
    if profile is None:
        return None
    visit = Visit(request, node, found, profile)
    if visit.session:  # 4
        session = find_session(node, found.slug, visit.session, node.clock())
        visit.person = people.by_id(rows, session.person) if session else None
    return visit


async def _refused(visit: Visit, route: Route) -> Response | None:
    """The answer to who may not do this; None for who may."""
    if route.needs is not Access.PUBLIC:  # 5
        if visit.person is None:
            if route.method == "GET":
                return visit.go(visit.at("sign-in"))
            return visit.problem(401, "Please sign in first.")
        if isinstance(route.needs, Role) and not visit.may(route.needs):
            return visit.problem(403, "This is not among your tasks here. Ask the owner of the room for it.")
        if route.method != "GET":  # 6
            shown = visit.request.headers.get("x-form-token") or (await visit.form()).typed.get(
                "form_token", ""
            )
            if not is_form_token(visit.node.secret, visit.session, shown):
                return visit.problem(
                    403, "This form is too old. Go back, load the page again, and send it again."
                )
    return None


def _unreadable(node: Node) -> Answer:
    """For a form that breaks the rules of forms; no browser sends one."""

    async def answer(request: Request, _: Exception) -> Response:
        return Visit(request, node).problem(400, "What was sent could not be read. Please send it again.")

    return answer


def _not_allowed(node: Node) -> Answer:
    """For an address that is there, and is asked in a way that it does not know."""

    async def answer(request: Request, _: Exception) -> Response:
        addresses = [one for one in request.app.routes if one.matches(request.scope)[0] is not Match.NONE]
        refused = Visit(request, node).problem(405, "There is no such page.")
        refused.headers["allow"] = ", ".join(sorted({way for one in addresses for way in one.methods}))
        return refused

    return answer


def _not_found(node: Node) -> Answer:
    async def answer(request: Request, _: Exception) -> Response:
        return Visit(request, node).problem(404, "There is no such page.")

    return answer


def _failed(node: Node) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        return Visit(request, node).problem(
            500, "Something went wrong here, and nothing was changed. Please try again."
        )

    return answer
