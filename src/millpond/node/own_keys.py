"""The keys of a room's log, without what is secret: which there are, and what each may do.

    open      signs statements and checkpoints
    resting   the file may not be the newest: signs no checkpoint
    ended     the log moved to another node, or goes on under another key

- Of all keys of a room at most one is not ended.

`own_log` says what each state is for; these functions only read and note it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from millpond.store import Rows
from millpond.store.database import Row
from millpond.store.logs import origin_hash


class State(StrEnum):
    """What a key may do."""

    OPEN = "open"
    RESTING = "resting"
    ENDED = "ended"


class Why(StrEnum):
    """Why a key rests, or ended; each has a sentence (`Refused`, "log.WHY")."""

    RESTORED = "restored"
    IMPORTED = "imported"
    TWICE = "twice"
    PUT_BACK = "put_back"
    KEY = "key"
    ELSEWHERE = "elsewhere"
    MOVED = "moved"
    SUCCEEDED = "succeeded"
    LOST = "lost"
    UNKNOWN = "unknown"
    """A file that came from elsewhere says something that is not among these."""


_WORDS = frozenset(word.value for word in Why)


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of a room without its secret. `why` is "" while it is open; `has_seed`: its secret is here."""

    did: str
    state: State
    why: str
    has_seed: bool
    move: str
    created_ms: int
    changed_ms: int

    @property
    def hash(self) -> str:
        """The name of its log in addresses."""
        return origin_hash(self.did)


def keys(rows: Rows) -> tuple[OwnKey, ...]:
    """Every key of the room: the one that is not ended first, then the last that was."""
    return tuple(_own_key(row) for row in rows.all("own_log.keys"))


def current(rows: Rows) -> OwnKey | None:
    """The key that counts: the one that is not ended, else the last; None if the room never had one."""
    row = rows.one("own_log.keys")
    return None if row is None else _own_key(row)


def key_of(rows: Rows, did: str) -> OwnKey | None:
    """The key of this did, None if it is none of the room's."""
    row = rows.one("own_log.key", did=did)
    return None if row is None else _own_key(row)


def set_state(rows: Rows, did: str, state: State, *, why: str = "", move: str = "", now_ms: int) -> None:
    """What the key may do from here on; the caller knows why that is right."""
    rows.run("own_log.set_state", did=did, state=state, why=why, move=move, now_ms=now_ms)


def _own_key(row: Row) -> OwnKey:
    state = State(row["state"])
    return OwnKey(
        row["did"],
        state,
        _why(state, row["why"]),
        row["seed"] is not None,
        row["move"],
        row["created_ms"],
        row["changed_ms"],
    )


def _why(state: State, word: str) -> str:
    """A word that has a sentence: whatever stands in a file, pages can say it."""
    if word in _WORDS or (state is State.OPEN and not word):
        return word
    return Why.UNKNOWN
