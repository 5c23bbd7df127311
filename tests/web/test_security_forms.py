"""Every form of every page, filled with nonsense: answered in words, never by a failure.

The forms are read from the pages themselves, so a form that is added is tried, too. Bodies that are no forms
at all are sent to every address that takes a change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from guarded import World, guarded

from millpond.community.transitions import Stage
from millpond.desk import handing
from millpond.web.pages import PAGES
from millpond.web.routes import Access

FAILED = range(500, 600)
NONSENSE = (
    "\0", "²", "-1", "9" * 15, "9" * 400, "1e9", "0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31",
    "x" * 6_000, "\ud7ff\u202e'\"<", "é" + "\u0301\u0327" * 2_000, "o: " + " " * 1_500 + "*",
)  # fmt: skip
EVERY = 7
"""Each field is tried with every seventh of them, the next field with the others."""
KEEPS = ("form_token", "code", "room")
USUAL = {"hidden": "", "phone": "13800001111", "date": "2026-12-20", "datetime-local": "2026-12-20T10:00"}
"""What somebody types, by the type of the field; 1 into any other, 2 into that of the second row."""
AGAIN = ("more", "add")
"""Buttons that only show the form again, with one more row."""


class _Forms(HTMLParser):
    """The forms of a page: where each goes, and its fields as somebody could send them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.select = ""
        self.pattern = False  # inside of rows that scripts copy

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.pattern = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", "") if given.get("method") == "post" else "", {}))
        if tag == "template":
            self.pattern = True
        if not self.found or self.pattern:
            return
        fields, name = self.found[-1][1], given.get("name", "")
        if tag == "option" and self.select:
            fields.setdefault(self.select, given.get("value", ""))
        if tag == "select":
            self.select = name
        elif name and tag in ("input", "textarea"):
            kind = "phone" if "phone" in name else given.get("type", "")
            if kind != "file":
                row = re.search("[0-9]+", name)
                usual = USUAL.get(kind, str(int(row[0]) + 1) if row else "1")
                fields.setdefault(name, given.get("value") or ("" if kind == "radio" else usual))
        elif name and tag == "button" and name not in AGAIN:
            fields.setdefault(name, given.get("value", ""))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with guarded(tmp_path_factory.mktemp("guarded")) as made:
        yield made


def forms(world: World) -> dict[tuple[str, tuple[str, ...]], tuple[str, dict[str, str]]]:
    """Each form once, as the owner and the households get it in each stage of a group order."""
    found = {}
    for route in PAGES:
        if route.method != "GET" or "." in route.path:
            continue
        for stage in [one for one in world.things.rounds if world.things.placed[one]]:
            answer = world.ask("GET", world.path(route, stage), world.people["owner"])
            if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                page = _Forms()
                page.feed(answer.text)
                for action, fields in page.found:
                    if action and "/sign-" not in action:
                        found.setdefault((_shape(action), tuple(sorted(fields))), (action, fields))
    return found


def _shape(action: str) -> str:
    """The address without its numbers, codes and secrets."""
    parts = re.split("[?#]", action)[0].split("/")
    return "/".join("" if part.isdigit() or len(part) in (12, 24) else part for part in parts)


def test_nonsense_in_any_field_of_any_form_is_answered_in_words(world: World) -> None:
    session = world.enter(world.ids["owner"])
    every = forms(world)
    assert len(every) >= 20
    for action, fields in every.values():
        for place, name in enumerate(fields):
            for value in () if name in KEEPS else NONSENSE[place % EVERY :: EVERY]:
                sent = fields | {name: value, "form_token": world.token(session)}
                world.site.clock.now_ms += 4_000
                answer = world.ask("POST", action, session, data=sent)
                assert answer.status_code not in FAILED, (action, name, value[:20])
                assert answer.status_code != 413
            if world.ask("GET", "/pond/desk", session).status_code != 200:
                session = world.enter(world.ids["owner"])  # this field changed one's own passphrase, or so


def test_nonsense_in_all_fields_and_every_field_twice(world: World) -> None:
    session = world.enter(world.ids["owner"])
    for action, fields in forms(world).values():
        for value in NONSENSE[::3]:
            sent = {name: [value, fields[name]] for name in fields} | {"form_token": world.token(session)}
            world.site.clock.now_ms += 4_000
            answer = world.ask("POST", action, session, data=sent)
            assert answer.status_code not in FAILED, (action, value[:20])


def multipart(*parts: bytes) -> bytes:
    return b"".join(b"--x\r\n" + part for part in parts)


MINDS = ("/handouts", "/passkey", "/passkeys", "/items", "/sign-in", "/g/{code}", "/claim", "/collect/review")
"""Addresses that get every body; the others every third."""
FORM, JSON, PARTS = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"
BODIES = {
    "too many fields": (FORM, b"a=1&" * 3_001),
    "no fields": (FORM, b"&&&===%%%"),
    "half an escape": (FORM, b"name=%f&name=%ff%fe&passphrase=%"),
    "no boundary": ("multipart/form-data", b"--x\r\n"),
    "an empty boundary": ("multipart/form-data; boundary=", b"--x\r\n"),
    "no end": (PARTS, multipart(b'content-disposition: form-data; name="a"\r\n\r\n1')),
    "no name": (PARTS, multipart(b"content-disposition: form-data\r\n\r\n1\r\n") + b"--x--"),
    "no lines": (PARTS, b"--x\r\n\r\n\r\n--x--"),
    "no such letters": (
        "multipart/form-data; boundary=x; charset=nonsense",
        multipart(b'content-disposition: form-data; name="name"\r\n\r\n\xff\xfe\r\n') + b"--x--",
    ),
    "many files": (
        PARTS,
        multipart(*[b'content-disposition: form-data; name="a"; filename="a"\r\n\r\nx\r\n'] * 12) + b"--x--",
    ),
    "a long text": (
        PARTS,
        multipart(b'content-disposition: form-data; name="list"\r\n\r\n' + b"a" * 400_000) + b"\r\n--x--",
    ),
    "a file where a text is": (
        PARTS,
        multipart(*(
            b'content-disposition: form-data; name="' + name + b'"; filename="../../x\0.html"\r\n\r\nx\r\n'
            for name in (b"name", b"form_token", b"passphrase", b"list")
        )) + b"--x--",
    ),
    "another type": ("text/plain", b"name=a"),
    "a type that is none": ("\x01", b"name=a"),
    "no JSON": (JSON, b"{"),
    "deep": (JSON, b"[" * 15_000),
    "deep in an object": (JSON, b'{"events":' * 1_000 + b"1" + b"}" * 1_000),
    "a number": (JSON, b"9" * 5_000),
    "nothing": (JSON, b"null"),
    "not a number": (JSON, b'{"events": NaN, "id": Infinity}'),
    "half a character": (
        JSON,
        b'{"events": [{"event_id": "\\ud800", "order": "\\udfff", "at_ms": 1}], "id": "\\ud800"}',
    ),
    "no text": (JSON, b'{"a": "\xff\xfe"}'),
    "events of all kinds": (
        JSON,
        b'{"events": [{"event_id": "a", "order": "1", "at_ms": 1e400, "quantity": true, "want": {}}]}',
    ),
    "a passkey of all kinds": (
        JSON, b'{"id": [], "rawId": 1, "type": {}, "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAxfQ"}}',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_form_is_answered_in_words(world: World, name: str) -> None:
    kind, body = BODIES[name]
    every = [one for one in PAGES if one.method == "POST" and one.path != "/sign-out"]
    turn = list(BODIES).index(name)
    for route in [one for at, one in enumerate(every) if at % 3 == turn % 3 or one.path.endswith(MINDS)]:
        session = "" if route.needs is Access.PUBLIC else world.enter(world.ids["owner"])
        world.site.clock.now_ms += 12_000
        headers = {"content-type": kind}
        if session:
            headers["x-form-token"] = world.token(session)
        path = world.path(route, Stage.ARRIVED)
        answer = world.ask("POST", path, session, content=body, headers=headers)
        assert answer.status_code not in FAILED, path
        assert answer.status_code != 408
        if session and name in ("too many fields", "no boundary", "no name"):
            world.site.clock.now_ms += 12_000
            del headers["x-form-token"]  # read for the token then, before anything else
            answer = world.ask("POST", path, session, content=body, headers=headers)
            assert answer.status_code in (400, 403), path


def test_what_a_phone_noted_in_a_day_without_a_network_is_taken(tmp_path: Path) -> None:
    """The bound on JSON leaves room for as many hand-outs as are taken at once."""
    with guarded(tmp_path) as world:
        order = world.things.placed[Stage.ARRIVED][1].id
        events = [
            {"event_id": f"{n:032x}", "order": str(order), "want": None, "quantity": 0, "device": "abcdefgh",
             "at_ms": world.site.clock() - n, "undoes": None}
            for n in range(handing.MAX_EVENTS)
        ]  # fmt: skip
        session = world.people["hands_out"]
        path = f"/pond/desk/{world.things.rounds[Stage.ARRIVED]}/handouts"
        headers = {"x-form-token": world.token(session)}
        answer = world.ask("POST", path, session, json={"events": events}, headers=headers)
        assert answer.status_code == 200
        assert answer.json()["new"] == handing.MAX_EVENTS
        one_more = [*events, events[0] | {"event_id": "one-more"}]
        answer = world.ask("POST", path, session, json={"events": one_more}, headers=headers)
        assert answer.status_code == 400
