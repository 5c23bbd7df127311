"""Passphrases: which are refused, and what is kept of those that are not (argon2id, RFC 9106).

- Length 8 to 128 after NFKC, so that full-width letters of a Chinese keyboard are the same; any character.
- Refused: what everybody tries first (`common.txt`, hashes of the 3,000 most common of that length), digits
  alone below 13 (days of birth, phone numbers), one short piece over and over, the name of the room or
  person. Nothing else is asked for: no capitals, no signs. Source: OWASP ASVS 5.0 V6.2.
- A wrong passphrase and an unknown person take the same work.

Each hash needs 64 MiB for a moment; two run at a time, so that a node of 512 MB answers while many sign in.
Call it from a thread (`asyncio.to_thread`), never from the event loop or a transaction.
"""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from functools import cache
from importlib.resources import files

from nacl import exceptions
from nacl.pwhash import argon2id

from millpond.desk.refusals import Refused

SHORTEST = 8
LONGEST = 128
MEMORY_BYTES = argon2id.MEMLIMIT_INTERACTIVE
PASSES = argon2id.OPSLIMIT_INTERACTIVE
MAX_RAW = 1_000
"""Characters before NFKC; sorting the accents of a longer text would hold up the node."""
DIGITS_ALONE = 13
"""Digits alone must be so many: 8 are a day of birth, 11 a phone number, 12 one with a country's code."""
HASH_CHARACTERS = 10
"""Of the SHA-256 of a common passphrase, as in `common.txt`; 3,000 of 2^40 hit nobody by chance."""

_room = threading.Semaphore(2)


def check_passphrase(passphrase: str, *names: str) -> str:
    """The passphrase as it is hashed; raises `Refused` that says what to choose instead.

    `names` are the room's, its slug and the person's: a passphrase is none of them.
    """
    chosen = _normal(passphrase)
    if len(passphrase) > MAX_RAW:
        raise Refused("passphrase.long", most=LONGEST).inside("passphrase")
    if len(chosen) < SHORTEST:
        raise Refused("passphrase.short", least=SHORTEST).inside("passphrase")
    if len(chosen) > LONGEST:
        raise Refused("passphrase.long", most=LONGEST).inside("passphrase")
    if chosen.isdigit() and len(chosen) < DIGITS_ALONE:
        raise Refused("passphrase.digits").inside("passphrase")
    folded = _folded(chosen)
    if folded in {_folded(name) for name in names if name}:
        raise Refused("passphrase.name").inside("passphrase")
    if re.fullmatch(r"(.{1,4}?)\1+.{0,3}", folded) or _common_hash(folded) in _common():
        raise Refused("passphrase.common").inside("passphrase")
    return chosen


def hash_passphrase(passphrase: str) -> str:
    """What is kept of it. Takes a tenth of a second or more."""
    with _room:
        return argon2id.str(_normal(passphrase).encode(), opslimit=PASSES, memlimit=MEMORY_BYTES).decode(
            "ascii"
        )


def verify_passphrase(kept: str | None, passphrase: str) -> bool:
    """Whether this is the passphrase of the kept hash; None, for nobody, takes as long, and never is."""
    nobody = _nobody()  # before anything differs
    normal = _normal(passphrase)
    shown = normal[: LONGEST + 1].encode()
    with _room:
        try:
            is_it = argon2id.verify((kept or nobody).encode("ascii"), shown)
        except (exceptions.InvalidkeyError, exceptions.CryptoError):
            is_it = False
    return is_it and kept is not None and len(passphrase) <= MAX_RAW and len(normal) <= LONGEST


@cache
def _nobody() -> str:
    """The hash of a passphrase that nobody has."""
    return argon2id.str(b"\0", opslimit=PASSES, memlimit=MEMORY_BYTES).decode("ascii")


def _normal(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase[:MAX_RAW]).strip()


def _folded(text: str) -> str:
    return "".join(_normal(text).casefold().split())


def _common_hash(folded: str) -> str:
    return hashlib.sha256(folded.encode()).hexdigest()[:HASH_CHARACTERS]


@cache
def _common() -> frozenset[str]:
    """Hashes, so that a list of other people's passphrases, many of them rude, is not read here."""
    text = (files("millpond.node") / "common.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
