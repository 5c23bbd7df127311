"""Pages of households: what is offered, their order, the pick-up code. By secret link, no account."""

from millpond.web.routes import Route

PAGES: tuple[Route, ...] = ()
