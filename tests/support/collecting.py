"""Group orders that are being collected, for tests of pages: a leader signed in, and a list to paste."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page
from sites import SLUG, Site
from small_rooms import item, opened

from millpond.desk import orders, rounds
from millpond.desk.rounds import RoundRecord
from millpond.node import sessions
from millpond.web.visit import SESSION_COOKIE

RICE, OIL, EGGS = "大米", "花生油", "土鸡蛋"
MESSY = "\n".join(
    [
        "#接龙",
        "腊月粮油，周六自提",
        "例：3-502张三 大米1袋",
        "1. 王芳 3-502 大米2袋",
        "2. 李雷 大米一袋，花生油1桶 13812345678",
        "3. 赵六 苹果3斤",
        "4. 陈静 大米2-3袋",
        *(f"{n}. 住户{chr(0x4E00 + n)}{chr(0x5E73)} 大米{n % 3 + 1}袋" for n in range(5, 41)),
        "辛苦团长啦",
    ]
)
"""Forty households, of whom two cannot be taken as they stand: what 赵六 wants, how much 陈静 wants."""


class Collecting:
    """An open group order of rice, oil and eggs on a site, and its owner's session."""

    def __init__(self, site: Site, *items: Any, **changes: Any) -> None:
        self.site = site
        offered = items or (
            item(RICE),
            item(OIL, unit="桶", reference=8_900),
            item(EGGS, unit="盒", reference=3_000),
        )
        self.round = opened(site.room.db, *offered, **changes).id
        self.path = f"desk/{self.round}"

    @property
    def record(self) -> RoundRecord:
        """The group order as it is now."""
        return rounds.load(self.site.read, self.round)

    def session(self, person: int | None = None) -> str:
        """A session of somebody; of the owner, if nobody is named."""
        return sessions.start(self.site.node, SLUG, person or self.site.owner.id, self.site.clock())

    def let_in(self, page: Page) -> Page:
        """The page, of the owner."""
        cookie = {"name": SESSION_COOKIE, "value": self.session(), "url": self.site.base}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    def units(self) -> dict[str, int]:
        """Units of each item that are wanted, by its label."""
        found = rounds.units_of_items(self.site.read, self.round)
        return {one.label: found[one.id] for one in self.record.group.items if found.get(one.id)}

    def kept(self) -> tuple[orders.Order, ...]:
        """Every order that is not cancelled."""
        return tuple(one for one in orders.of_round(self.site.read, self.round) if one.cancelled_ms is None)
