"""Households: who they are, the secret link that is their key, and how they are forgotten.

Invariants:
- A link has 144 random bits and is a household's only key. A new one ends the old one at once.
- Two households are never made one by guessing: who has the same name or phone is named, and the leader says.
- Erased is erased: names, phones, addresses, notes, answers, words and pictures are overwritten in the file
  (`secure_delete`). Counts and amounts stay, of "household N".
"""

from __future__ import annotations

import json
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
    for name in ("move_orders", "move_standing", "move_postings"):
        rows.run(f"households.{name}", id=gone, into=keep)
    rows.run(
        "households.update",
        id=keep,
        name=one.name,
        phone=one.phone or other.phone,
        address=one.address or other.address,
        note=" ".join(text for text in (one.note, other.note) if text),
    )
    rows.run("households.erase", id=gone, link=new_token(), now_ms=now_ms)
    room.journal(rows, "household.merged", now_ms=now_ms, person=person, household=keep, gone=gone)


def export(rows: Rows, id: int) -> dict[str, Any]:
    """Everything that is kept of one household, for itself."""
    one = load(rows, id)
    orders = []
    for row in rows.all("households.orders", id=id):
        wants = [
            {
                "item": f"{want['name']} {want['variant']}".strip(),
                "unit": want["unit"],
                "quantity": want["quantity"],
                "limit_minor": want["limit_minor"],
                "piece": want["piece"],
                "options": json.loads(want["options"]),
            }
            for want in rows.all("households.wants", order_id=row["id"])
        ]
        keys = ("number", "title", "stage", "note", "leader_note", "source", "pickup_code", "created_ms",
                "changed_ms", "cancelled_ms")  # fmt: skip
        orders.append({key: row[key] for key in keys} | {"wants": wants})
    claims = ("kind", "quantity", "words", "state", "answer", "refund", "created_ms", "settled_ms")
    booked = ("kind", "at_ms", "words", "account", "amount")
    standing = ("name", "variant", "quantity", "limit_minor", "created_ms", "ended_ms")
    return {
        "household": {key: getattr(one, key) for key in ("name", "phone", "address", "note", "created_ms")},
        "orders": orders,
        "claims": [{key: row[key] for key in claims} for row in rows.all("households.claims", id=id)],
        "books": [{key: row[key] for key in booked} for row in rows.all("households.postings", id=id)],
        "standing_wants": [
            {key: row[key] for key in standing} for row in rows.all("households.standing", id=id)
        ],
    }


def is_under_way(rows: Rows, id: int) -> bool:
    """Whether an order of it is not done yet."""
    return bool(rows.value("households.under_way", id=id))


def erase(rows: Rows, id: int, *, person: int | None, now_ms: int) -> None:
    """Forgets who it was; raises `Refused` while an order of it is under way."""
    _present(rows, id)
    if is_under_way(rows, id):
        raise Refused("household.under_way")
    pictures = [row["picture"] for row in rows.all("households.pictures_of_claims", id=id)]
    for name in ("erase_notes", "erase_options", "erase_entry_words", "erase_claims", "erase_standing"):
        rows.run(f"households.{name}", id=id)
    for picture in pictures:
        rows.run("households.erase_picture", picture=picture)
    rows.run("households.erase", id=id, link=new_token(), now_ms=now_ms)
    room.journal(rows, "household.erased", now_ms=now_ms, person=person, household=id)


def erase_old(rows: Rows, *, now_ms: int) -> int:
    """Erases every household whose last order was done longer ago than the room keeps; returns how many."""
    profile = room.profile(rows)
    if profile is None:
        return 0
    found = rows.all("households.expired", now_ms=now_ms, kept_ms=profile.retention_days * DAY_MS)
    for row in found:
        erase(rows, row["id"], person=None, now_ms=now_ms)
    return len(found)


def plain_phone(phone: str) -> str:
    """The phone without the signs that people put between digits.

    >>> plain_phone("138-1234 5678"), plain_phone("+86 138 1234 5678")
    ('13812345678', '+8613812345678')
    """
    kept = "".join(c for c in phone if c.isdecimal() or c == "+" or c.isalpha())
    return "".join(str(int(c)) if c.isdecimal() else c for c in kept)[:MAX_PHONE_CHARACTERS]


def new_token() -> str:
    """A secret for a link: 144 random bits."""
    return secrets.token_urlsafe(18)


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
