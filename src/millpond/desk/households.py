"""Households: who they are, the secret link that is their key, and how they are forgotten.

Invariants:
- A link has 144 random bits and is a household's only key. A new one ends the old one at once.
- Two households are never made one by guessing: who has the same name or phone is named, and the leader says.
- Erased is erased: names, phones, addresses, notes, answers, words and pictures stand in no byte of the file
  or its log any more (`Rows.scrub`). Counts and amounts stay, of "household N". Backups made before keep
  what was there until they are thrown away.
- By the clock nobody is erased who owes, is owed, or wants something of every group order.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from millpond.community.group import MAX_NAME_CHARACTERS, MAX_NOTE_CHARACTERS
from millpond.desk import room
from millpond.desk.refusals import Refused
from millpond.store import Rows
from millpond.store.database import Row

DAY_MS = 86_400_000
MAX_PHONE_CHARACTERS = 40
MOST_SHOWN = 500
_CHINESE_MOBILE = re.compile(r"(?:\+|00)86(1[0-9]{10})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Somebody who orders. `orders` is only counted in a search."""

    id: int
    name: str
    phone: str
    address: str
    note: str
    link: str
    created_ms: int
    erased_ms: int | None
    orders: int = 0


def load(rows: Rows, id: int) -> Household:
    """The household of this id, also an erased one; raises `Refused`."""
    row = rows.one("households.get", id=id)
    if row is None:
        raise Refused("household.unknown")
    return _household(row)


def by_link(rows: Rows, link: str) -> Household | None:
    """The household of this secret link."""
    row = rows.one("households.by_link", link=link)
    return None if row is None else _household(row)


def candidates(rows: Rows, name: str, phone: str) -> tuple[Household, ...]:
    """Who has this name, or this phone: perhaps the same, perhaps not; the leader says."""
    found = rows.all("households.candidates", name=_text(name), phone=plain_phone(phone))
    return tuple(_household(row) for row in found)


def same(rows: Rows, name: str, phone: str) -> Household | None:
    """The one household with this very name and this very phone; without a phone there is none."""
    phone = plain_phone(phone)
    found = [one for one in candidates(rows, name, phone) if one.phone == phone and one.name == _text(name)]
    return found[0] if phone and len(found) == 1 else None


def search(rows: Rows, text: str = "", *, most: int = MOST_SHOWN, offset: int = 0) -> tuple[Household, ...]:
    """By a part of name, phone, address or note; by name."""
    found = rows.all("households.search", text=text.strip(), most=most, offset=offset)
    return tuple(_household(row) for row in found)


def add(
    rows: Rows, name: str, *, phone: str = "", address: str = "", note: str = "", now_ms: int
) -> Household:
    """A new household with a link of its own; raises `Refused` without a name."""
    id = rows.add("households.add", link=new_token(), now_ms=now_ms, **_columns(name, phone, address, note))
    return load(rows, id)


def change(
    rows: Rows,
    id: int,
    *,
    name: str,
    phone: str,
    address: str,
    note: str,
    person: int | None = None,
    now_ms: int,
) -> None:
    """How it is called and reached."""
    _present(rows, id)
    rows.run("households.update", id=id, **_columns(name, phone, address, note))
    room.journal(rows, "household.changed", now_ms=now_ms, person=person, household=id)


def new_link(rows: Rows, id: int, *, person: int | None, now_ms: int) -> str:
    """A new link, for one that was lost or given away; the old one leads nowhere from now on."""
    _present(rows, id)
    link = new_token()
    rows.run("households.set_link", id=id, link=link)
    room.journal(rows, "household.new_link", now_ms=now_ms, person=person, household=id)
    return link


def merge(rows: Rows, keep: int, gone: int, *, person: int | None, now_ms: int) -> None:
    """Two entries of one household become one; orders, standing wants and books go to the first."""
    one, other = _present(rows, keep), _present(rows, gone)
    if keep == gone:
        raise Refused("order.same")
    for name in ("end_standing_twins", "move_orders", "move_standing", "move_postings"):
        rows.run(f"households.{name}", id=gone, into=keep, now_ms=now_ms)
    note = " · ".join(text for text in (one.note, other.note) if text)
    phone, address = one.phone or other.phone, one.address or other.address
    rows.run("households.update", id=keep, **_columns(one.name, phone, address, note))
    rows.run("households.erase", id=gone, name=_pseudonym(rows, gone), link=new_token(), now_ms=now_ms)
    room.journal(rows, "household.merged", now_ms=now_ms, person=person, household=keep, gone=gone)


def export(rows: Rows, id: int) -> dict[str, Any]:
    """Everything that is kept of one household, for itself."""
    one = load(rows, id)
    orders = []
    for row in rows.all("households.orders", id=id):
        order = dict(row)
        key = order.pop("id")
        wants = [dict(want) for want in rows.all("households.wants", order_id=key)]
        order["wants"] = [want | {"options": json.loads(want["options"])} for want in wants]
        order["handed_out"] = [dict(event) for event in rows.all("households.handouts", order_id=key)]
        orders.append(order)
    others = ("claims", "books", "standing_wants")
    return {
        "household": {key: getattr(one, key) for key in ("name", "phone", "address", "note", "created_ms")},
        "orders": orders,
        **{name: [dict(row) for row in rows.all(f"households.{name}", id=id)] for name in others},
    }


def is_under_way(rows: Rows, id: int) -> bool:
    """Whether an order of it is not done yet."""
    return bool(rows.value("households.under_way", id=id))


def erase(rows: Rows, id: int, *, person: int | None, now_ms: int, force: bool = False) -> None:
    """Forgets who it was; raises `Refused` while an order of it is under way, unless that is `force`d.

    A forced one stays an order with its number and its pick-up code, of nobody that is known.
    """
    _present(rows, id)
    if is_under_way(rows, id) and not force:
        raise Refused("household.under_way")
    pictures = [row["picture"] for row in rows.all("households.pictures_of_claims", id=id)]
    for name in ("erase_notes", "erase_options", "erase_entry_words", "erase_claims", "erase_standing"):
        rows.run(f"households.{name}", id=id)
    for picture in pictures:
        rows.run("households.erase_picture", picture=picture)
    rows.run("households.erase", id=id, name=_pseudonym(rows, id), link=new_token(), now_ms=now_ms)
    rows.scrub()
    room.journal(rows, "household.erased", now_ms=now_ms, person=person, household=id)


def erase_old(rows: Rows, *, now_ms: int) -> int:
    """Erases who had nothing under way for as long as the room keeps households; returns how many."""
    profile = room.profile(rows)
    if profile is None:
        return 0
    found = rows.all("households.expired", now_ms=now_ms, kept_ms=profile.retention_days * DAY_MS)
    for row in found:
        erase(rows, row["id"], person=None, now_ms=now_ms)
    return len(found)


def plain_phone(phone: str) -> str:
    """The phone without the signs that people put between digits.

    >>> plain_phone("138-1234 5678"), plain_phone("+86 138 1234 5678"), plain_phone("+49 170 99")
    ('13812345678', '13812345678', '+4917099')
    """
    kept = "".join(c for c in phone if c.isdecimal() or c == "+" or c.isalpha())
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in kept)[:MAX_PHONE_CHARACTERS]
    mobile = _CHINESE_MOBILE.fullmatch(plain)
    return mobile[1] if mobile else plain


def new_token() -> str:
    """A secret for a link: 144 random bits."""
    return secrets.token_urlsafe(18)


def _pseudonym(rows: Rows, id: int) -> str:
    profile = room.profile(rows)
    return f"住户 {id}" if profile is not None and profile.language == "zh" else f"household {id}"


def _present(rows: Rows, id: int) -> Household:
    one = load(rows, id)
    if one.erased_ms is not None:
        raise Refused("household.unknown")
    return one


def _columns(name: str, phone: str, address: str, note: str) -> dict[str, str]:
    name = _text(name)[:MAX_NAME_CHARACTERS]
    if not name:
        raise Refused("order.name_missing")
    return {
        "name": name,
        "phone": plain_phone(phone),
        "address": _text(address)[:MAX_NOTE_CHARACTERS],
        "note": _text(note)[:MAX_NOTE_CHARACTERS],
    }


def _text(text: str) -> str:
    return " ".join(text.split())


def _household(row: Row) -> Household:
    return Household(
        id=row["id"],
        name=row["name"],
        phone=row["phone"],
        address=row["address"],
        note=row["note"],
        link=row["link"],
        created_ms=row["created_ms"],
        erased_ms=row["erased_ms"],
        orders=row["orders"] if "orders" in row.keys() else 0,  # noqa: SIM118 (a Row is no mapping)
    )
