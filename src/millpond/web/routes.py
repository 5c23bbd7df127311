"""The table of addresses: what each needs. A page is listed here once, with who may see it.

`Access` is part of the row, so that a test can walk over all rows and try each as everybody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from starlette.responses import Response

from millpond.desk.people import Role
from millpond.web.guard import rates
from millpond.web.guard.rates import Rate
from millpond.web.plain import is_for_programs
from millpond.web.visit import Visit

Handler = Callable[[Visit], Awaitable[Response]]


class Access(Enum):
    """Who may see a page that asks for no role."""

    PUBLIC = "public"  # anybody who has the address
    SIGNED_IN = "signed in"  # the owner and every helper


@dataclass(frozen=True, slots=True)
class Route:
    """One address: `path` inside the room (or of the node where `in_room` is false), and who may come."""

    method: str
    path: str
    handler: Handler
    needs: Access | Role
    rate: Rate
    in_room: bool = True

    @property
    def for_programs(self) -> bool:
        """Whether programs call it: no cookies, no pages."""
        return is_for_programs(("/room" if self.in_room else "") + self.path)


def get(path: str, handler: Handler, needs: Access | Role, *, rate: Rate = rates.PAGES) -> Route:
    """A page of a room."""
    return Route("GET", path, handler, needs, rate)


def post(path: str, handler: Handler, needs: Access | Role, *, rate: Rate = rates.CHANGES) -> Route:
    """A change in a room."""
    return Route("POST", path, handler, needs, rate)


def of_node(method: str, path: str, handler: Handler, *, rate: Rate = rates.PAGES) -> Route:
    """A page or change of the node itself."""
    return Route(method, path, handler, Access.PUBLIC, rate, in_room=False)
