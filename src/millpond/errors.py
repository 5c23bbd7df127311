"""What can go wrong, in words for the person who has to put it right.

Few roots, so that a caller can tell whose move it is:

- `InputError`: what you gave me is wrong. Names the place in the file, the value and the rule.
- `PeerError`: what they gave me is wrong: another node's answer, a file from the network. Not your fault.
- `Unreachable`: I could not reach them. Nothing is known to be wrong; trying later may help.
- `CannotServe`: the round is well formed, asks that every line be served, and that cannot be done.
- `MissingExtra`: what was asked for needs packages that are not installed here.

Anything else that is raised is a defect of Millpond itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Self

LINES_NAMED = 20
"""Lines that the message of `CannotServe` names; all of them are in `.lines`."""


_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys, and what turns the direction of text: a message may quote what a stranger sent."""


class MillpondError(Exception):
    """Root of all errors that Millpond raises on purpose."""


class _PlacedError(MillpondError):
    """An error that says where: `name` is the file, node or log (or what stands for it), `at` the path inside
    it, `problem` what is wrong and what to do, without anything that a terminal would obey. The message is
    the three, joined by ": "."""

    def __init__(self, problem: str, *, at: str = "", name: str = "") -> None:
        problem = _OBEYED.sub("\ufffd", problem)
        super().__init__(problem)
        self.problem = problem
        self.at = at
        self.name = name

    def inside(self, outer: str) -> Self:
        """The same error, seen from one level further out."""
        joint = "." if self.at and not self.at.startswith("[") else ""
        self.at = outer + joint + self.at
        return self

    def named(self, name: str) -> Self:
        """The same error, in the file of this name."""
        self.name = name
        return self

    def __str__(self) -> str:
        return ": ".join(part for part in (self.name, self.at, self.problem) if part)


class InputError(_PlacedError):
    """What you gave me is wrong.

    `name` is the file (or what stands for it), `at` the JSON path inside it (`demand[3].accepts[0].limit`),
    `problem` the value, shortened, and the rule it breaks. The message is the three, joined by ": ".

    >>> print(InputError("3.5 is not an integer", at="limit").inside("accepts[0]").named("round.json"))
    round.json: accepts[0].limit: 3.5 is not an integer
    """


class PeerError(_PlacedError):
    """What they gave me is wrong: bytes from another node, a mirror or a file that came over the network.

    `name` is where they came from, `at` the place in them, `problem` the rule they break. The person reading
    did nothing wrong; the message says what follows (another source, asking the peer).

    >>> print(PeerError("its root is not the checkpoint's; another source may have it right", name="https://a.example"))
    https://a.example: its root is not the checkpoint's; another source may have it right
    """

    @classmethod
    def from_input(cls, error: InputError, *, name: str = "") -> Self:
        """What a reader of the core refused, when it was a peer that gave it."""
        return cls(error.problem, at=error.at, name=name or error.name)


class Unreachable(_PlacedError):
    """I could not reach them: no network, no answer in time, a refused connection, a drive that is not there.

    `name` is whom, `problem` what happened and when or how to try again. Says nothing about what they hold.

    >>> print(Unreachable("no answer within 10 s; tried again in 5 minutes", name="https://a.example"))
    https://a.example: no answer within 10 s; tried again in 5 minutes
    """


class CannotServe(MillpondError):
    """A `must_serve` round that cannot be served; `lines` are the ids of lines in the way, in id order."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(sorted(lines))
        named = ", ".join(self.lines[:LINES_NAMED])
        if len(self.lines) > LINES_NAMED:
            named += f" and {len(self.lines) - LINES_NAMED:,} more"
        super().__init__(
            f"every line must be served, and these cannot be, not all of them in full: {named}. "
            "Raise capacities, add offers or freight entries, or ask for less."
        )


class MissingExtra(MillpondError):
    """What was asked for needs a package of an extra that is not installed: `package`, `extra`.

    >>> print(MissingExtra("numpy", "solve", "a round of two makers"))
    a round of two makers needs the package numpy: pip install 'millpond[solve]'
    """

    def __init__(self, package: str, extra: str, what: str = "this") -> None:
        self.package = package
        self.extra = extra
        super().__init__(f"{what} needs the package {package}: pip install 'millpond[{extra}]'")
