"""Sign-in, sessions and the set-up, attacked: guesses, fixed sessions, names tried, a stolen set-up."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from served import Served, served
from sites import SLUG, Site, start_site

from millpond.desk import people
from millpond.desk.people import Role
from millpond.node import passphrases, sessions
from millpond.node.passphrases import hash_passphrase

PASSPHRASE = "three mills by one pond"
OTHER_PASSPHRASE = "nine ducks behind the weir"
HASHED: list[str] = []
NEVER_AGAIN = "wrong and wrong again"


@dataclass
class Door:
    """The way into a room, with the cookies of one browser."""

    site: Site
    client: httpx2.Client = field(default_factory=httpx2.Client)

    def post(self, path: str, /, headers: dict[str, str] | None = None, **fields: str) -> httpx2.Response:
        return self.client.post(self.site.url(path), data=fields, headers=headers or {})

    def get(self, path: str) -> httpx2.Response:
        return self.client.get(self.site.url(path))

    @property
    def token(self) -> str:
        """Of the session's cookie."""
        return self.client.cookies.get("session", "")

    def form_token(self) -> str:
        """As it stands in the page."""
        return self.get("desk/me").text.partition('name="form_token" value="')[2].partition('"')[0]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A room whose owner 王姐 and helper Wang have a passphrase."""
    if not HASHED:
        HASHED.append(hash_passphrase(PASSPHRASE))
    with start_site(tmp_path / "node") as started:
        helper(started, "Wang")
        now = started.clock()
        started.write(lambda rows: people.set_passphrase(rows, started.owner.id, HASHED[0], now_ms=now))
        yield started


def helper(site: Site, name: str) -> int:
    """Somebody with the passphrase and one task."""

    def job(rows: Any) -> int:
        now = site.clock()
        person, token = people.invite(rows, name, [Role.COLLECTS], by=None, now_ms=now)
        people.take_up(rows, token, passphrase_hash=HASHED[0], now_ms=now)
        return person.id

    return site.write(job)


def signed_in(site: Site, name: str = "Wang") -> Door:
    door = Door(site)
    answer = door.post("sign-in", name=name, passphrase=PASSPHRASE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{SLUG}/desk")
    return door


def test_a_session_that_was_there_before_is_worth_nothing_after_the_sign_in(site: Site) -> None:
    fixed = "a-token-that-an-attacker-knows-and-planted-here"
    door = Door(site)
    door.client.cookies.set("session", fixed, domain="127.0.0.1", path=f"/{SLUG}/")
    door.post("sign-in", name="Wang", passphrase=PASSPHRASE)
    assert door.token not in ("", fixed)
    assert sessions.find(site.node, SLUG, fixed, site.clock()) is None
    before = door.token
    door.post("sign-in", name="Wang", passphrase=PASSPHRASE)
    assert door.token != before
    assert sessions.find(site.node, SLUG, before, site.clock()) is None, "the old one lives on"
    assert door.get("desk").status_code == 200


def test_a_cookie_is_for_this_room_and_no_script(site: Site) -> None:
    answer = Door(site).post("sign-in", name="Wang", passphrase=PASSPHRASE)
    cookie = answer.headers["set-cookie"].lower()
    assert f"path=/{SLUG}/" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "domain" not in cookie


def test_signing_out_ends_the_session_at_the_node_and_clears_the_phone(site: Site) -> None:
    door = signed_in(site)
    token = door.token
    answer = door.post("sign-out", form_token=door.form_token())
    assert answer.status_code == 303
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert door.token == ""
    kept = Door(site)
    kept.client.cookies.set("session", token, domain="127.0.0.1", path=f"/{SLUG}/")
    assert kept.get("desk").headers["location"] == f"/{SLUG}/sign-in"


def test_a_new_passphrase_ends_the_other_sessions(site: Site) -> None:
    here, there = signed_in(site), signed_in(site)
    wrong = here.post("desk/me", old=NEVER_AGAIN, passphrase=OTHER_PASSPHRASE, form_token=here.form_token())
    assert wrong.status_code == 422
    assert there.get("desk").status_code == 200
    answer = here.post("desk/me", old=PASSPHRASE, passphrase=OTHER_PASSPHRASE, form_token=here.form_token())
    assert answer.status_code == 303
    assert here.get("desk").status_code == 200
    assert there.get("desk").status_code == 303
    assert Door(site).post("sign-in", name="Wang", passphrase=PASSPHRASE).status_code == 422
    assert Door(site).post("sign-in", name="Wang", passphrase=OTHER_PASSPHRASE).status_code == 303


def test_who_has_left_is_out_at_once(site: Site) -> None:
    owner, gone = signed_in(site, "王姐"), signed_in(site)
    wang = next(one.id for one in people.everyone(site.read) if one.name == "Wang")
    answer = owner.post("desk/people", person=str(wang), leave="1", form_token=owner.form_token())
    assert answer.status_code == 303
    assert gone.get("desk").status_code == 303
    assert sessions.find(site.node, SLUG, gone.token, site.clock()) is None
    assert Door(site).post("sign-in", name="Wang", passphrase=PASSPHRASE).status_code == 422


def test_an_unknown_name_and_a_wrong_passphrase_look_and_work_alike(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[bytes] = []
    real = passphrases.argon2id.verify

    def verify(kept: bytes, shown: bytes) -> bool:
        worked.append(kept[:30])
        return real(kept, shown)

    monkeypatch.setattr(passphrases.argon2id, "verify", verify)
    known = Door(site).post("sign-in", name="Wang", passphrase=NEVER_AGAIN)
    unknown = Door(site).post("sign-in", name="Wong", passphrase=NEVER_AGAIN)
    assert known.status_code == unknown.status_code == 422
    assert known.text.replace("Wang", "Wong") == unknown.text
    assert len(worked) == 2
    assert worked[0] == worked[1], "of the same cost"


def from_network() -> httpx2.Client:
    """Somebody who is not this machine, whose word about who asks nobody takes."""
    return httpx2.Client(transport=httpx2.HTTPTransport(local_address="127.0.0.2"))


@pytest.mark.parametrize("way", ["directly", "by a proxy"])
def test_guesses_are_few_whatever_the_header_says(site: Site, way: str) -> None:
    """A proxy adds the address it sees behind those that the asker claims; only that one counts."""
    door, answers = Door(site, from_network() if way == "directly" else httpx2.Client()), []
    for n in range(14):
        claimed = f"203.0.113.{n}" if way == "directly" else f"203.0.113.{n}, 198.51.100.7"
        headers = {"x-forwarded-for": claimed, "x-real-ip": claimed, "forwarded": f"for={claimed}"}
        answers.append(door.post("invitation", headers, token=f"guess-{n}", passphrase="x").status_code)
    assert answers == [410] * 10 + [429] * 4
    headers = {"x-forwarded-for": "198.51.100.7"}
    answer = door.post("sign-in", headers, name="Wang", passphrase=PASSPHRASE)
    assert answer.status_code == 429, "all guesses count together"
    assert int(answer.headers["retry-after"]) > 0
    assert door.get("").status_code == 200, "pages go on"
    assert signed_in(site).get("desk").status_code == 200, "and nobody else is locked out"
    site.clock.pass_minutes(1)
    assert door.post("sign-in", headers, name="Wang", passphrase=PASSPHRASE).status_code == 303


def test_the_addresses_of_one_line_count_as_one(site: Site) -> None:
    """Who has one IPv6 line has as many addresses as there are; they are counted by their first half."""
    door = Door(site)
    answers = [
        door.post(
            "invitation", {"x-forwarded-for": f"2001:db8::{n:x}"}, token="guess", passphrase="x"
        ).status_code
        for n in range(1, 13)
    ]
    assert answers[9:] == [410, 429, 429]
    other = {"x-forwarded-for": "2001:db8:0:1::1"}
    assert door.post("invitation", other, token="guess", passphrase="x").status_code == 410


def test_an_invitation_lets_one_in_once(site: Site) -> None:
    now = site.clock()
    _, token = site.write(lambda rows: people.invite(rows, "Li", [Role.COLLECTS], by=None, now_ms=now))
    assert Door(site).get(f"invitation/{token}").status_code == 200
    weak = Door(site).post("invitation", token=token, passphrase="12345678")
    assert weak.status_code == 422
    assert Door(site).post("invitation", token=token, passphrase=PASSPHRASE).status_code == 303
    assert Door(site).post("invitation", token=token, passphrase=OTHER_PASSPHRASE).status_code == 410
    assert Door(site).get(f"invitation/{token}").status_code == 410
    site.clock.pass_minutes(2)
    _, late = site.write(lambda rows: people.invite(rows, "Zhao", [Role.COLLECTS], by=None, now_ms=now))
    site.clock.now_ms += people.INVITATION_MS
    assert Door(site).get(f"invitation/{late}").status_code == 410


def test_an_idle_session_ends(site: Site) -> None:
    door = signed_in(site)
    site.clock.now_ms += sessions.IDLE_REMEMBERED_MS + 1
    assert door.get("desk").status_code == 303
    door = signed_in(site)
    for _ in range(4):
        site.clock.now_ms += sessions.LONGEST_MS // 4 + 1
        last = door.get("desk").status_code
    assert last == 303, "however much it is used"


def test_a_long_passphrase_full_of_accents_takes_no_time(site: Site) -> None:
    """Sorting the accents of one letter takes the square of their number: here it would be half a minute."""
    bomb = "e" + "\u0301\u0327" * 20_000
    assert Door(site).post("sign-in", name="Wang", passphrase=bomb).status_code == 422
    assert Door(site).post("sign-in", name=bomb, passphrase=PASSPHRASE).status_code == 422
    assert passphrases.verify_passphrase(HASHED[0], bomb * 4) is False


def test_a_refusal_is_said_in_the_reader_s_language(site: Site) -> None:
    now = site.clock()
    _, token = site.write(lambda rows: people.invite(rows, "Li", [Role.COLLECTS], by=None, now_ms=now))
    door = Door(site)
    door.client.headers["accept-language"] = "zh-CN"
    assert "至少 8 个字符" in door.post("invitation", token=token, passphrase="x").text


# ---- the set-up, and what a real process notes


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as started:
        yield started


def code_of(node: Served) -> str:
    return node.said[0].partition("code=")[2]


def test_every_field_of_the_set_up_has_a_name_of_its_own(node: Served) -> None:
    ids = re.findall(r' id="([^"]+)"', node.get(f"/setup?code={code_of(node)}").text)
    assert {"passphrase", "file-passphrase"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_a_new_node_is_taken_over_by_nobody_and_writes_down_nothing(node: Served) -> None:
    fields = {"name": "水塘", "owner": "王芳", "passphrase": PASSPHRASE, "slug": "pond", "who": "community",
              "currency": "CNY", "language": "zh", "time_zone": "Asia/Shanghai"}  # fmt: skip
    assert node.post("/setup", code="", **fields).status_code == 403
    assert node.post("/setup", code="guess", **fields).status_code == 403
    upload = {"file": ("room", b"x" * 100_000)}
    refused = node.client.post(f"{node.url}/setup/restore?code=guess", data={"slug": "pond"}, files=upload)
    assert refused.status_code == 403
    assert "server" not in node.get("/").headers
    assert code_of(node) not in node.get("/").text + node.get("/setup").text
    short = node.post("/setup", code=code_of(node), **fields | {"passphrase": "短"})
    assert short.status_code == 422
    done = node.post("/setup", code=code_of(node), **fields)
    assert (done.status_code, done.headers["location"]) == (303, "/pond/desk")
    again = node.post(
        "/setup", code=code_of(node), **fields | {"slug": "other", "passphrase": OTHER_PASSPHRASE}
    )
    assert again.status_code == 403
    assert node.get("/other/").status_code == 404
    assert node.get("/pond/desk").status_code == 200

    node.get("/pond/h/SecretLinkOfSomebody0000?no=13800001234")
    node.post("/pond/sign-in", name="王芳", passphrase="hidden in no log")
    node.client.get(f"{node.url}/pond/invitation/SecretInvitation")
    for broken in (b"GET /pond/h/SecretLink\r\n\r\n", b"\x16\x03\x01", b"GET / HTTP/1.1\r\nHost: [\r\n\r\n"):
        raw(node.url, broken)
    node.stop()
    noted = node.log
    for private in (
        "王芳",
        "13800001234",
        "SecretLink",
        "SecretInvitation",
        "hidden",
        PASSPHRASE,
        "水塘",
        "/pond/",
    ):
        assert private not in noted, noted
    assert code_of(node) not in noted
    assert "Traceback" not in noted


def raw(url: str, data: bytes) -> bytes:
    """What a connection answers to these bytes."""
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    assert parts.hostname
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(4_096)


def test_a_failure_is_noted_without_what_was_typed(caplog: pytest.LogCaptureFixture) -> None:
    from millpond.web.guard.failures import whereabouts

    try:
        raise ValueError("王芳 13800001234")
    except ValueError as error:
        said = whereabouts(error)
    assert "王芳" not in said
    assert "ValueError" in said
    assert "test_security_signing.py" in said
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
