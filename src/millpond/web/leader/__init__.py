"""Pages of the leader and the helpers: group orders from collecting to the last cent. Behind a sign-in."""

from millpond.web.routes import Route

PAGES: tuple[Route, ...] = ()
