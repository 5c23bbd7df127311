"""Pages of the leader and the helpers: group orders from the first want to the last cent."""

from millpond.web.leader import check_off, decide, goods, pick_up, rounds, settings
from millpond.web.routes import Route

PAGES: tuple[Route, ...] = (
    *rounds.PAGES,
    *decide.PAGES,
    *goods.PAGES,
    *pick_up.PAGES,
    *check_off.PAGES,
    *settings.PAGES,
)
