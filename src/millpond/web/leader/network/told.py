"""What the network says of cards, keepers and sources, in the reader's language.

The modules below the pages speak English. Here stand the sentences of theirs that a leader meets, with a
`{placeholder}` where they fill something in; what fits none of them is shown as it came.
"""

from __future__ import annotations

import re
from functools import cache

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.web.forms import Form
from millpond.web.words import Words, marked

SENTENCES: tuple[str, ...] = (
    # of a card
    marked(
        "no card is in it: one begins with {scheme}z6Mk. Copy the whole line, or ask for the card as a file"
    ),
    marked(
        "the card is not whole: something of it was lost or changed on the way. Copy the whole line again, "
        "or ask for the card as a file or as a code to scan"
    ),
    marked(
        "this is an identity, and does not say where the log is: ask for the card, which begins with "
        "{scheme}z6Mk"
    ),
    marked("{count} different cards are in it: give one at a time"),
    marked("is longer than {most} bytes; a card is one line: give that alone"),
    # of whoever was called
    marked("cannot be reached: it is off, or one of you is offline"),
    marked("does not answer: no connection within {seconds} s"),
    marked("fell silent for {seconds} s"),
    marked("the connection broke off"),
    marked("the answer broke off"),
    marked("answers too slowly to be waited for"),
    marked("its certificate does not hold: its keeper has to see to it, or this machine's clock is wrong"),
    marked("is busy or out of order (HTTP {status}){said}. It is tried again"),
    marked("answers HTTP {status} for {path}; later it may be another answer"),
    marked("answers HTTP {status}{said}"),
    marked("does not carry this log, or is no such place: ask its keeper to take your card"),
    marked("does not have this log, or not yet"),
    marked("does not have {path}, though its checkpoint covers it; another may"),
    marked("gave no whole checkpoint in {seconds} s"),
    marked("gave a false entry at position {position}: it and what followed is not kept"),
    marked("cannot be read: {problem}. Is the drive still there?"),
    # of a statement
    marked("kind {kind} is not known here, only {known}; another version of Millpond may know it"),
    marked("kind {kind} is not known here"),
)
"""As `network/` and `log/kinds.py` write them; the more exact before the more general."""


def told(words: Words, problem: str) -> str:
    """The same sentence in this language; the sentence itself where it is none of these.

    >>> told(Words("zh"), "fell silent for 30 s")
    '30 秒没有动静'
    >>> told(Words("en"), "fell silent for 30 s")
    'fell silent for 30 s'
    """
    for sentence, pattern in _patterns():
        found = pattern.fullmatch(problem)
        if found is not None:
            return words(sentence, **found.groupdict())
    return problem


def refuse(form: Form, name: str, error: InputError) -> None:
    """Says at a field what an error of the network says."""
    if isinstance(error, Refused):
        form.refuse(name, error)
        return
    text = told(form.words, error.problem)
    form.blame(name, "{what}", what=text[:1].upper() + text[1:])


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((sentence, _pattern(sentence)) for sentence in SENTENCES)


def _pattern(sentence: str) -> re.Pattern[str]:
    """What is filled in may be nothing; a chain of such places must not take long to find."""
    pieces = re.split(r"\{(\w+)\}", sentence)
    return re.compile(
        "".join(f"(?P<{piece}>.*?)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)),
        re.DOTALL,
    )
