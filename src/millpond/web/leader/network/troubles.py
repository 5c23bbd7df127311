"""What went wrong between this room and others: one list, each with what it means and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from millpond.desk.people import Role
from millpond.desk.refusals import WORDS
from millpond.node import own_log, troubles
from millpond.node.troubles import Trouble, What
from millpond.web.leader.network import shown
from millpond.web.leader.network.shown import Names
from millpond.web.leader.network.told import told
from millpond.web.routes import Route, get
from millpond.web.visit import Visit
from millpond.web.words import marked

GRAVE = frozenset({What.OWN_TWO_HISTORIES, What.TWO_HISTORIES, What.BROKEN, What.KEEPER_SIZE})
TEXTS: dict[What, tuple[str, str, str]] = {
    What.OWN_TWO_HISTORIES: (
        marked("Your own log has two histories"),
        marked(
            "Your key signed two that contradict each other: an old copy went on writing, or somebody"
            " else has your key. Everybody who sees both stops believing what this log says from "
            "there on."
        ),
        marked(
            "Stop every other machine that writes this log. Then begin a new log under a new key (on "
            "the page of your log), and tell those who follow you, face to face or by phone."
        ),
    ),
    What.RESTING: (
        marked("Your log rests"),
        marked("{problem}"),
        marked("Nothing can be said until you choose how to go on, on the page of your log."),
    ),
    What.TWO_HISTORIES: (
        marked("{name} said two things that contradict each other"),
        marked(
            "Their key signed two histories of one log. They lied, or their key is in two hands, or "
            "an old copy went on writing; the proof does not tell which. Nothing more is taken in "
            "from this log."
        ),
        marked(
            "Call them. Send the proof to others who follow them: anybody can check it without "
            "trusting you. If they begin a new log, compare the four words anew."
        ),
    ),
    What.SUSPICION: (
        marked("{name} may have two histories"),
        marked(
            "Two sources show different ends of their log, and neither gives enough to tell which is "
            "right. That may be a broken copy, and accuses nobody yet."
        ),
        marked("Wait: it is looked at again with every fetch. If it stays for days, ask {name}."),
    ),
    What.BROKEN: (
        marked("The log of {name} is broken"),
        marked(
            "What stands at number {count} is not signed by them, though their log has it. What they "
            "said before that still counts; nothing after it is read."
        ),
        marked("Ask them to update their node and to begin a new log."),
    ),
    What.KEEPER_SIZE: (
        marked("{name} knows more of your log than you do"),
        marked(
            "They say that they have {count} statements. Then another machine writes with your key, "
            "or this one is an old copy, or they are wrong."
        ),
        marked(
            "Say nothing until it is clear. Look for an old machine or a second copy of this room, "
            "and ask {name}."
        ),
    ),
    What.KEEPER: (
        marked("{name} does not take your log"),
        marked("They were asked again and again. What came back: {problem}"),
        marked("Ask {name} whether they still carry it, or choose somebody else."),
    ),
    What.KEEPER_SILENT: (
        marked("{name}, who carries your log, has not answered for days"),
        marked("Others may not be able to read your newest statements there. It is tried again by itself."),
        marked("Ask {name} whether their node runs, or choose somebody else as well."),
    ),
    What.SOURCE: (
        marked("One source of the log of {name} is of no use"),
        marked(
            "{address} gives nothing that fits ({problem}). Other sources are fine, so nothing is missing."
        ),
        marked("Nothing needs to be done. If you know who runs it, tell them."),
    ),
    What.SILENT: (
        marked("{name} has not been heard for days"),
        marked(
            "Their node may be off or may have moved. What is here of them stays readable, and it is "
            "tried again by itself."
        ),
        marked("Ask them for a new card if they have moved; paste it on the page of people you follow."),
    ),
    What.REFUSED: (
        marked("A picture or document of {name} is not carried here"),
        marked("The keeper of this node refused it. Their statements are here all the same."),
        marked("Nothing needs to be done. If you need it, ask {name} to send it to you."),
    ),
}
"""Of each: what happened, what it means, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A trouble in the reader's words."""

    trouble: Trouble
    is_grave: bool
    title: str
    meaning: str
    advice: str
    since: str
    ago: str


async def page(visit: Visit) -> Response:
    """All of them, or that all is well."""
    names = Names(visit)
    found = troubles.of_room(visit.node, visit.room, now_ms=visit.now_ms)
    return visit.page(
        "leader/network/troubles.html",
        troubles=[_shown(visit, names, one) for one in found],
        is_alone=not found and own_log.current(visit.read) is None and not visit.read.all("peers.all"),
    )


def _shown(visit: Visit, names: Names, one: Trouble) -> Shown:
    problem = (
        visit.words(WORDS[f"log.{one.problem}"])
        if one.what is What.RESTING
        else told(visit.words, one.problem)
    )
    values = {"name": names.of(one.did), "problem": problem, "count": one.count, "address": one.address}
    title, meaning, advice = (visit.words(text).format(**values) for text in TEXTS[one.what])
    return Shown(
        trouble=one,
        is_grave=one.what in GRAVE,
        title=title,
        meaning=meaning,
        advice=advice,
        since=shown.moment(visit, one.at_ms),
        ago=shown.ago(visit, one.at_ms),
    )


async def proof(visit: Visit) -> Response:
    """The proof of two histories as a file; that of nobody whom this room neither follows nor is."""
    id = visit.number("proof")
    found = troubles.of_room(visit.node, visit.room, now_ms=visit.now_ms)
    one = next((one for one in found if one.proof == id), None)
    row = None if one is None else visit.node.network.read.one("network_others.contradiction", id=id)
    if row is None:
        return visit.problem(404, "There is no such page.")
    headers = {"content-disposition": f'attachment; filename="two-histories-{id}.json"'}
    return Response(bytes(row["proof"]), media_type="application/json", headers=headers)


PAGES: tuple[Route, ...] = (
    get("/desk/others/troubles", page, Role.OWNER),
    get("/desk/others/proof/{proof:int}.json", proof, Role.OWNER),
)
