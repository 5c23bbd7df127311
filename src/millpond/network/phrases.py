"""Check phrases: four words that stand for an identity, to be compared face to face or by phone.

A phrase is 44 bits of argon2id over the did (a salt of the format, 4 passes, 64 MiB), four times eleven, each
a place in a list of 2,048 words: BIP 39's English or simplified Chinese list, as the package `mnemonic` has
them. The Chinese phrase and the English one say the same.

Why slow: whoever wants to be taken for another looks for a key of their own whose phrase is the same. Keys
are made in microseconds; with a hash as fast as that, 44 bits would be tried through in days on one rented
machine. With argon2id each try costs a tenth of a second and 64 MiB: 2^44 tries are some 50,000 years of one
core. It takes all four words, though: two that agree are found in a week.

- The phrase of an identity never changes, so salt, passes and memory are part of the format.
- Computed phrases are kept, and one is computed at a time: a node of 512 MB has no memory for more. Call it
  from a thread (`asyncio.to_thread`), never from an event loop or a transaction.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, lru_cache

from mnemonic import Mnemonic
from nacl.pwhash import argon2id

from millpond.log.keys import public_of

WORDS = 4
WORD_BITS = 11
SALT = b"millpond-phrase1"
PASSES = 4
MEMORY_BYTES = 64 * 2**20
LISTS = {"en": "english", "zh": "chinese_simplified"}
"""Of each language, the list of its words."""
MAX_SAID = 200
"""Characters of what somebody says a phrase is."""

_REMEMBERED = 2_048
_one_at_a_time = threading.Lock()


def phrase(did: str, language: str = "en") -> str:
    """The four words, with spaces between them; any language but Chinese reads English. Raises `InputError`.

    Takes a tenth of a second or more the first time.
    """
    words = _words("zh" if language.startswith("zh") else "en")
    return " ".join(words[index] for index in indices(did))


def both(did: str) -> tuple[str, str]:
    """The English phrase and the Chinese one."""
    return phrase(did, "en"), phrase(did, "zh")


def is_same(did: str, said: str) -> bool:
    """Whether what somebody read out is the phrase, in either language: capitals and commas don't matter."""
    plain = unicodedata.normalize("NFKC", said[:MAX_SAID]).casefold()
    letters = re.sub(r"[\W\d_]+", " ", plain).strip()
    return letters == phrase(did, "en") or letters.replace(" ", "") == phrase(did, "zh").replace(" ", "")


@lru_cache(_REMEMBERED)
def indices(did: str) -> tuple[int, ...]:
    """The places of the words in a list, 0 … 2,047; raises `InputError` if this is no identity."""
    public_of(did)
    with _one_at_a_time:
        digest = argon2id.kdf(16, did.encode(), SALT, opslimit=PASSES, memlimit=MEMORY_BYTES)
    number = int.from_bytes(digest, "big") >> 8 * len(digest) - WORDS * WORD_BITS
    return tuple(number >> WORD_BITS * place & 2**WORD_BITS - 1 for place in reversed(range(WORDS)))


@cache
def _words(language: str) -> tuple[str, ...]:
    return tuple(Mnemonic(LISTS[language]).wordlist)
