"""Answers to programs: one line of text that says what and what to do, in English, without cookies or pages.

Other nodes call the addresses that begin with one of `FIRST`, or that end a room's with `card`. What they are
told goes to a person through another program's message, so it is a sentence all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import PlainTextResponse, Response

FIRST = frozenset({"card", "logs", "mirror", "witness"})
"""First parts of addresses that are for programs; no room has one of these names (`node.slugs`)."""
OF_A_ROOM = "card"


def is_for_programs(path: str) -> bool:
    """Whether programs call this address.

    >>> is_for_programs("/logs/x/checkpoint"), is_for_programs("/pond/card"), is_for_programs("/pond/desk")
    (True, True, False)
    """
    parts = path.split("/")
    return parts[1:2] != [] and (parts[1] in FIRST or parts[2:] == [OF_A_ROOM])


def says(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """The sentence, on one line."""
    line = " ".join(sentence.split()) + "\n"
    return PlainTextResponse(line, status, headers=dict(headers) if headers else None)
