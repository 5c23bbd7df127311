"""Who works in a room: its owner, and helpers with what they may do.

- There is one owner, who may do everything. A helper may do what the roles say, and nothing else.
- Somebody comes in by an invitation: a token of 144 bits that is used once and ends after a week. The room
  keeps its hash alone. Taking it up sets a passphrase, of which the room keeps the hash that it is given.
- Who has left is not found by anything here, so no session and no passkey lets them in. Their name stays in
  the journal.
- Two people who are here never have the same name: it is what they sign in with.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from millpond.desk.refusals import Refused
from millpond.desk.room import journal
from millpond.store import Rows
from millpond.store.database import Row

INVITATION_MS = 7 * 24 * 3_600_000
MAX_NAME = 60
MAX_PEOPLE = 100
"""In one room."""
MAX_TOKEN = 100


class Role(StrEnum):
    """What somebody may do. `OWNER` is everything, and people and the room itself besides."""

    OWNER = "owner"
    COLLECTS = "collects"  # orders and households
    HANDS_OUT = "hands_out"  # goods, packing, pick-up
    KEEPS_MONEY = "keeps_money"  # payments and books


HELPER_ROLES = (Role.COLLECTS, Role.HANDS_OUT, Role.KEEPS_MONEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works here. `invited_until_ms`: of an invitation that waits, None if there is none."""

    id: int
    name: str
    roles: frozenset[Role]
    has_passphrase: bool
    invited_until_ms: int | None
    created_ms: int

    def may(self, role: Role) -> bool:
        """Whether this is among the person's tasks; everything is the owner's."""
        return role in self.roles or Role.OWNER in self.roles

    @property
    def is_owner(self) -> bool:
        """Whether the room is theirs."""
        return Role.OWNER in self.roles


def by_id(rows: Rows, id: int) -> Person | None:
    """The person, unless they have left."""
    row = rows.one("people.by_id", id=id)
    return None if row is None else _person(row)


def everyone(rows: Rows) -> tuple[Person, ...]:
    """Who works here, the owner first."""
    return tuple(_person(row) for row in rows.all("people.here"))


def owner(rows: Rows) -> Person | None:
    """Whose room it is; None before it is set up."""
    return next((person for person in everyone(rows) if person.is_owner), None)


def asks_name(rows: Rows) -> bool:
    """Whether a passphrase alone does not say who signs in: more than one person has one."""
    return sum(person.has_passphrase for person in everyone(rows)) > 1


def known_by(rows: Rows, name: str) -> tuple[Person, str] | None:
    """Who signs in with this name, and their passphrase's hash; "" stands for the only one who has one."""
    able = [row for row in rows.all("people.here") if row["passphrase_hash"] is not None]
    if name.strip():
        able = [row for row in able if _folded(row["name"]) == _folded(name)]
    return (_person(able[0]), able[0]["passphrase_hash"]) if len(able) == 1 else None


def create_owner(rows: Rows, name: str, *, passphrase_hash: str, now_ms: int) -> Person:
    """Whose room it is, once; raises `Refused` if there is an owner."""
    if owner(rows) is not None:
        raise Refused("person.owner_stays")
    id = _add(rows, name, (), is_owner=1, passphrase_hash=passphrase_hash, now_ms=now_ms)
    return _known(rows, id)


def invite(
    rows: Rows, name: str, roles: Iterable[Role], *, by: int | None, now_ms: int
) -> tuple[Person, str]:
    """A helper, who comes in by the token that is returned; raises `Refused`."""
    token = secrets.token_urlsafe(18)
    id = _add(rows, name, roles, invitation_hash=_hash(token), ends_ms=now_ms + INVITATION_MS, now_ms=now_ms)
    journal(rows, "person.invited", person=by, now_ms=now_ms, who=id)
    return _known(rows, id), token


def invite_again(rows: Rows, id: int, *, by: int | None, now_ms: int) -> str:
    """A new token for somebody who lost theirs, or their passphrase; the one before lets nobody in.

    The passphrase they have holds until the invitation is taken up.
    """
    _known(rows, id)
    token = secrets.token_urlsafe(18)
    rows.run(
        "people.set_invitation",
        id=id,
        invitation_hash=_hash(token),
        invitation_ends_ms=now_ms + INVITATION_MS,
    )
    journal(rows, "person.invited", person=by, now_ms=now_ms, who=id)
    return token


def invited(rows: Rows, token: str, *, now_ms: int) -> Person | None:
    """Who is invited by this token; None if it was used, has ended or never was."""
    if len(token) > MAX_TOKEN:
        return None
    row = rows.one("people.invited", invitation_hash=_hash(token), now_ms=now_ms)
    return None if row is None else _person(row)


def take_up(rows: Rows, token: str, *, passphrase_hash: str, now_ms: int) -> Person:
    """Who was invited has a passphrase now, and the token is used; raises `Refused`.

    Passkeys of before are gone: a link for a lost passphrase may be for a lost phone. The caller ends
    sessions.
    """
    person = invited(rows, token, now_ms=now_ms)
    if person is None:
        raise Refused("person.invitation_over")
    rows.run("people.set_passphrase", id=person.id, passphrase_hash=passphrase_hash)
    rows.run("people.remove_passkeys_of", person=person.id)
    journal(rows, "person.came", person=person.id, now_ms=now_ms)
    return _known(rows, person.id)


def set_passphrase(rows: Rows, id: int, passphrase_hash: str, *, now_ms: int) -> None:
    """Their own new passphrase; the caller checks the old one and ends other sessions."""
    _known(rows, id)
    rows.run("people.set_passphrase", id=id, passphrase_hash=passphrase_hash)
    journal(rows, "person.passphrase", person=id, now_ms=now_ms)


def rename(rows: Rows, id: int, name: str, *, by: int | None, now_ms: int) -> None:
    """Another name to sign in with; raises `Refused`."""
    rows.run("people.rename", id=_known(rows, id).id, name=_free_name(rows, name, but=id))
    journal(rows, "person.renamed", person=by, now_ms=now_ms, who=id)


def change_roles(rows: Rows, id: int, roles: Iterable[Role], *, by: int | None, now_ms: int) -> None:
    """What a helper may do from now on; raises `Refused` for the owner, who may do everything."""
    if _known(rows, id).is_owner:
        raise Refused("person.owner_stays")
    columns = _role_columns(roles)
    rows.run("people.set_roles", id=id, **columns)
    journal(rows, "person.roles", person=by, now_ms=now_ms, who=id, **columns)


def end_access(rows: Rows, id: int, *, by: int | None, now_ms: int) -> None:
    """A helper has left: passphrase, passkeys and invitation let nobody in.

    Raises `Refused` for the owner. The caller ends their sessions, which would find nobody anyway.
    """
    if _known(rows, id).is_owner:
        raise Refused("person.owner_stays")
    rows.run("people.leave", id=id, now_ms=now_ms)
    rows.run("people.remove_passkeys_of", person=id)
    journal(rows, "person.left", person=by, now_ms=now_ms, who=id)


def _add(
    rows: Rows,
    name: str,
    roles: Iterable[Role],
    *,
    now_ms: int,
    is_owner: int = 0,
    passphrase_hash: str | None = None,
    invitation_hash: str | None = None,
    ends_ms: int | None = None,
) -> int:
    if len(rows.all("people.here")) >= MAX_PEOPLE:
        raise Refused("person.too_many", most=MAX_PEOPLE)
    return rows.add(
        "people.add",
        name=_free_name(rows, name),
        is_owner=is_owner,
        passphrase_hash=passphrase_hash,
        invitation_hash=invitation_hash,
        invitation_ends_ms=ends_ms,
        now_ms=now_ms,
        **_role_columns(roles),
    )


def _free_name(rows: Rows, name: str, *, but: int | None = None) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("person.name_missing").inside("name")
    if len(name) > MAX_NAME:
        raise Refused("person.name_long", most=MAX_NAME).inside("name")
    taken = (_folded(person.name) for person in everyone(rows) if person.id != but)
    if _folded(name) in taken:
        raise Refused("person.name_taken").inside("name")
    return name


def _folded(name: str) -> str:
    """As names are compared: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _role_columns(roles: Iterable[Role]) -> dict[str, int]:
    asked = set(roles)
    if Role.OWNER in asked:
        raise Refused("person.owner_stays")
    return {role.value: int(role in asked) for role in HELPER_ROLES}


def _known(rows: Rows, id: int) -> Person:
    person = by_id(rows, id)
    if person is None:
        raise Refused("person.unknown")
    return person


def _person(row: Row) -> Person:
    roles = {role for role in HELPER_ROLES if row[role.value]}
    if row["is_owner"]:
        roles.add(Role.OWNER)
    return Person(
        id=row["id"],
        name=row["name"],
        roles=frozenset(roles),
        has_passphrase=row["passphrase_hash"] is not None,
        invited_until_ms=row["invitation_ends_ms"],
        created_ms=row["created_ms"],
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
