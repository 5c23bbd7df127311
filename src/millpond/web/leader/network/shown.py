"""How pages of the network show what comes from logs: who somebody is, when it was, how large.

Texts, names and times in statements are their authors' own: nothing here trusts a time to be one that a
calendar has, or a name to tell who somebody is.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from babel.dates import format_date, format_timedelta

from millpond.node import own_log
from millpond.web.formats import local
from millpond.web.visit import Visit

MOST_MS = 4_102_444_800_000
"""2100 in unix milliseconds: what a statement says is later is not shown as a day."""
DAY_MS = 86_400_000


class Names:
    """What participants are called on a page: as the leader calls them, else as they call themselves."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    @cached_property
    def _here(self) -> dict[str, str]:
        rows = self._visit.read
        names = {row["did"]: row["name"] for row in rows.all("peers.keepers")}
        names |= {row["origin"]: row["name"] for row in rows.all("peers.all")}
        own = self._visit.words("yourself")
        return names | {key.did: own for key in own_log.keys(rows)}

    def of(self, did: str) -> str:
        """What the leader calls them; else what they call themselves, said as such; else part of the did."""
        if did in self._here:
            return self._here[did]
        own = self.own_word(did)
        return self._visit.words("somebody who calls itself “{name}”", name=own) if own else short(did)

    def own_word(self, did: str) -> str:
        """What they call themselves in the log of theirs that is here; "" if nothing."""
        row = self._visit.node.network.read.one("network_people.profile", origin=did)
        return "" if row is None else str(row["name"])


def short(did: str) -> str:
    """Enough of a did to tell it from others on one page; the check phrase tells who it is.

    >>> short("did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd")
    'z6MkehRg…JgvVd'
    """
    key = did.removeprefix("did:key:")
    return f"{key[:8]}…{key[-5:]}"


def moment(visit: Visit, at_ms: int | None) -> str:
    """Day and time, with the year if it is another one; "" for none."""
    if at_ms is None:
        return ""
    if not 0 <= at_ms < MOST_MS:
        return visit.words("a day that no calendar has")
    zone = visit.profile.time_zone
    when = local(at_ms, zone)
    if when.year == local(visit.now_ms, zone).year:
        return visit.moment(at_ms)
    return str(format_date(when, "long", locale=visit.language))


def ago(visit: Visit, at_ms: int | None) -> str:
    """How long ago, or in how long; "" for none."""
    if at_ms is None or not 0 <= at_ms < MOST_MS:
        return ""
    passed = timedelta(milliseconds=at_ms - visit.now_ms)
    if abs(passed) < timedelta(minutes=1):
        return visit.words("just now")
    return str(format_timedelta(passed, add_direction=True, locale=visit.language))


def in_language(texts: dict[str, str], language: str) -> str:
    """The text in this language, else in any; "" where there is none.

    >>> in_language({"zh-CN": "大米", "en": "Rice"}, "zh"), in_language({"fr": "Riz"}, "zh")
    ('大米', 'Riz')
    """
    for code, text in texts.items():
        if code.lower().partition("-")[0] == language:
            return text
    return next(iter(texts.values()), "")


def bytes_text(count: int) -> str:
    """How large something is, rounded up; written alike in every language.

    >>> bytes_text(1), bytes_text(2_340_000)
    ('1 KB', '2.4 MB')
    """
    if count < 1_000_000:
        return f"{-(-count // 1_000)} KB"
    tenths = -(-count // 100_000)
    return f"{tenths // 10}.{tenths % 10} MB"
