"""Claims of a group order: what households say is wrong, and the leader's answer, with money or without.

Who hands out may answer; giving money is for who keeps the money.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from millpond.community.books import Means
from millpond.community.group import MAX_NOTE_CHARACTERS
from millpond.desk import answers, claims, ledger, own, rounds
from millpond.desk.claims import Claim, ClaimKind, ClaimState
from millpond.desk.ledger import Balance
from millpond.desk.own import Picture
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.store import Rows
from millpond.web.forms import Form
from millpond.web.leader import booked
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit
from millpond.web.words import marked

KINDS = {
    ClaimKind.MISSING: marked("something is missing"),
    ClaimKind.DAMAGED: marked("broken or spoiled"),
    ClaimKind.WRONG: marked("it is something else"),
    ClaimKind.RETURN: marked("wants to give it back"),
    ClaimKind.OTHER: marked("something else"),
}
STATES = {
    ClaimState.OPEN: marked("to be answered"),
    ClaimState.GRANTED: marked("agreed"),
    ClaimState.REFUSED: marked("not agreed"),
    ClaimState.WITHDRAWN: marked("taken back by the household"),
}
CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """A claim as the leader sees it; `worth` is what the units cost, `came` what the order has paid."""

    claim: Claim
    household: int
    number: int
    name: str
    what: str
    kind: str
    state: str
    picture: Picture | None
    worth: int
    balance: Balance
    settled_by: str

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.claim.state is ClaimState.OPEN

    @property
    def may_reopen(self) -> bool:
        """Whether there is an answer to take back."""
        return self.claim.state in (ClaimState.GRANTED, ClaimState.REFUSED)

    @property
    def came(self) -> int:
        """What was paid for the order and not given back."""
        return self.balance.paid - self.balance.refunded


async def page(visit: Visit) -> Response:
    """The open claims first, then those that were answered."""
    return _page(visit, None, 0)


def _page(visit: Visit, form: Form | None, which: int) -> Response:
    round = rounds.load(visit.read, visit.number("round"))
    found = _views(visit, round.id)
    return visit.page(
        "leader/claims.html",
        422 if form else 200,
        form=form,
        which=which,
        round=round,
        claims=found,
        open_count=sum(one.is_open for one in found),
        keeps_money=visit.may(Role.KEEPS_MONEY),
        back=[
            (CREDIT, visit.words("less to pay, or credit")),
            *(
                (means, visit.words("back at once: {means}", means=text))
                for means, text in booked.means_texts(visit)
            ),
        ],
    )


def _views(visit: Visit, round: int) -> list[ClaimView]:
    orders = {row["id"]: row for row in visit.read.all("money.orders_of_round", round=round)}
    wants, balances = answers.claimed(visit.read, round), ledger.of_orders(visit.read, round)
    people = {row["id"]: row["name"] for row in visit.read.all("money.people")}
    found = []
    for claim in claims.of_round(visit.read, round):
        order, want = orders[claim.order], wants.get(claim.want or 0)
        what = f"{claim.quantity} × {want.label}" if want else visit.words("the order as a whole")
        found.append(
            ClaimView(
                claim=claim,
                household=order["household"],
                number=order["number"],
                name=order["name"] or f"H{order['household']}",
                what=what,
                kind=visit.words(KINDS[claim.kind]),
                state=visit.words(STATES[claim.state]),
                picture=own.picture(visit.read, claim.picture),
                worth=want.worth(claim.quantity) if want else 0,
                balance=balances.get(claim.order, Balance()),
                settled_by=people.get(claim.settled_by, ""),
            )
        )
    return found


async def answer(visit: Visit) -> Response:
    """Agrees, with or without money, or does not, with words; or takes the answer back."""
    form, claim = await visit.form(), visit.number("claim")
    what = form.choice("what", ("grant", "refuse", "reopen"))
    row = visit.read.one("money.claim", id=claim)
    if row is None or row["round"] != visit.number("round"):
        return visit.problem(404, "There is no such page.")
    words = form.text("answer", most=MAX_NOTE_CHARACTERS, lines=True)
    refund, means = 0, None
    if what == "grant":
        refund = form.money("refund", most=booked.MOST_MINOR, default=0) or 0
        chosen = form.choice("back", (CREDIT, *(str(one) for one in Means)), CREDIT)
        means = None if chosen == CREDIT or not refund else Means(chosen)
    if (refund or (what == "reopen" and row["refund"])) and not visit.may(Role.KEEPS_MONEY):
        form.blame("refund", "Giving money is for who keeps the money.")
    who: dict[str, Any] = {"person": visit.person_id, "now_ms": visit.now_ms}
    jobs: dict[str, Callable[[Rows], None]] = {
        "grant": lambda rows: answers.grant(
            rows,
            claim,
            refund_minor=refund,
            means=means,
            answer=words,
            **who,
        ),
        "refuse": lambda rows: answers.refuse(rows, claim, answer=words, **who),
        "reopen": lambda rows: answers.take_back(rows, claim, **who),
    }
    if not form.wrong:
        try:
            await visit.write(jobs[what])
        except Refused as error:
            booked.say_refused(form, "answer" if error.code == "claim.words_missing" else "refund", error)
    if form.wrong:
        return _page(visit, form, claim)
    said = "undone" if what == "reopen" else "noted"
    return visit.go(visit.at(f"desk/{visit.number('round')}/claims") + f"#claim-{claim}", said=said)


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/claims", page, Role.HANDS_OUT),
    post("/desk/{round:int}/claims/{claim:int}", answer, Role.HANDS_OUT),
)
