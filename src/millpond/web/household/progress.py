"""How far an order is, for its household: six steps, and a sentence for what the present one means."""

from __future__ import annotations

from dataclasses import dataclass

from millpond.web.words import Words

POSITIONS = {"open": 0, "closed": 1, "decided": 2, "ordered": 3, "arrived": 4, "done": 5}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `state` is "past", "now" or "ahead"."""

    text: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the sentence depends on; `closes` and `ready` are days and times as text, "" for none."""

    stage: str
    is_cancelled: bool = False
    gets_something: bool = True
    gets_all: bool = True
    is_handed_out: bool = False
    closes: str = ""
    ready: str = ""
    maker: str = ""


def steps(facts: Facts, words: Words) -> list[Step]:
    """The line of progress."""
    texts = (
        words("In"),
        words("Closed"),
        words("Decided"),
        words("At the maker"),
        words("Here"),
        words("Yours"),
    )
    here = 5 if facts.is_handed_out else POSITIONS.get(facts.stage, 0)
    last = len(texts) - 1
    return [
        Step(text, "past" if n < here or n == here == last else "now" if n == here else "ahead")
        for n, text in enumerate(texts)
    ]


def meaning(facts: Facts, words: Words) -> str:
    """What the present step means, and what comes next."""
    if facts.stage == "cancelled":
        return words("The leader called this group order off. Nothing is bought, and you pay nothing.")
    if facts.is_cancelled:
        return words("This order is cancelled. You pay nothing.")
    if facts.stage == "open":
        if facts.closes:
            return words("Your order is in. You can change or cancel it until {when}.", when=facts.closes)
        return words("Your order is in. You can change or cancel it until the leader closes.")
    if facts.stage == "closed":
        return words("No more orders. Now it is worked out who gets what, and for how much.")
    if not facts.gets_something:
        return words("It is decided, and you get nothing this time. Why is said below. You pay nothing.")
    if facts.is_handed_out or facts.stage == "done":
        return words("You have your goods. Enjoy them!")
    return _on_its_way(facts, words)


def _on_its_way(facts: Facts, words: Words) -> str:
    if facts.stage == "decided":
        if facts.gets_all:
            return words("It is decided: it will be made, and you get all you ordered.")
        return words("It is decided: it will be made. You get a part of what you ordered; why is said below.")
    if facts.stage == "ordered":
        if facts.ready:
            return words(
                "It is ordered from {maker}, and should be ready on {day}.",
                maker=facts.maker,
                day=facts.ready,
            )
        return words("It is ordered from {maker}.", maker=facts.maker)
    return words("Your goods are here. Come and get them with your code.")
