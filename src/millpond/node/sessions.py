"""Who is signed in: a random token in a cookie, of which the node keeps the hash alone.

A session ends when it was not used for a while, at the latest `LONGEST_MS` after it began, when its person
signs out or leaves, and with its room. Source of the two ends: OWASP ASVS 5.0 V7.3.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from millpond.node.node import Node

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
IDLE_REMEMBERED_MS = 30 * DAY_MS
IDLE_MS = 12 * HOUR_MS
"""For a phone or computer that others use too; for one's own it is `IDLE_REMEMBERED_MS`."""
LONGEST_MS = 90 * DAY_MS
SEEN_EVERY_MS = HOUR_MS
"""How exactly the last use is known: a write for each page would be too many."""
MAX_TOKEN = 100


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in to a room; times in unix milliseconds."""

    person: int
    created_ms: int
    seen_ms: int
    ends_ms: int


def start(node: Node, slug: str, person: int, now_ms: int, *, remembered: bool = True) -> str:
    """A new session; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    idle_ms = IDLE_REMEMBERED_MS if remembered else IDLE_MS
    node.db.write(
        lambda rows: rows.run(
            "node.add_session",
            token_hash=_hash(token),
            room=slug,
            person=person,
            now_ms=now_ms,
            idle_ms=idle_ms,
            ends_ms=now_ms + idle_ms,
        )
    )
    return token


def find(node: Node, slug: str, token: str, now_ms: int) -> Session | None:
    """The session of this token in this room, if it has not ended; notes at most hourly that it was used."""
    if not token or len(token) > MAX_TOKEN:
        return None
    row = node.db.read.one("node.session", token_hash=_hash(token), room=slug, now_ms=now_ms)
    if row is None:
        return None
    seen_ms, ends_ms = row["seen_ms"], row["ends_ms"]
    if now_ms - seen_ms >= SEEN_EVERY_MS:
        seen_ms, ends_ms = now_ms, min(now_ms + row["idle_ms"], row["created_ms"] + LONGEST_MS)
        node.db.write(
            lambda rows: rows.run("node.seen", token_hash=_hash(token), now_ms=now_ms, ends_ms=ends_ms)
        )
    return Session(row["person"], row["created_ms"], seen_ms, ends_ms)


def end(node: Node, token: str) -> None:
    """Signs out; a token of no session does nothing."""
    node.db.write(lambda rows: rows.run("node.end_session", token_hash=_hash(token)))


def end_all(node: Node, slug: str, person: int, *, but: str = "") -> None:
    """Signs the person out everywhere, except where the token is `but`."""
    node.db.write(
        lambda rows: rows.run("node.end_sessions_of", room=slug, person=person, but=_hash(but) if but else "")
    )


def end_old(node: Node, now_ms: int) -> int:
    """Forgets the sessions that have ended; returns how many."""
    return node.db.write(lambda rows: rows.run("node.end_old_sessions", now_ms=now_ms))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
