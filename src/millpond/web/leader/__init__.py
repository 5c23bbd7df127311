"""Pages of the leader and the helpers: group orders from the first want to the last cent."""

from millpond.web.routes import Route

PAGES: tuple[Route, ...] = ()
