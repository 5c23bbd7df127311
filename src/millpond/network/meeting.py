"""What statements say, noted as a log is read: who somebody is, whom they vouch for, what they list.

`fold` is given to `reading.read_on` for logs of others, `note` to `writing.say` for one's own. Both run in
the transaction that reads or writes the log, so what is noted is always exactly what was read so far.

Invariants:
- Only what is understood here is noted (`log.kinds`); the rest is passed by.
- A statement is withdrawn by its own author alone, and only after it was said. It stays withdrawn: the same
  bytes further on in the log are the same statement.
- A log ends with its successor statement: what its old key says after that is not noted. But one: that it
  names another successor, too. Then the old key is in two hands, and both are shown.
- A successor is believed because the old key signed it, wherever it is shown: in the old log, or in the first
  statement of the new one.
- A card in an address book is noted if it can be read; whose it is, its line says.
- What is noted follows from the log alone. A listing is noted though it is over: who shows it looks at the
  clock.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from millpond.errors import InputError
from millpond.log import kinds
from millpond.log.kinds import Body, understand
from millpond.log.statement import Statement
from millpond.network import attachments, cards
from millpond.store import Rows, logs
from millpond.store.logs import Head


class _Place(NamedTuple):
    """A statement and where it stands."""

    log: int
    position: int
    said: Statement

    @property
    def values(self) -> dict[str, Any]:
        """What every table of statements has."""
        said = self.said
        return {
            "sid": said.sid,
            "log": self.log,
            "author": said.author,
            "position": self.position,
            "time_ms": said.time_ms,
        }


def fold(rows: Rows, head: Head, position: int, statement: Statement) -> None:
    """Notes what a statement of another's log says, and which pictures and documents it names."""
    note(rows, head, position, statement)
    if statement.attachments:
        attachments.name(rows, head.id, position, statement.attachments)


def note(rows: Rows, head: Head, position: int, statement: Statement) -> None:
    """Notes what a statement says; nothing if it is not understood here."""
    if statement.kind not in kinds.KINDS:
        return
    body = understand(statement)
    if body is not None:
        _NOTES[type(body)](rows, _Place(head.id, position, statement), body)


def _profile(rows: Rows, place: _Place, body: kinds.Profile) -> None:
    values = place.values
    del values["sid"]
    rows.run(
        "network_people.set_profile",
        **values,
        name=body.name,
        about=body.about,
        place=body.place,
        addresses=json.dumps(body.addresses),
    )


def _vouch(rows: Rows, place: _Place, body: kinds.Vouch) -> None:
    rows.run("network_people.add_vouch", **place.values, subject=body.subject, name=body.name, note=body.note)


def _card(rows: Rows, place: _Place, body: kinds.CardEntry) -> None:
    try:
        card = cards.read(body.card)
    except InputError:
        return
    rows.run("network_people.add_card", **place.values, origin=card.did, card=cards.write(card))


def _listing(rows: Rows, place: _Place, body: kinds.Listing) -> None:
    rows.run(
        "network_people.add_listing",
        **place.values,
        title=_texts(body.title),
        text=_texts(body.text),
        is_wanted=body.wants,
        until_ms=body.until_ms,
    )


def _follow(rows: Rows, place: _Place, body: kinds.Follow) -> None:
    rows.run("network_people.add_follow", **place.values, subject=body.subject)


def _withdraw(rows: Rows, place: _Place, body: kinds.Withdraw) -> None:
    sid, log = bytes.fromhex(body.sid), place.log
    gone = (
        rows.run("network_people.withdraw_vouch", sid=sid, log=log)
        or rows.run("network_people.withdraw_listing", sid=sid, log=log)
        or rows.run("network_people.withdraw_card", sid=sid, log=log)
        or rows.run("network_people.withdraw_follow", sid=sid, log=log)
    )
    if gone:
        rows.run("network_people.note_withdrawn", sid=sid, log=log)


def _successor(rows: Rows, place: _Place, body: kinds.Successor) -> None:
    (entry,) = logs.entries(rows, place.log, place.position, place.position + 1)
    rows.run(
        "network_people.add_succession",
        origin=place.said.author,
        successor=body.successor,
        entry=entry,
        position=place.position,
    )


def _predecessor(rows: Rows, place: _Place, body: kinds.Predecessor) -> None:
    if place.position == 0:  # further on it could be anything that was copied together
        rows.run(
            "network_people.add_succession",
            origin=body.check(place.said.author),
            successor=place.said.author,
            entry=b64decode(body.entry),
            position=None,
        )


def _texts(by_language: Mapping[str, str]) -> str:
    return json.dumps(dict(by_language), ensure_ascii=False)


_NOTES: Mapping[type[Body], Callable[[Rows, _Place, Any], None]] = {
    kinds.Profile: _profile,
    kinds.Vouch: _vouch,
    kinds.Withdraw: _withdraw,
    kinds.Listing: _listing,
    kinds.CardEntry: _card,
    kinds.Successor: _successor,
    kinds.Predecessor: _predecessor,
    kinds.Follow: _follow,
}
