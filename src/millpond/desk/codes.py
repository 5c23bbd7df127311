"""Pick-up codes: five letters, of which the last checks the others, so that a typo is found.

>>> new_code(lambda letters: letters.startswith("A"), choose=lambda alphabet: alphabet[1])
'CCCC7'
>>> read_code("cccc7"), read_code("CCCCA")
('CCCC7', None)
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

CODE_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
"""26 that are not taken for each other on paper or on the phone: no B, 8, S, 5, Z, 2, I, 1, O, 0."""
CODE_LENGTH = 5


def new_code(is_taken: Callable[[str], bool], choose: Callable[[str], str] = secrets.choice) -> str:
    """A code that is free; `choose` picks a letter."""
    while True:
        letters = "".join(choose(CODE_LETTERS) for _ in range(CODE_LENGTH - 1))
        code = letters + check_letter(letters)
        if not is_taken(code):
            return code


def check_letter(letters: str) -> str:
    """The last letter of a pick-up code, which follows from the others (ISO 7064 mod 27,26 in our letters).

    >>> check_letter("ACDE") == check_letter("ACED")
    False
    """
    size = len(CODE_LETTERS)
    value = size
    for letter in letters:
        value = (value + CODE_LETTERS.index(letter)) % size or size
        value = value * 2 % (size + 1)
    return CODE_LETTERS[(1 - value) % size]


def read_code(text: str) -> str | None:
    """The pick-up code that was typed, in capitals; None where a letter must be wrong."""
    code = "".join(text.upper().split())
    right = len(code) == CODE_LENGTH and all(letter in CODE_LETTERS for letter in code)
    return code if right and check_letter(code[:-1]) == code[-1] else None
