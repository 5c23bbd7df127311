"""The best units of a run whose total lies between two bounds: a knapsack of lines that get nothing, or from
their minimum to their quantity.

How: at one price μ for a place in the run, lines worth more are served whole and the others not at all; μ is
such that this fills the run, but for a line that may not be cut as it would have to be. The worth of that,
cuts allowed, is the most there could be. Every other choice falls short of it by a sum of shortfalls

    Σ over bundles |worth − μ| · |units − those at μ|  +  |μ| · |units of the run − its bound|,

so the best one is searched among choices of little shortfall, then of more, until there is one. Lines of the
same worth are one bundle, of which only the total matters; totals that can be made of it are the bits of an
integer.

- Exact, and ends when the best is found or all work allowed is done (`TooMuch`).
- Of equal choices, one with more units, and within a bundle the lines that come first.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

MOST_BITS = 1 << 28
"""Totals of bundles kept at a time, for each of their lines: 32 MB."""
LOOKS_UNASKED = 10_000
"""Looks between two questions whether to stop."""
LOOKS_TO_ACCEPT = 20
"""What it costs to ask whether units are accepted."""
BITS_A_LOOK = 1 << 13
"""Bits that are moved in the time of one look at a choice."""
WIDER = 4
"""Times by which the shortfall looked at grows, where there was nothing."""


class TooMuch(Exception):
    """The work allowed is done."""


@dataclass(slots=True)
class Meter:
    """Work that may still be done, in looks: of about a microsecond each."""

    left: int
    stopped: Callable[[], bool] = lambda: False
    _unasked: int = 0

    def spend(self, looks: int) -> None:
        """Raises TooMuch if there is no work left, or (asked now and then) the caller says stop."""
        self.left -= looks
        self._unasked += looks
        if self.left < 0:
            raise TooMuch
        if self._unasked >= LOOKS_UNASKED:
            self._unasked = 0
            if self.stopped():
                raise TooMuch


class Asked(NamedTuple):
    """A line in a bundle: its number, and units: 0, or from `minimum` to `quantity`."""

    number: int
    minimum: int
    quantity: int


class Bundle(NamedTuple):
    """Lines whose units are worth the same, net of the tier's price, and are counted under one `kind`."""

    worth: int
    kind: int
    lines: Sequence[Asked]


class Choice(NamedTuple):
    """A line that may be served in several kinds at once; `worths` of a unit by kind."""

    line: Asked
    worths: Mapping[int, int]


class Found(NamedTuple):
    """The best units, by line and kind, and what they fall short of the most there could be."""

    units: dict[tuple[int, int], int]
    shortfall: int


class _Option(NamedTuple):
    """One way to choose a part: what it adds to the key, how much it falls short, and the units chosen."""

    key: int
    shortfall: int
    chosen: Mapping[int, int]


_Layer = tuple[int, dict[int, tuple[int, int, _Option]]]
"""A part's number, and by key reached: the least shortfall, the key before, and the option taken."""


def relaxed(pieces: Sequence[tuple[int, int]], least: int, most: int) -> tuple[int, int] | None:
    """The most that pieces (worth, units) come to if all can be cut, from `least` to `most` units in all, and
    the price μ at which they would; None if they are fewer than `least`."""
    total = value = worth = 0
    for worth, units in sorted(pieces, key=itemgetter(0), reverse=True):
        taken = min(units, (most if worth >= 0 else max(least, total)) - total)
        total += taken
        value += worth * taken
        if taken < units:
            break
    else:
        worth = min(worth, 0)
    if total < least:
        return None
    return value, (worth if worth >= 0 or total == least else 0)


@dataclass(slots=True)
class _Reach:
    """The totals that can be made of a bundle's lines."""

    lines: Sequence[Asked]
    meter: Meter
    total: int = 0
    free: bool = False
    """Whether every total can be made, and no bits are needed to see it."""
    made: list[int] = field(default_factory=list)
    """Of the lines from each position on: bit t says whether they can come to t."""

    def __post_init__(self) -> None:
        self.total = sum(line.quantity for line in self.lines)
        self.free = all(line.minimum == 1 for line in self.lines)
        if self.free:
            return
        if self.total * len(self.lines) > MOST_BITS:
            raise TooMuch
        self.made = [1]
        for line in reversed(self.lines):
            self.meter.spend(1 + self.total // BITS_A_LOOK)
            after = self.made[-1]
            self.made.append(after | _smeared(after << line.minimum, line.quantity - line.minimum))
        self.made.reverse()

    def falling(self, low: int, high: int) -> Iterator[int]:
        """The totals from `high` down to `low`."""
        low, high = max(low, 0), min(high, self.total)
        if self.free:
            yield from range(high, low - 1, -1)
            return
        bits = (self.made[0] >> low) & ((1 << max(0, high - low + 1)) - 1)
        while bits:
            at = bits.bit_length() - 1
            yield low + at
            bits ^= 1 << at

    def rising(self, low: int, high: int) -> Iterator[int]:
        """The totals from `low` up to `high`."""
        low, high = max(low, 0), min(high, self.total)
        if self.free:
            yield from range(low, high + 1)
            return
        bits = (self.made[0] >> low) & ((1 << max(0, high - low + 1)) - 1)
        while bits:
            last = bits & -bits
            yield low + last.bit_length() - 1
            bits ^= last

    def shared(self, total: int) -> dict[int, int]:
        """Units by line that come to `total`: the first line as many as can be, then the next."""
        units = {}
        for position, line in enumerate(self.lines):
            if not total:
                break
            most = min(line.quantity, total)
            if self.free:
                taken = most
            elif most < line.minimum:
                continue
            else:
                rest = self.made[position + 1] >> (total - most)
                rest &= (1 << (most - line.minimum + 1)) - 1
                taken = most - ((rest & -rest).bit_length() - 1) if rest else 0
            if taken:
                units[line.number] = taken
                total -= taken
        return units


def _smeared(bits: int, width: int) -> int:
    """Bit t of it says whether one of bits t − width … t is set."""
    done = 0
    while done < width:
        step = min(done + 1, width - done)
        bits |= bits << step
        done += step
    return bits


@dataclass(slots=True)
class Totals:
    """One such problem. Kinds only matter to `accepts`, which is asked about the units of each kind."""

    bundles: Sequence[Bundle]
    choices: Sequence[Choice]
    least: int
    most: int
    meter: Meter
    accepts: Callable[[dict[int, int]], bool] | None = None
    _reaches: dict[int, _Reach] = field(default_factory=dict)
    _bits: int = 0
    """Of a key, for the units of each kind; the lowest ones are for those of all."""

    def best(self, enough: Callable[[int], int]) -> Found | None:
        """The best units; `enough` says, of the most there could be, which shortfall is too much already.

        None if nothing falls short by less. Raises TooMuch.
        """
        pieces = [(bundle.worth, _quantity(bundle)) for bundle in self.bundles]
        pieces += [(max(choice.worths.values()), choice.line.quantity) for choice in self.choices]
        aim = relaxed(pieces, self.least, self.most)
        if aim is None:
            return None
        value, price = aim
        self._bits = self.most.bit_length() + 1
        end = enough(value)
        step = min({abs(worth - price) for worth, _ in pieces} - {0} | {abs(price) or 1})
        within = 0
        while end > 0:
            within = min(within, end - 1)
            found = self._within(within, price)
            if found is not None and found.shortfall <= within:
                return found
            if within == end - 1:
                break
            if found is not None:
                end = min(end, found.shortfall + 1)
            within = max(step, within * WIDER)
        return None

    def _within(self, within: int, price: int) -> Found | None:
        """The best of all choices that fall short by at most `within`, the run's own shortfall aside."""
        ties = [n for n, bundle in enumerate(self.bundles) if bundle.worth == price]
        last = max(ties, key=lambda n: _quantity(self.bundles[n]), default=None)
        parts = [(n, self._totals(n, within, price)) for n in range(len(self.bundles)) if n != last]
        first = len(self.bundles)
        parts += [(first + n, self._splits(choice, within, price)) for n, choice in enumerate(self.choices)]
        fixed = [(number, options[0]) for number, options in parts if len(options) == 1]
        layers: list[_Layer] = []
        states = {sum(option.key for _, option in fixed): sum(option.shortfall for _, option in fixed)}
        for number, options in sorted(parts, key=lambda part: len(part[1])):
            if len(options) > 1:
                layers.append((number, self._layer(states, options, within)))
                states = {key: so_far for key, (so_far, _, _) in layers[-1][1].items()}
        end = self._end(states, last, price)
        if end is None:
            return None
        shortfall, key, total = end
        chosen = {number: option.chosen for number, option in fixed}
        for number, reached in reversed(layers):
            _, key, option = reached[key]
            chosen[number] = option.chosen
        if last is not None:
            chosen[last] = {self.bundles[last].kind: total}
        return Found(self._units(chosen), shortfall)

    def _layer(
        self, states: Mapping[int, int], options: list[_Option], within: int
    ) -> dict[int, tuple[int, int, _Option]]:
        """All that one part makes of the keys before it."""
        mask, most = (1 << self._bits) - 1, self.most
        options.sort(key=itemgetter(1))
        shortfalls = [option.shortfall for option in options]
        reached: dict[int, tuple[int, int, _Option]] = {}
        for key, so_far in states.items():
            count = bisect_right(shortfalls, within - so_far)
            self.meter.spend(1 + count)
            for option in options[:count]:
                new = key + option.key
                if new & mask > most:
                    continue
                shortfall = so_far + option.shortfall
                known = reached.get(new)
                if known is None or shortfall < known[0]:
                    reached[new] = (shortfall, key, option)
        return reached

    def _end(self, states: Mapping[int, int], last: int | None, price: int) -> tuple[int, int, int] | None:
        """The least shortfall, the key it is reached from, and the units of the last bundle."""
        best: tuple[int, int, int, int] | None = None
        mask = (1 << self._bits) - 1
        for key, so_far in sorted(states.items(), key=itemgetter(1)):
            used = key & mask
            low, high = self.least - used, self.most - used
            self.meter.spend(1)
            for total in self._last_totals(last, low, high, price):
                units = used + total
                own = price * (self.most - units) if price > 0 else -price * (units - self.least)
                found = (so_far + own, -units, key, total)
                if best is not None and found[:2] >= best[:2]:
                    break  # what follows falls short by more, or has fewer units
                self.meter.spend(LOOKS_TO_ACCEPT if self.accepts else 1)
                if self.accepts is None or self.accepts(self._kinds(key + self._key(last, total))):
                    best = found
                    break
        return None if best is None else (best[0], best[2], best[3])

    def _last_totals(self, last: int | None, low: int, high: int, price: int) -> Iterable[int]:
        if last is None:
            return (0,) if low <= 0 <= high else ()
        reach = self._reach(last)
        return reach.falling(low, high) if price >= 0 else reach.rising(low, high)

    def _totals(self, number: int, within: int, price: int) -> list[_Option]:
        """The options of a bundle: the totals that do not fall short by too much."""
        bundle = self.bundles[number]
        kind, each = bundle.kind, abs(bundle.worth - price)
        base = _quantity(bundle) if bundle.worth > price else 0
        away = min(within // each if each else self.most, self.most)
        # the smallest change there is: to serve none of a line, or one unit less of it, or its minimum
        if away < min(
            line.minimum if not base else 1 if line.minimum < line.quantity else line.quantity
            for line in bundle.lines
        ):
            return [_Option(self._key(number, base), 0, {kind: base})]
        reach, options = self._reach(number), []
        for total in reach.falling(base - away, base) if base else reach.rising(0, away):
            self.meter.spend(1)
            options.append(_Option(self._key(number, total), each * abs(total - base), {kind: total}))
        return options

    def _splits(self, choice: Choice, within: int, price: int) -> list[_Option]:
        """The options of a line that may be served in several kinds: its units of each."""
        _, minimum, quantity = choice.line
        kinds = sorted(choice.worths)
        full = quantity * max(0, max(choice.worths.values()) - price)
        options = []
        for chosen in _compositions(len(kinds), quantity):
            self.meter.spend(1)
            shortfall = full - sum(
                (choice.worths[kind] - price) * units for kind, units in zip(kinds, chosen, strict=True)
            )
            if shortfall <= within and (not any(chosen) or minimum <= sum(chosen) <= self.most):
                split = dict(zip(kinds, chosen, strict=True))
                key = sum(self._spread(kind, units) for kind, units in split.items())
                options.append(_Option(key, shortfall, split))
        return options

    def _key(self, number: int | None, total: int) -> int:
        return 0 if number is None else self._spread(self.bundles[number].kind, total)

    def _spread(self, kind: int, units: int) -> int:
        """Units as part of a key: among those of all, and of their kind if that matters."""
        return units if self.accepts is None else units + (units << self._bits * (kind + 1))

    def _kinds(self, key: int) -> dict[int, int]:
        """Units of each kind that is made."""
        mask, units = (1 << self._bits) - 1, {}
        kind = 0
        while key := key >> self._bits:
            if key & mask:
                units[kind] = key & mask
            kind += 1
        return units

    def _reach(self, number: int) -> _Reach:
        if number not in self._reaches:
            self._reaches[number] = _Reach(self.bundles[number].lines, self.meter)
        return self._reaches[number]

    def _units(self, chosen: Mapping[int, Mapping[int, int]]) -> dict[tuple[int, int], int]:
        """Units by line and kind, from those of the parts."""
        units: dict[tuple[int, int], int] = {}
        for number, split in chosen.items():
            for kind, total in split.items():
                if not total:
                    continue
                if number >= len(self.bundles):
                    units[self.choices[number - len(self.bundles)].line.number, kind] = total
                elif total == _quantity(self.bundles[number]):
                    units |= {(line.number, kind): line.quantity for line in self.bundles[number].lines}
                else:
                    shared = self._reach(number).shared(total)
                    units |= {(line, kind): taken for line, taken in shared.items()}
        return units


def _quantity(bundle: Bundle) -> int:
    return sum(line.quantity for line in bundle.lines)


def _compositions(kinds: int, most: int) -> Iterator[tuple[int, ...]]:
    """All numbers of units of so many kinds that sum to at most `most`."""
    if kinds == 0:
        yield ()
        return
    for units in range(most + 1):
        for rest in _compositions(kinds - 1, most - units):
            yield (units, *rest)
