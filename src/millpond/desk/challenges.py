"""Challenges of passkeys that wait for their answer: random, for one purpose, answered once, soon.

They are kept in memory: who is asked for a passkey while the node starts anew is asked again.
"""

from __future__ import annotations

import secrets
import threading
from typing import Protocol

LASTS_MS = 5 * 60_000
MOST = 1_000
"""That wait at once; the oldest go first. Asking for one is limited to a few a minute for each address."""


class Challenges:
    """What waits. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[bytes, tuple[str, int]] = {}

    def new(self, purpose: str, *, now_ms: int) -> bytes:
        """256 random bits for this purpose."""
        challenge = secrets.token_bytes(32)
        with self._lock:
            while len(self._waiting) >= MOST:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[challenge] = (purpose, now_ms + LASTS_MS)
        return challenge

    def use(self, challenge: bytes, purpose: str, *, now_ms: int) -> bool:
        """Whether the challenge waits for an answer with this purpose; it waits no longer."""
        with self._lock:
            known, ends_ms = self._waiting.pop(challenge, ("", 0))
        return known == purpose and now_ms < ends_ms


class KeepsChallenges(Protocol):
    """What a node is to passkeys."""

    challenges: Challenges

    def clock(self) -> int:
        """Unix milliseconds."""
        ...
