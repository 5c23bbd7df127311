"""A desk for tests of pages of money: a group order that has arrived, and somebody who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from money_rooms import MoneyRoom, decide, money_room, to_stage
from playwright.sync_api import Page
from sites import SLUG, Site

from millpond.community.books import Means
from millpond.community.transitions import Stage
from millpond.desk import claims, goods, ledger, money
from millpond.desk.claims import ClaimKind, NewClaim
from millpond.node import sessions

WANG, EVIL, LI, ZHAO = "王芳", '=HYPERLINK("http://x")', "李雷 <b>", "赵六"
"""The households of `money_rooms`."""


class Money:
    """A group order that has arrived, and who is signed in."""

    def __init__(self, site: Site) -> None:
        self.site, self.db = site, site.room.db
        self.room: MoneyRoom = money_room(self.db)
        decide(self.db, self.room)
        to_stage(self.db, self.room, Stage.ORDERED, Stage.ARRIVED)

    def do(self, what: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """One action of the owner."""
        more = {"person": self.site.owner.id, "now_ms": self.site.clock()} | more
        return self.db.write(lambda rows: what(rows, *given, **more))

    def pay(self, who: str, amount: int, means: Means = Means.CASH, **more: Any) -> int:
        more = {"token": None} | more
        order = self.room.orders[who]
        return int(self.do(money.pay, order, means=means, amount_minor=amount, **more))

    def due(self, who: str) -> ledger.Balance:
        return money.due_of_orders(self.site.read, self.room.round)[self.room.orders[who]]

    def claim(self, who: str, words: str, kind: ClaimKind = ClaimKind.DAMAGED) -> int:
        want = next(
            one.want for one in goods.due(self.site.read, self.room.round)
            if one.order == self.room.orders[who]
        )  # fmt: skip
        new = NewClaim(order=self.room.orders[who], kind=kind, want=want, words=words)
        return self.db.write(lambda rows: claims.open_claim(rows, new, now_ms=self.site.clock()))

    def session(self, person: int | None = None) -> str:
        """A cookie of somebody who is signed in; the owner, if nobody is named."""
        return sessions.start(self.site.node, SLUG, person or self.site.owner.id, self.site.clock())

    def let_in(self, page: Page, person: int | None = None) -> Page:
        """The page's browser is signed in."""
        cookie = {"name": "session", "value": self.session(person), "url": self.site.base}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    def get(self, path: str, person: int | None = None) -> Any:
        """What somebody who is signed in gets."""
        with self.site.client(cookie=f"session={self.session(person)}") as client:
            return client.get(path)

    @property
    def path(self) -> str:
        return f"desk/{self.room.round}/money"

    def account(self, who: str) -> str:
        return f"desk/households/{self.room.households[who]}/account"
