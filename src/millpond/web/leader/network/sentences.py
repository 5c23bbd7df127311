"""Statements of a log as sentences in the reader's language: “You vouched for Anna.”

What is not understood here is shown as such, with its kind and why, and nothing is read out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from millpond.errors import InputError
from millpond.log import kinds, statement
from millpond.log.kinds import Body
from millpond.log.statement import Attachment, Statement
from millpond.network import cards
from millpond.store import Rows, logs
from millpond.store.logs import Head
from millpond.web.leader.network import shown
from millpond.web.leader.network.shown import Names
from millpond.web.leader.network.told import told
from millpond.web.visit import Visit
from millpond.web.words import marked

TAKEN_BACK = (kinds.Vouch, kinds.Listing, kinds.CardEntry, kinds.Follow)
"""What may be withdrawn."""
_OWN = {
    kinds.Profile: marked("You call yourself “{name}”."),
    kinds.Vouch: marked("You vouched for {name}: you know who that is."),
    kinds.Follow: marked("You said that you follow {name}."),
    kinds.CardEntry: marked("You put the card of {name} into your address book, for others to find."),
    kinds.Successor: marked("You ended this log: it goes on under another key."),
    kinds.Predecessor: marked("You began this log; it continues your earlier one."),
}
_THEIRS = {
    kinds.Profile: marked("They call themselves “{name}”."),
    kinds.Vouch: marked("They vouched for {name}: they say that they know who that is."),
    kinds.Follow: marked("They said that they follow {name}."),
    kinds.CardEntry: marked("They put the card of {name} into their address book."),
    kinds.Successor: marked("They ended this log: it goes on under another key."),
    kinds.Predecessor: marked("They began this log; it continues an earlier one."),
}
_LISTING = {
    (True, False): marked("You offer “{title}” until {when}."),
    (True, True): marked("You are looking for “{title}” until {when}."),
    (False, False): marked("They offer “{title}” until {when}."),
    (False, True): marked("They are looking for “{title}” until {when}."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement as a page shows it; `more` are its longer texts, `problem` why it is not understood."""

    position: int
    time_ms: int
    sentence: str
    more: Sequence[str] = ()
    problem: str = ""
    sid: str
    attachments: Sequence[Attachment] = ()
    is_withdrawn: bool = False
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """A log that sentences are made of: the rows it stands in, and whether it is the reader's own."""

    visit: Visit
    rows: Rows
    head: Head
    names: Names
    is_own: bool

    def newest(self, skip: int, most: int) -> list[Said]:
        """Statements from the newest on, after so many of them, at most so many."""
        end = min(self.head.size, self.head.checked) - skip if not self.is_own else self.head.size - skip
        start = max(0, end - most)
        found = logs.entries(self.rows, self.head.id, start, end) if end > 0 else []
        return [self.said(position, entry) for position, entry in enumerate(found, start)][::-1]

    def said(self, position: int, entry: bytes) -> Said:
        """One entry, which is a statement of this log."""
        one = statement.read_payload(statement.split(entry)[0])
        body = kinds.understand(one)
        is_withdrawn = self.rows.one("logs.is_withdrawn", sid=one.sid) is not None
        return Said(
            position=position,
            time_ms=one.time_ms,
            sentence=self._unknown(one) if body is None else self.sentence(body),
            more=() if body is None else self._more(body),
            problem=told(self.visit.words, kinds.problem(one)) if body is None else "",
            sid=one.sid.hex(),
            attachments=one.attachments,
            is_withdrawn=is_withdrawn,
            may_withdraw=self.is_own and isinstance(body, TAKEN_BACK) and not is_withdrawn,
        )

    def sentence(self, body: Body, *, deep: bool = True) -> str:
        """What the body of a statement says."""
        words = self.visit.words
        if isinstance(body, kinds.Withdraw):
            return self._withdrawal(body) if deep else words("a statement")
        if isinstance(body, kinds.Listing):
            title = shown.in_language(dict(body.title), self.visit.language)
            when = shown.moment(self.visit, body.until_ms)
            return words(_LISTING[self.is_own, body.wants], title=title, when=when)
        return words((_OWN if self.is_own else _THEIRS)[type(body)], name=self._name(body))

    def _name(self, body: Body) -> str:
        if isinstance(body, kinds.Profile | kinds.Vouch):
            return body.name
        if isinstance(body, kinds.Follow):
            return self.names.of(body.subject)
        if isinstance(body, kinds.CardEntry):
            try:
                card = cards.read(body.card)
            except InputError:
                return self.visit.words("somebody (the card cannot be read)")
            return card.name or self.names.of(card.did)
        return ""

    def _withdrawal(self, body: kinds.Withdraw) -> str:
        words, sid = self.visit.words, bytes.fromhex(body.sid)
        position = self.rows.value("logs.position", log=self.head.id, sid=sid)
        found = [] if position is None else logs.entries(self.rows, self.head.id, position, position + 1)
        earlier = kinds.understand(statement.read_payload(statement.split(found[0])[0])) if found else None
        what = words("something that is not here") if earlier is None else self.sentence(earlier, deep=False)
        if self.is_own:
            return words("You took back: {what}", what=what)
        return words("They took back: {what}", what=what)

    def _more(self, body: Body) -> Sequence[str]:
        language = self.visit.language
        if isinstance(body, kinds.Profile):
            texts = (body.place, body.about)
        elif isinstance(body, kinds.Vouch):
            texts = (body.note, "")
        elif isinstance(body, kinds.Listing):
            texts = (shown.in_language(dict(body.text), language), "")
        else:
            return ()
        return tuple(text for text in texts if text)

    def _unknown(self, one: Statement) -> str:
        if one.kind in kinds.KINDS:
            return self.visit.words("A statement of kind {kind} that breaks its rules", kind=one.kind)
        return self.visit.words("A statement of kind {kind}, which is not known here", kind=one.kind)
