"""What is read out of a pasted list.

Invariants:
- Every source line with something in it is in exactly one of `entries`, `ignored` and `heading_lines`.
- Quantities are integers from 1 to `MAX_WANT_UNITS`.
- An entry without doubts was read whole: each of its characters was understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Doubt", "DoubtCode", "Entry", "IgnoredLine", "IgnoredReason", "PastedList", "PastedWant"]


class DoubtCode(StrEnum):
    """Why somebody should look. The values are stable: pages translate them."""

    # who
    NO_NAME = "no-name"
    NAME_UNCLEAR = "name-unclear"  # where it begins or ends, or that it is one
    SAME_NAME = "same-name"  # stands on an earlier line, too
    FOR_ANOTHER = "for-another"  # ordered on somebody's behalf
    PHONE = "phone"  # an odd number, or a second one
    # how many
    NO_QUANTITY = "no-quantity"  # taken as 1
    NUMBER_UNCLEAR = "number-unclear"  # a figure that could be a quantity, a room or a part of the name
    QUANTITY_ABSURD = "quantity-absurd"  # nothing, or a thousand and more
    FRACTION = "fraction"
    RANGE = "range"  # "2-3", "at most 3", "a few"
    SUM = "sum"  # "2+1"
    UNIT = "unit"  # another unit than the item's: nothing is converted
    TALLY = "tally"  # a sum that stands there and is not what the lines come to
    # of what
    WHICH_ITEM = "which-item"
    WHICH_VARIANT = "which-variant"
    UNKNOWN_ITEM = "unknown-item"
    PARTIAL_ITEM = "partial-item"  # a part of an item's name
    BY_POSITION = "by-position"  # a letter or number nobody explained, taken as the place in the list
    REPEATED_ITEM = "repeated-item"  # twice in one line
    # and else
    REMARK = "remark"  # text that was not understood, kept as a note
    NOTE_MATTERS = "note-matters"  # a note that speaks of quantities or items
    CHANGED = "changed"  # the line speaks of a change
    CANCELLED = "cancelled"  # perhaps, or in part
    PARTLY_STRUCK = "partly-struck"
    SAME_AS_ABOVE = "same-as-above"  # copied from the entry above
    FOLLOW_UP = "follow-up"  # a bare "+1"
    CONTINUED = "continued"  # read together with the line below it
    # between lines
    NO_NUMBER = "no-number"
    NUMBER_GAP = "number-gap"
    NUMBER_REPEATED = "number-repeated"
    REPEATED_LINE = "repeated-line"
    CHANGED_IN_COPY = "changed-in-copy"  # an older copy of the list says something else
    ONLY_IN_SHORTER = "only-in-shorter"  # missing in the longer copy of the list


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at: the code, the text it is about, the other line it is about (0 if none)."""

    code: DoubtCode
    fragment: str = ""
    other_line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedWant:
    """One thing an entry asks for.

    `item` is the id, None where it is not known; then `could_be` has the ids it may mean. `text` is what
    stands there for the item ("" if only a quantity does), `unit` the unit as written ("" if none).
    """

    item: str | None
    text: str
    quantity: int
    unit: str = ""
    could_be: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list, or several that belong together.

    `line` is the first one, counted from 1; `source` its raw text, with "\\n" before each further line.
    `duplicate_of` is the line of the entry that stands for this one: this one is not to be imported.
    `struck_out` entries are kept for a look and not to be imported either.
    """

    number: int | None
    line: int
    source: str
    name: str
    wants: tuple[PastedWant, ...] = ()
    note: str = ""
    phone: str = ""
    address: str = ""
    doubts: tuple[Doubt, ...] = ()
    struck_out: bool = False
    duplicate_of: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it is an order: neither struck out nor a copy of another entry."""
        return not self.struck_out and self.duplicate_of is None


class IgnoredReason(StrEnum):
    """Why a line is no order. The values are stable: pages translate them."""

    EXAMPLE = "example"
    TALLY = "tally"
    MENU = "menu"  # what is offered, at which price
    NOTICE = "notice"  # the leader's: dates, places, payment
    DIVIDER = "divider"
    REPEATED_HEADING = "repeated-heading"
    TIME = "time"  # who wrote when, copied out of a chat
    TALK = "talk"  # nothing in it looks like an order
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class IgnoredLine:
    """A line that is no order, with the reason."""

    line: int
    source: str
    reason: IgnoredReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedList:
    """The whole list. `doubts` are about it as a whole; `heading` is the text above the first entry."""

    heading: str
    heading_lines: tuple[int, ...]
    entries: tuple[Entry, ...]
    ignored: tuple[IgnoredLine, ...]
    doubts: tuple[Doubt, ...] = ()
