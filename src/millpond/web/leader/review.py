"""A list on its way to become orders: every line as it was read, carried by the review page itself.

Nothing of a list is kept on the node before the leader takes it in. The page carries it in one field, packed
and signed, so that what comes back is what went out; beside it the form has the fields that may be edited.

Invariants:
- `unpack(pack(review))` is the review; anything that this node did not pack for this group order is refused.
- A line's `at` (its place in the list, from 1) is unique in a review.
- At most `MAX_LINES` lines are carried, and `PART` of them are edited at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from millpond.community.group import Item
from millpond.community.pasted import Entry, PastedList, read_list
from millpond.errors import InputError
from millpond.web.leader.doubts import Doubt

PART = 300
"""Lines on one review page: an old phone can still show them, and their fields fit one form."""
MAX_LINES = 5_000
MAX_LEFT_OUT = 500
"""Lines left out that are shown; a whole chat may have been pasted."""
MAX_SOURCE = 300
"""Characters of a line's own text that are shown."""


_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something wanted of which the item is not known; `could_be` are ids."""

    text: str
    quantity: int
    unit: str = ""
    could_be: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it was read. `units` are of known items; `reason` is why it was left out, "" if it was not.

    `point` is the name of a pick-up point as it stands there, `leader_note` what a sheet's leader noted.
    """

    at: int
    source: str
    number: int | None = None
    name: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""
    leader_note: str = ""
    point: str = ""
    units: Mapping[str, int] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A whole list. `origin` is "pasted" or "imported"; its `token` makes it one list, however often sent."""

    origin: str
    token: str
    lines: tuple[Line, ...]
    doubts: tuple[Doubt, ...] = ()
    left_out: int = 0

    @property
    def orders(self) -> tuple[Line, ...]:
        """The lines that were read as orders."""
        return tuple(line for line in self.lines if not line.reason)

    @property
    def others(self) -> tuple[Line, ...]:
        """Lines that were left out."""
        return tuple(line for line in self.lines if line.reason)

    @property
    def parts(self) -> int:
        """Pages that it takes."""
        return max(1, -(-len(self.orders) // PART))

    def part(self, number: int) -> tuple[Line, ...]:
        """The orders of one page, from 1."""
        return self.orders[(number - 1) * PART : number * PART]

    def unknown(self) -> tuple[str, ...]:
        """Texts that stand for an item and belong to none, each once, the first one first."""
        texts = (asked.text for line in self.orders for asked in line.asked if asked.text)
        return tuple(dict.fromkeys(texts))


def of_pasted(pasted: PastedList, token: str) -> Review:
    """A list from a chat."""
    lines = [_of_entry(entry) for entry in pasted.entries]
    headings = zip(pasted.heading_lines, pasted.heading.split("\n"), strict=False)
    others = [Line(at=at, source=short(text), reason="heading") for at, text in headings]
    others += [
        Line(at=line.line, source=short(line.source), reason=str(line.reason)) for line in pasted.ignored
    ]
    others += [line for line in lines if line.reason]
    doubts = tuple(Doubt(str(d.code), short(d.fragment), d.other_line) for d in pasted.doubts)
    return made("pasted", token, [line for line in lines if not line.reason], others, doubts)


def made(
    origin: str, token: str, orders: Sequence[Line], others: Sequence[Line], doubts: tuple[Doubt, ...]
) -> Review:
    """A review of these lines; raises `InputError` above `MAX_LINES` orders."""
    if len(orders) > MAX_LINES:
        raise InputError(f"{len(orders):,} orders; at most {MAX_LINES:,} fit one list. Take it in parts")
    kept = sorted(others, key=lambda line: line.at)[:MAX_LEFT_OUT]
    lines = tuple(sorted([*orders, *kept], key=lambda line: line.at))
    return Review(origin=origin, token=token, lines=lines, doubts=doubts, left_out=len(others))


def _of_entry(entry: Entry) -> Line:
    units: dict[str, int] = {}
    for want in entry.wants:
        if want.item is not None:
            units[want.item] = units.get(want.item, 0) + want.quantity
    return Line(
        at=entry.line,
        source=short(entry.source),
        number=entry.number,
        name=entry.name,
        phone=entry.phone,
        address=entry.address,
        note=entry.note,
        units=units,
        asked=tuple(
            Asked(text=want.text, quantity=want.quantity, unit=want.unit, could_be=want.could_be)
            for want in entry.wants
            if want.item is None
        ),
        doubts=tuple(Doubt(str(d.code), short(d.fragment), d.other_line) for d in entry.doubts),
        reason="struck" if entry.struck_out else "copy" if entry.duplicate_of is not None else "",
    )


def opened(line: Line, items: Sequence[Item]) -> Line:
    """A line that was left out, as an order to be looked at: with what can be read of it by itself."""
    doubt = Doubt("opened")
    if line.name or line.units or line.asked:
        return replace(line, reason="", doubts=(doubt, *line.doubts))
    entries = read_list("1. " + line.source.replace("\n", " "), items).entries
    if not entries:
        return replace(line, reason="", note=line.source, doubts=(doubt,))
    read = _of_entry(entries[0])
    return replace(read, at=line.at, source=line.source, number=None, reason="", doubts=(doubt, *read.doubts))


def pack(review: Review, secret: bytes, scope: str) -> str:
    """The review as text for a field: compressed JSON, signed for this scope (room and group order)."""
    data = zlib.compress(json.dumps(asdict(review), ensure_ascii=False).encode(), 9)
    return urlsafe_b64encode(_signature(secret, scope, data) + data).decode().rstrip("=")


def unpack(text: str, secret: bytes, scope: str) -> Review:
    """The review of this text; raises `InputError` where this node did not pack it for this scope."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raw = b""
    signature, data = raw[:32], raw[32:]
    if not hmac.compare_digest(signature, _signature(secret, scope, data)):
        raise InputError("this list was not read here; please paste it again")
    found = json.loads(zlib.decompress(data))
    return Review(
        origin=found["origin"],
        token=found["token"],
        lines=tuple(_line(line) for line in found["lines"]),
        doubts=_doubts(found["doubts"]),
        left_out=found["left_out"],
    )


def _signature(secret: bytes, scope: str, data: bytes) -> bytes:
    return hmac.digest(secret, f"review {scope} ".encode() + hashlib.sha256(data).digest(), "sha256")


def _line(found: dict[str, object]) -> Line:
    asked = found.pop("asked")
    doubts = found.pop("doubts")
    assert isinstance(asked, list)
    return Line(
        **found,  # type: ignore[arg-type]
        asked=tuple(Asked(**(one | {"could_be": tuple(one["could_be"])})) for one in asked),
        doubts=_doubts(doubts),
    )


def _doubts(found: object) -> tuple[Doubt, ...]:
    assert isinstance(found, Iterable)
    return tuple(Doubt(one["code"], one["fragment"], one["other"]) for one in found)


def short(text: str) -> str:
    """The text as a page shows it: cut off where it is long, without signs that turn its order around."""
    text = text.translate(_TURNING)
    return text if len(text) <= MAX_SOURCE else text[: MAX_SOURCE - 1] + "…"
