"""Claims of a household: telling the leader that something is wrong with the goods, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from millpond.community.group import MAX_WANT_UNITS
from millpond.desk.claims import Claim, ClaimKind, NewClaim, open_claim
from millpond.desk.own import Picture
from millpond.store import Rows
from millpond.web.forms import Form
from millpond.web.leader.pictures import Sent
from millpond.web.words import Words

MAX_WORDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """A claim as it is shown; `refund` in minor units."""

    id: int
    what: str
    words: str
    picture: Picture | None
    state: str
    state_text: str
    answer: str
    refund: int


def kinds(words: Words) -> list[tuple[str, str]]:
    """What may be wrong, in plain words."""
    return [
        ("missing", words("something is missing")),
        ("damaged", words("broken or spoiled")),
        ("wrong", words("it is something else")),
        ("return", words("I want to give it back")),
        ("other", words("something else")),
    ]


def shown(
    claims: Sequence[Claim], labels: Mapping[int, str], pictures: Mapping[str, Picture], words: Words
) -> list[ClaimView]:
    """The claims of an order; `labels` are of its wants, by id."""
    names = dict(kinds(words))
    states = {
        "open": words("with the leader"),
        "granted": words("agreed"),
        "refused": words("not agreed"),
        "withdrawn": words("taken back"),
    }
    return [
        ClaimView(
            id=claim.id,
            what=_what(claim, labels, names, words),
            words=claim.words,
            picture=pictures.get(claim.picture) if claim.picture else None,
            state=str(claim.state),
            state_text=states[str(claim.state)],
            answer=claim.answer,
            refund=claim.refund,
        )
        for claim in claims
    ]


def _what(claim: Claim, labels: Mapping[int, str], names: Mapping[str, str], words: Words) -> str:
    label = labels.get(claim.want) if claim.want else None
    if label is None:
        return words("{n} × {problem}", n=claim.quantity, problem=names[str(claim.kind)])
    return words("{n} × {item}: {problem}", n=claim.quantity, item=label, problem=names[str(claim.kind)])


def read_claim(form: Form, order: int, wants: Sequence[int]) -> NewClaim | None:
    """The claim as it was typed, without its picture; None where something is wrong."""
    kind = form.choice("kind", [str(kind) for kind in ClaimKind])
    want = form.choice("want", ["", *map(str, wants)])
    quantity = form.integer("quantity", least=1, most=MAX_WANT_UNITS, default=1)
    words = form.text("words", most=MAX_WORDS, lines=True)
    if kind == "other" and not words:
        form.blame("words", "Please say what is wrong.")
    if form.wrong:
        return None
    return NewClaim(
        order=order,
        kind=ClaimKind(kind),
        want=int(want) if want else None,
        quantity=quantity or 1,
        words=words,
    )


def keep(rows: Rows, new: NewClaim, sent: Sent | None, *, now_ms: int) -> int:
    """Keeps the claim with its picture; returns its id. Raises `Refused`, and nothing is kept."""
    return open_claim(rows, replace(new, picture=sent.keep(rows, now_ms) if sent else None), now_ms=now_ms)
