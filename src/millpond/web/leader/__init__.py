"""Pages of the leader and the helpers: group orders from the first want to the last cent."""

from millpond.web.leader import (
    account,
    booked,
    books,
    check_off,
    claims,
    decide,
    goods,
    maker_money,
    money,
    pick_up,
    rounds,
    settings,
)
from millpond.web.routes import Route

PAGES: tuple[Route, ...] = (
    *rounds.PAGES,
    *decide.PAGES,
    *goods.PAGES,
    *pick_up.PAGES,
    *check_off.PAGES,
    *settings.PAGES,
    *money.PAGES,
    *maker_money.PAGES,
    *account.PAGES,
    *books.PAGES,
    *booked.PAGES,
    *claims.PAGES,
)
