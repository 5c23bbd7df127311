"""Tells the story on a terminal: what towns pay alone and together, who is left out, how good it is.

Takes a cleared round and prints; works nothing out (`facts` does) and decides nothing.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from millpond.equality.outcomes import Reason
from millpond.model import Clearing, Round
from millpond.model.money import money_text
from millpond.story import facts
from millpond.story.words import say

Row: TypeAlias = tuple[str | Text, ...]

INDENT = 3
PIECE = re.compile(r"\s*[「（]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])(?: %)?[，。！？：；、）」]*")
"""What no line is broken within: a word, or a Chinese character, with the punctuation that belongs to it."""
WIDTH = 92
"""Columns a sentence may fill: longer lines are hard to read, even where the terminal is wide."""


def named(name: Mapping[str, str], otherwise: str, language: str) -> str:
    """A name in this language; in English the Chinese one beside it, as it stands on the signs."""
    own = name.get(language) or next(iter(name.values()), otherwise)
    also = name.get("zh", "") if language == "en" else ""
    return f"{own} {also}".strip() if also != own else own


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns; Chinese may break anywhere but before its punctuation.

    >>> wrapped("They would pay 32.40 at most.", 16)
    ['They would pay', '32.40 at most.']
    >>> wrapped("他们最多出 32.40，价是 34.78。", 16)
    ['他们最多出', '32.40，价是', '34.78。']
    """
    lines = []
    for paragraph in text.split("\n"):
        lines.append("")
        for piece in PIECE.findall(paragraph):
            if lines[-1] and cell_len(lines[-1] + piece) > width:
                lines.append(piece.lstrip())
            else:
                lines[-1] += piece
    return lines


def sentence(console: Console, language: str, key: str, style: str = "", **figures: object) -> None:
    """One sentence, indented and wrapped."""
    for line in wrapped(say(key, language, **figures), min(console.width, WIDTH) - INDENT):
        console.print(Text(" " * INDENT + line, style=style), soft_wrap=True)


def opening(console: Console, language: str) -> None:
    """What is going to be told, while the round is being cleared."""
    title = say("title", language)
    console.print(Text(f"Millpond 平塘 · {title}", style="bold"))
    sentence(console, language, "invented", style="italic")
    sentence(console, language, "first_run", style="dim")


class Teller:
    """One story, told to one console in one language."""

    def __init__(self, console: Console, language: str, round: Round, clearing: Clearing) -> None:
        self.console, self.language = console, language
        self.round, self.clearing = round, clearing
        self.towns = facts.towns(round, clearing)
        self.refusals = facts.refusals(round, clearing)
        self._names = {place.id: named(place.name, place.id, language) for place in round.places}

    def heading(self, key: str) -> None:
        self.console.print()
        self.console.print(Text(say(key, self.language), style="bold cyan"))

    def line(self, key: str, style: str = "", **figures: object) -> None:
        """One sentence."""
        sentence(self.console, self.language, key, style, **figures)

    def table(self, heads: Sequence[str], rows: list[Row], left: Sequence[int] = (0,)) -> None:
        """A plain table; columns in `left` hold words, the others figures."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for k, head in enumerate(heads):
            shown = say(head, self.language) if head else ""
            table.add_column(shown, justify="left" if k in left else "right", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        self.console.print(Padding(table, (0, 0, 0, INDENT)))

    def money(self, minor: int | Fraction) -> str:
        return money_text(minor, self.round.currency)

    def place_name(self, place: str) -> str:
        return self._names[place]

    def alone(self) -> None:
        self.heading("alone_head")
        reference = max(item.reference or 0 for item in self.round.items)
        makers = len({offer.maker for offer in self.round.offers})
        self.line("alone", places=len(self.towns), reference=self.money(reference), makers=makers)
        rows: list[Row] = []
        for town in self.towns:
            each = town.alone_each
            note = self._note(town)
            price = "–" if each is None else self.money(each)
            rows.append((self.place_name(town.place.id), f"{town.units:,}", Text(price, style="bold"), note))
        self.table(("town", "jackets", "each_alone", ""), rows, left=(0, 3))

    def _note(self, town: facts.Town) -> str:
        if town.alone_each is None:
            return say("no_offer" if town.delivered else "undelivered", self.language)
        if town.alone_each > town.most:
            return say("too_dear", self.language)
        left = [refusal for refusal in self.refusals if refusal.line.place == town.place.id and town.served]
        if not left:
            return ""
        most = max(accepted.limit for refusal in left for accepted in refusal.line.accepts)
        units = sum(refusal.units for refusal in left)
        return say("and_more", self.language, units=f"{units:,}", limit=self.money(most))

    def together(self) -> None:
        self.heading("together_head")
        self.line("together")
        rows: list[Row] = []
        for run in self.clearing.runs:
            offer, reached = facts.tier_of(self.round, run)
            tier = say(
                "tier_is", self.language, start=f"{reached.from_quantity:,}", price=self.money(reached.price)
            )
            alone = [
                self.place_name(town.place.id)
                for town in self.towns
                if facts.reaches_alone(town, offer, reached)
            ]
            by = ", ".join(alone) or say("nobody", self.language)
            rows.append((offer.maker, f"{run.quantity:,}", tier, by))
        self.table(("maker", "run", "tier", "reached_alone"), rows, left=(0, 2, 3))
        for maker, start in facts.unreached(self.round, self.clearing):
            if start > sum(run.quantity for run in self.clearing.runs):
                self.line("idle", maker=maker, start=f"{start:,}")
        self.console.print()
        self._prices()
        self.table(
            ("town", "jackets", "each_alone", "each", "bill", "instead_of"),
            [self._bill(town) for town in self.towns if town.together is not None],
        )

    def _prices(self) -> None:
        prices = tuple(facts.common_prices(self.clearing))
        if not prices:
            return
        if len(prices) == 1:
            self.line("one_price", style="bold", price=self.money(prices[0]))
        else:
            self.line("several_prices", style="bold", prices=", ".join(self.money(price) for price in prices))
        if any(level.short for level in self.clearing.levels):
            self.line("short")
        elif not self.round.solidarity:
            self.line("guarantee")

    def _bill(self, town: facts.Town) -> Row:
        assert town.together is not None
        each = Fraction(town.together, town.units)
        alone = "–" if town.alone_each is None else self.money(town.alone_each)
        instead = "–" if town.alone is None else self.money(town.alone)
        return (
            self.place_name(town.place.id),
            f"{town.units:,}",
            alone,
            Text(self.money(each), style="bold green"),
            self.money(town.together),
            instead,
        )

    def not_served(self) -> None:
        self.heading("served_head")
        if not self.refusals:
            self.line("all_served")
        items = {item.id: item.name.get(self.language, item.id) for item in self.round.items}
        for refusal in self.refusals:
            key = {Reason.UNDELIVERED: "refused_undelivered", Reason.PRICE: "refused_price"}.get(
                refusal.reason, "refused_other"
            )
            accepted = refusal.line.accepts[0]
            if refusal.reason is Reason.PRICE and (refusal.price is None or refusal.price <= accepted.limit):
                key = "refused_price_unknown"
            self.line(
                key,
                town=self.place_name(refusal.line.place),
                units=f"{refusal.units:,}",
                item=items[accepted.item],
                limit=self.money(accepted.limit),
                price="" if refusal.price is None else self.money(refusal.price),
            )

    def how_good(self) -> None:
        self.heading("good_head")
        score, bound = self.money(self.clearing.score), self.money(self.clearing.bound)
        if self.clearing.score <= 0 < self.clearing.bound:
            self.line("bounded", bound=bound)
            return
        percent = facts.percent_better(self.clearing.score, self.clearing.bound)
        if percent == "0":
            self.line("best", score=score)
            return
        self.line("good", score=score, bound=bound, percent=percent)
        if any(refusal.reason is Reason.PRICE for refusal in self.refusals):
            self.line("blind", percent=percent)

    def quoted(self, *lines: str) -> None:
        """Lines as another program has them, not wrapped."""
        for line in lines:
            self.console.print(Text(" " * 2 * INDENT + line, style="dim"), soft_wrap=True)
