"""Rooms that somebody attacks: two on one node, full of what must not be seen, and everybody who may come.

    with guarded(folder, say=marked) as world:
        answer = world.ask("GET", world.path(route), world.people["collects"])

`say(kind)` is what somebody typed; of each room there are group orders in every stage, a claim with a
picture, hand-outs, payments and standing wants. `world.people` are sessions by who has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
from open_group import keep_picture, photo
from sites import PROFILE, Site, start_site

from millpond import clear
from millpond.community.books import Means
from millpond.community.group import Fee, Item, Offer, Option, OptionKind, Tier
from millpond.community.transitions import Stage
from millpond.desk import carrying, claims, deciding, goods, handing, money, orders, people, room, rounds
from millpond.desk import standing as standing_wants
from millpond.desk.claims import ClaimKind, NewClaim
from millpond.desk.orders import NewOrder, NewWant, Placed
from millpond.desk.people import HELPER_ROLES
from millpond.desk.room import PickupPoint
from millpond.desk.rounds import Terms
from millpond.node import own_log, sessions
from millpond.node.node import Node, OpenRoom
from millpond.store import Rows
from millpond.web.guard.tokens import form_token
from millpond.web.routes import Route

OTHER = "mill"
"""The other room of the node."""
DAY_MS = 86_400_000
STAGES = (Stage.DRAFT, Stage.OPEN, Stage.CLOSED, Stage.DECIDED, Stage.ORDERED, Stage.ARRIVED, Stage.DONE)
Say = Callable[[str], str]


def marked(kind: str) -> str:
    """What must not be seen by who has no part in it."""
    return f"SECRET-{kind}"


@dataclass
class Things:
    """What a room holds: ids for addresses. `rounds` by stage, orders of the first household by stage."""

    slug: str
    rounds: dict[Stage, int] = field(default_factory=dict)
    codes: dict[Stage, str] = field(default_factory=dict)
    placed: dict[Stage, list[Placed]] = field(default_factory=dict)
    picture: str = ""
    claim: int = 0
    event: str = ""
    standing: int = 0
    log: str = ""
    attachment: str = ""

    def words(self, stage: Stage = Stage.ARRIVED) -> dict[str, str]:
        """The parts of addresses, by their names in the address table."""
        first = self.placed[stage][0]
        return {
            "room": self.slug,
            "round": str(self.rounds[stage]),
            "code": self.codes[stage],
            "token": first.link,
            "household": str(first.household),
            "order": str(first.id),
            "claim": str(self.claim),
            "id": self.picture,
            "ending": "pdf",
            "by": "household",
            "account": "cash",
            "hash": self.log,
            "tile": "0/000.p/1",
            "start": "0",
            "sha256": self.attachment,
        }


@dataclass
class World:
    """The node with its rooms, and who comes."""

    site: Site
    things: Things
    other: Things
    people: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=30))

    def path(self, route: Route, stage: Stage = Stage.ARRIVED, **changed: str) -> str:
        """The address of this route, about the first household of this stage; `changed` are other parts."""
        words = self.things.words(stage) | changed
        path = ("/{room}" if route.in_room else "") + route.path
        return re.sub(r"\{(\w+)(:\w+)?\}", lambda part: words.get(part[1], "1"), path)

    def ask(self, method: str, path: str, session: str = "", **how: Any) -> httpx2.Response:
        """An answer, not followed; `session` is the cookie of who asks. Half a second passes."""
        self.site.clock.now_ms += 500
        headers = dict(how.pop("headers", {}))
        if session:
            headers["cookie"] = session
        self.client.cookies.clear()
        request = self.client.build_request(method, self.site.base + path, headers=headers, **how)
        return self.client.send(request, follow_redirects=False)

    def token(self, session: str) -> str:
        """A form's token for the session of this cookie."""
        return form_token(self.site.node.secret, session.partition("=")[2])

    def enter(self, person: int, slug: str = "") -> str:
        """The cookie of a new session."""
        node = self.site.node
        return "session=" + sessions.start(node, slug or self.things.slug, person, self.site.clock())


@contextmanager
def guarded(folder: Path, say: Say = marked) -> Iterator[World]:
    """Two full rooms, and everybody."""
    with start_site(folder) as site:
        code = site.node.add_room(OTHER)
        stranger = site.node.set_up_room(OTHER, PROFILE, code=code, owner="stranger", passphrase_hash="")
        other = site.node.room(OTHER)
        assert other is not None
        world = World(site, fill(site.room, site.clock(), say), fill(other, site.clock(), say))
        for things, place in ((world.things, site.room), (world.other, other)):
            things.log, things.attachment = speak(site.node, place)
        now = site.clock()
        world.ids["owner"] = site.owner.id
        for role in HELPER_ROLES:
            name = f"{role.value} {say('helper')}"[: people.MAX_NAME]
            person, _ = site.write(
                lambda rows, name=name, role=role: people.invite(rows, name, [role], by=None, now_ms=now)
            )
            world.ids[role.value] = person.id
        gone, _ = site.write(lambda rows: people.invite(rows, "gone", HELPER_ROLES, by=None, now_ms=now))
        world.ids["removed"] = gone.id
        world.people = {who: world.enter(id) for who, id in world.ids.items()}
        site.write(lambda rows: people.end_access(rows, gone.id, by=None, now_ms=now))
        world.people["stranger"] = world.enter(stranger.id, OTHER)
        world.people["ended"] = world.enter(site.owner.id)
        sessions.end(site.node, world.people["ended"].partition("=")[2])
        world.people["household"] = f"household={world.things.placed[Stage.ARRIVED][0].link}"
        world.people["nobody"] = ""
        yield world
        world.client.close()


def speak(node: Node, place: OpenRoom) -> tuple[str, str]:
    """The room says something to everybody: its log's name in addresses, and the hash of what is attached."""
    now_ms = node.clock()
    picture = place.db.write(
        lambda rows: own_log.attach_in(rows, photo(20, 20), "image/jpeg", "mill.jpg", now_ms=now_ms)
    )
    own_log.say(node, place, "profile/1", {"name": "平塘团"}, attachments=[picture])
    key = own_log.current(place.db.read)
    assert key is not None
    return key.hash, picture.sha256


def fill(place: OpenRoom, now_ms: int, say: Say) -> Things:
    """A group order in each stage, with three households, and what belongs to it."""
    things = Things(place.slug)

    def start(rows: Rows) -> int:
        profile = room.profile(rows)
        assert profile is not None
        told = {"about": say("about"), "payment_note": say("payment"), "place_name": say("place")}
        room.change(rows, replace(profile, **told), person=None, now_ms=now_ms)
        point = PickupPoint(
            name=say("point"), address=say("address"), contact=say("contact"), phone=say("phone"),
            hours=say("hours"),
        )  # fmt: skip
        things.picture = keep_picture(rows, photo(60, 40))
        rows.run("room.set_payment_picture", picture=things.picture)
        return room.add_pickup_point(rows, point)

    point = place.db.write(start)
    for stage in STAGES:
        _bring(place, things, stage, point, now_ms, say)
    _after(place, things, now_ms, say)
    return things


def _terms(now_ms: int, point: int, say: Say) -> Terms:
    options = (
        Option(key="o0", label=say("option"), kind=OptionKind.CHOICE, choices=(say("choice"), "M")),
        Option(key="o1", label="绣字", kind=OptionKind.TEXT),
    )
    return Terms(
        title=say("title"),
        about=say("about"),
        maker_contact=say("maker contact"),
        pickup_note=say("pickup note"),
        items=(
            Item(id="new-0", family="a", name=say("item"), unit=say("unit"), options=options,
                 reference=5_000),
            Item(id="new-1", family="b", name="鱼", variant=say("variant"), unit="条", reference=5_000,
                 nominal_grams=500),
        ),
        offer=Offer(maker=say("maker"), tiers=(Tier(from_quantity=1, price=3_000),), capacity=500, setup=100),
        fee=Fee(per_order=100, per_unit=10),
        closes_at_ms=now_ms + 60 * DAY_MS,
        pickup_points=(point,),
    )  # fmt: skip


def _bring(place: OpenRoom, things: Things, stage: Stage, point: int, now_ms: int, say: Say) -> None:
    """A group order, to this stage."""
    when = {"person": None, "now_ms": now_ms}

    def begin(rows: Rows) -> int:
        id = rounds.create(rows, _terms(now_ms, point, say), **when)
        rounds.set_picture(rows, id, things.picture)
        if stage is not Stage.DRAFT:
            rounds.move(rows, id, Stage.OPEN, **when)
        return id

    id = place.db.write(begin)
    made = rounds.load(place.db.read, id)
    things.rounds[stage], things.codes[stage] = id, made.code
    rice, fish = (int(item.id) for item in made.group.items)
    choice = made.group.items[0].options[0].choices[0]

    def order(rows: Rows, n: int) -> Placed:
        answers = {"o0": choice, "o1": say("answer")}
        new = NewOrder(
            round=id, token=f"{stage}-{n}", name=f"{say('household')}{n}", phone=f"1391111000{n}",
            wants=(NewWant(item=rice, quantity=2, options=answers), NewWant(item=fish, quantity=1)),
            pickup_point=point, note=say("note"), address=say("home"),
        )  # fmt: skip
        return orders.place(rows, new, now_ms=now_ms)

    if stage is Stage.DRAFT:
        things.placed[stage] = []
        return
    things.placed[stage] = [place.db.write(lambda rows, n=n: order(rows, n)) for n in range(3)]
    way = STAGES[2 : STAGES.index(stage) + 1]
    for step in way:
        if step is Stage.DECIDED:
            answer = deciding.work_out(deciding.gather(place.db.read, id), clear)
            place.db.write(lambda rows, answer=answer: deciding.keep(rows, answer, **when))
        else:
            place.db.write(lambda rows, step=step: rounds.move(rows, id, step, **when))
        if step is Stage.ORDERED:
            came = {"received": 5, "billed": 6, "note": say("goods")}
            place.db.write(lambda rows, came=came: goods.receive(rows, id, rice, **came, **when))
        place.db.write(lambda rows: money.settle(rows, id, **when))


def _after(place: OpenRoom, things: Things, now_ms: int, say: Say) -> None:
    """In the group order whose goods are here: a payment, a hand-out, a claim; and a standing want."""
    first = things.placed[Stage.ARRIVED][0]
    when = {"person": None, "now_ms": now_ms}

    def job(rows: Rows) -> None:
        money.pay(
            rows,
            first.id,
            means=Means.CASH,
            amount_minor=50,
            words=say("paid"),
            token="paid-once-and-for-all",
            **when,
        )
        handing.hand_out(rows, things.rounds[Stage.ARRIVED], first.id, **when)
        picture = keep_picture(rows, photo(50, 50))
        new = NewClaim(order=first.id, kind=ClaimKind.DAMAGED, words=say("claim"), picture=picture)
        things.claim = claims.open_claim(rows, new, now_ms=now_ms)
        orders.set_leader_note(rows, first.id, say("leader note"), **when)
        things.standing = standing_wants.set_standing(
            rows, first.household, name=say("item"), quantity=1, now_ms=now_ms
        )
        carrying.place_standing(rows, things.rounds[Stage.OPEN], now_ms=now_ms)

    place.db.write(job)
    things.event = handing.events(place.db.read, things.rounds[Stage.ARRIVED])[0].event_id
