"""Every address of the table, asked by everybody: it answers by what it needs, and never fails.

The walk takes the addresses from the table itself, so a page that is added is walked over, too.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx2
import pytest
from guarded import OTHER, World, guarded

from millpond.community.transitions import Stage
from millpond.desk.people import HELPER_ROLES, Role
from millpond.web.pages import PAGES
from millpond.web.routes import Access, Route

GETS = [route for route in PAGES if route.method == "GET"]
POSTS = [route for route in PAGES if route.method in ("POST", "PUT")]
INSIDERS = ("owner", *(role.value for role in HELPER_ROLES))
OUTSIDERS = ("nobody", "household", "stranger", "removed", "ended")
BY_CODE = {"/setup", "/setup/restore", "/passkey"}
"""Open to everybody, and refused with 403 to who has no code, or no passkey."""
FAILED = range(500, 600)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with guarded(tmp_path_factory.mktemp("guarded")) as made:
        yield made


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def may(who: str, route: Route) -> bool:
    if route.needs is Access.PUBLIC:
        return True
    if who not in INSIDERS:
        return False
    return route.needs is Access.SIGNED_IN or who in ("owner", route.needs.value)


def tells_nothing(answer: httpx2.Response) -> None:
    """Neither in the page nor in what stands before it."""
    assert "SECRET" not in answer.text
    assert "SECRET" not in str(answer.headers)


def waited(world: World) -> None:
    """So long that no limit on how often stands in the way of what is tested here."""
    world.site.clock.now_ms += 12_000


@pytest.mark.parametrize("route", GETS, ids=named)
def test_a_page_is_shown_to_whom_it_is_for_and_to_nobody_else(world: World, route: Route) -> None:
    path = world.path(route)
    for who in (*INSIDERS, *OUTSIDERS):
        if route.needs is Access.PUBLIC and who != "nobody":
            continue
        waited(world)
        answer = world.ask("GET", path, world.people[who])
        assert answer.status_code not in FAILED, who
        if may(who, route):
            assert answer.status_code in (200, 303) or answer.status_code in (404, 410), who
            continue
        tells_nothing(answer)
        if who in INSIDERS:
            assert answer.status_code == 403, who
        else:
            assert (answer.status_code, answer.headers["location"]) == (303, "/pond/sign-in"), who


@pytest.mark.parametrize("route", POSTS, ids=named)
def test_a_change_is_made_by_whom_it_is_for_with_a_form_of_this_session(world: World, route: Route) -> None:
    path, people = world.path(route), world.people
    if route.needs is Access.PUBLIC:
        waited(world)
        answer = world.ask(route.method, path)
        assert answer.status_code not in FAILED
        assert answer.status_code not in (401, 403) or route.path in BY_CODE
        return
    for who in OUTSIDERS:
        waited(world)
        token = world.token(people[who]) if people[who] else ""
        answer = world.ask("POST", path, people[who], data={"form_token": token})
        assert answer.status_code == 401, who
        tells_nothing(answer)
    for who in INSIDERS:
        waited(world)
        session = world.enter(world.ids[who])
        right = {"form_token": world.token(session)}
        if not may(who, route):
            answer = world.ask("POST", path, session, headers={"x-form-token": right["form_token"]})
            assert answer.status_code == 403, who
            tells_nothing(answer)
            continue
        other = world.token(people["stranger"])
        for wrong in ({}, {"form_token": ""}, {"form_token": "é" * 9}, {"form_token": other}):
            waited(world)
            assert world.ask("POST", path, session, data=wrong).status_code == 403, (who, wrong)
        for header in ("cross-site", "same-site"):
            answer = world.ask("POST", path, session, data=right, headers={"sec-fetch-site": header})
            assert answer.status_code == 403, (who, header)
        for origin in ("https://evil.example", "null", "http://[", "http://127.0.0.1"):
            answer = world.ask("POST", path, session, data=right, headers={"origin": origin})
            assert answer.status_code == 403, (who, origin)
        for sent in ("form", "json"):
            waited(world)
            session = world.enter(
                world.ids[who]
            )  # the one before may have been signed out by this very change
            token, headers = world.token(session), {"origin": world.site.base}
            if sent == "form":
                answer = world.ask("POST", path, session, headers=headers, data={"form_token": token})
            else:
                headers["x-form-token"] = token
                answer = world.ask("POST", path, session, headers=headers, json={})
            assert answer.status_code not in (401, 403, 429, *FAILED), (who, sent)


@pytest.mark.parametrize("route", PAGES, ids=named)
def test_an_address_is_asked_in_its_own_way_only(world: World, route: Route) -> None:
    path = world.path(route)
    known = {one.method for one in PAGES if one.path == route.path and one.in_room == route.in_room}
    for method in {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"} - known:
        answer = world.ask(method, path, world.people["owner"])
        assert answer.status_code == 405, method
        assert known <= set(answer.headers["allow"].split(", ")) <= {"GET", "HEAD", "POST"} | known
        tells_nothing(answer)
    if route.method == "GET" and not route.path.endswith((".pdf", "{ending:str}")):
        waited(world)
        answer = world.ask("HEAD", path)
        assert answer.status_code not in FAILED
        assert answer.content == b""
        assert (answer.status_code == 303) or route.needs is Access.PUBLIC


NONSENSE = (
    "0", "99999999", "9" * 15, "9" * 16, "9" * 5_000, "-1", "1.5", "1e3", "%C2%B2", "%D9%A1", "%00",
    "..%2f..%2fnode.db", "'%20OR%201=1%20--", "%F0%9F%92%A5", "x" * 5_000, "%FF", "{{7*7}}",
)  # fmt: skip


@pytest.mark.parametrize("route", [one for one in PAGES if "{" in one.path], ids=named)
def test_a_nonsense_address_leads_nowhere(world: World, route: Route) -> None:
    """Numbers that the database cannot count, bytes that are no text, paths: 4xx, whatever it is."""
    session = world.people["owner"]
    for name in re.findall(r"\{(\w+)", route.path):
        for value in NONSENSE:
            waited(world)
            data = {"form_token": world.token(session)} if route.method == "POST" else None
            answer = world.ask(route.method, world.path(route, **{name: value}), session, data=data)
            if name == "ending" and answer.status_code == 200:
                continue  # the usual file
            if name == "start" and value == "0":
                assert answer.status_code == 200  # where a log begins
                continue
            assert answer.status_code in range(300, 500), (name, value[:30])
            if answer.status_code < 400:  # an old address that leads on, or a change that changed nothing
                assert answer.headers["location"].startswith("/pond/"), (name, value[:30])
    if route.in_room:
        waited(world)
        answer = world.ask(route.method, world.path(route, room="nowhere"), session)
        assert answer.status_code == 404
        tells_nothing(answer)


TABLES = ("handouts", "claims", "standing_wants", "entries", "orders", "wants")


@dataclass(frozen=True)
class Stray:
    """An id that is somebody else's, where it has no business."""

    method: str
    path: str
    data: dict[str, str]
    who: str = "owner"


def strays(world: World) -> dict[str, Stray]:
    """Ids of another room, another group order, another household."""
    mine, other = world.things, world.other
    here, there = mine.words(), other.words()
    second = mine.placed[Stage.ARRIVED][1]
    done = mine.placed[Stage.DONE][0]
    rest, desk, now = f"/h/{here['token']}/{here['code']}", "/pond/desk", here["round"]
    alone = mine.placed[Stage.OPEN][1]
    no = {"what": "refuse", "answer": "no"}
    return {
        "a household of another room": Stray("GET", f"/pond/h/{there['token']}", {}, ""),
        "a group order of another room": Stray("GET", f"/pond/g/{there['code']}", {}, ""),
        "a picture of nowhere": Stray("GET", f"/pond/picture/{'0' * 64}", {}, ""),
        "a household in a group order it had no part in":
            Stray("GET", f"/pond/h/{alone.link}/{here['code']}", {}, ""),
        "its proof": Stray("GET", f"/pond/h/{alone.link}/{here['code']}/round.json", {}, ""),
        "a standing want of another household": Stray(
            "POST", f"/pond/h/{second.link}/standing/end", {"standing": str(mine.standing)}, ""
        ),
        "a claim of another household": Stray(
            "POST", f"/pond/h/{second.link}/{here['code']}/withdraw", {"claim": str(mine.claim)}, ""
        ),
        "a want of another household": Stray(
            "POST", f"/pond{rest}/claim", {"kind": "missing", "quantity": "1", "want": "4"}, ""
        ),
        "an order of another group order, handed out":
            Stray("POST", f"{desk}/{now}/hand-out", {"order": str(done.id)}, "hands_out"),
        "a hand-out of another group order, undone": Stray(
            "POST", f"{desk}/{mine.rounds[Stage.ORDERED]}/hand-out", {"undo": mine.event}, "hands_out"
        ),
        "a claim of another group order":
            Stray("POST", f"{desk}/{mine.rounds[Stage.DONE]}/claims/{mine.claim}", no, "hands_out"),
        "a receipt for another household": Stray(
            "GET", f"{desk}/households/{second.household}/receipt-{done.id}.pdf", {}, "keeps_money"
        ),
        "a payment of another household's order": Stray(
            "POST", f"{desk}/households/{second.household}/account/pay",
            {"order": str(done.id), "amount": "1.00", "means": "cash", "token": "x" * 24}, "keeps_money",
        ),
    }  # fmt: skip


def test_what_belongs_elsewhere_is_not_reached(world: World) -> None:
    """Nothing is shown and nothing is changed by an id of another household, group order or room."""

    def kept() -> list[object]:
        with closing(sqlite3.connect(world.site.room.path)) as rows:
            return [rows.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES]

    before = kept()
    for name, stray in strays(world).items():
        waited(world)
        session = world.people[stray.who] if stray.who else ""
        data = stray.data | ({"form_token": world.token(session)} if session else {})
        answer = world.ask(stray.method, stray.path, session, data=data if stray.method == "POST" else None)
        assert answer.status_code in (303, 400, 404, 409, 422), (name, answer.status_code)
        if answer.status_code == 303:
            assert stray.method == "POST", name
        assert kept() == before, name


PAIRS = [one for one in PAGES if "{order" in one.path or "{claim" in one.path]


@pytest.mark.parametrize("route", PAIRS, ids=named)
def test_an_order_is_reached_only_by_what_it_belongs_to(world: World, route: Route) -> None:
    """An order or a claim, under another group order or another household: there is no such page."""
    owner, things = world.people["owner"], world.things
    waited(world)
    order, other = things.placed[Stage.DONE][0], things.words(Stage.DONE)
    changed = {"round": other["round"], "claim": str(things.claim)} if "{claim" in route.path else {}
    path = world.path(route, **{"order": str(order.id), **changed})
    data = {"form_token": world.token(owner), "what": "refuse", "answer": "no", "sure": "1"}
    answer = world.ask(route.method, path, owner, data=data if route.method == "POST" else None)
    assert answer.status_code in (400, 404, 409), path


def test_a_session_of_one_room_is_nobody_in_the_other(world: World) -> None:
    owner = world.people["owner"]
    assert world.ask("GET", "/pond/desk", owner).status_code == 200
    assert world.ask("GET", f"/{OTHER}/desk", owner).status_code == 303
    link = world.people["household"]
    assert world.things.placed[Stage.ARRIVED][0].link not in world.ask("GET", f"/{OTHER}/", link).text


def test_what_everybody_may_see_names_no_household(world: World) -> None:
    """The shared pages, asked by somebody who has only the shared link."""
    private = ("SECRET-household", "SECRET-home", "SECRET-note", "SECRET-leader note", "SECRET-answer",
               "SECRET-claim", "SECRET-paid", "SECRET-maker contact", "1391111")  # fmt: skip
    for route in GETS:
        if route.needs is not Access.PUBLIC or "{token}" in route.path:
            continue
        for stage in Stage:
            if stage not in world.things.rounds or stage is Stage.DRAFT or "{code}" not in route.path:
                path = world.path(route)
            else:
                path = world.path(route, stage)
            waited(world)
            text = world.ask("GET", path).text
            assert not [one for one in private if one in text], path


def test_a_household_sees_itself_alone(world: World) -> None:
    """Every page of a household's link names that household and none of the others."""
    first, second, third = world.things.placed[Stage.ARRIVED]
    for route in GETS:
        if route.needs is Access.PUBLIC and "{token}" in route.path and "invitation" not in route.path:
            text = world.ask("GET", world.path(route, token=second.link)).text
            others = (first.link, third.link, "SECRET-household0", "SECRET-household2")
            for one in (*others, "SECRET-leader note", "SECRET-maker contact"):
                assert one not in text, route.path


def test_roles_are_asked_at_every_request(world: World) -> None:
    """A helper who loses a task loses it at once, with the session still running."""
    from millpond.desk import people

    now = world.site.clock()
    helper, _ = world.site.write(
        lambda rows: people.invite(rows, "for a day", [Role.KEEPS_MONEY], by=None, now_ms=now)
    )
    session = world.enter(helper.id)
    assert world.ask("GET", "/pond/desk/books", session).status_code == 200
    world.site.write(lambda rows: people.change_roles(rows, helper.id, [Role.COLLECTS], by=None, now_ms=now))
    assert world.ask("GET", "/pond/desk/books", session).status_code == 403
    world.site.write(lambda rows: people.end_access(rows, helper.id, by=None, now_ms=now))
    assert world.ask("GET", "/pond/desk", session).status_code == 303
