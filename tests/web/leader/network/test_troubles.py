"""Who carries the log, and what went wrong: each with what it means and what to do."""

from __future__ import annotations

from hashlib import sha256

import pytest
from leading import Leader
from playwright.sync_api import Browser, expect
from sites import Site, cut_off, faults_of, open_phone

from millpond.errors import Unreachable
from millpond.log import checkpoint, equivocation
from millpond.log.equivocation import Equivocation
from millpond.log.keys import Key
from millpond.network import addresses, attachments, cards, contradictions
from millpond.node import keepers, own_log, peers, troubles
from millpond.node.own_keys import current
from millpond.node.troubles import SILENT_MS, What
from millpond.store import Rows, logs

LIAR = Key(bytes(31) + b"\4")
KEEPER = cards.Card(Key(bytes(31) + b"\5").did, ("https://keeper.example",), "县里", is_keeper=True)


@pytest.fixture
def leader(site: Site) -> Leader:
    return Leader(site)


def found(site: Site) -> list[What]:
    return [one.what for one in troubles.of_room(site.node, site.room, now_ms=site.clock())]


def two_histories(key: Key) -> Equivocation:
    heads = [checkpoint.sign(key.did, 1, sha256(mark).digest(), key) for mark in (b"one", b"two")]
    return equivocation.build(*heads)


def meet(site: Site, key: Key, name: str) -> int:
    """Follows them; returns the number of their log."""
    card = cards.Card(key.did, ("https://them.example",), name)
    peers.meet(site.node, site.room, card, met=peers.Met.PASTE)
    head = logs.head(site.node.network.read, key.did)
    assert head is not None
    return head.id


def carry(leader: Leader, **typed: str) -> None:
    """The keeper of the card is asked to carry the log."""
    form = {"card": cards.write(KEEPER), "name": "县里", "is_mirror": "1"} | typed
    assert leader.post("desk/others/carriers", form).status_code == 303


def note_keeper(site: Site, size: int, problem: str = "", failures: int = 0) -> None:
    """As the node notes what a keeper answered, now."""
    now = {"did": KEEPER.did, "now_ms": site.clock()}

    def job(rows: Rows) -> None:
        rows.run("exchange.keeper_answered", size=size, cosigned_s=None, **now)
        for _ in range(failures):
            rows.run("exchange.keeper_failed", size=None, answered=True, problem=problem, **now)

    site.write(job)


def test_all_is_well_at_first(leader: Leader) -> None:
    assert "一切都好" in leader.get("desk/others/troubles").text
    assert found(leader.site) == []


def test_two_histories_are_shown_with_a_proof_that_anybody_checks(leader: Leader) -> None:
    site, proof = leader.site, two_histories(LIAR)
    site.node.network.write(lambda rows: contradictions.keep(rows, proof, now_ms=site.clock()))
    assert found(site) == []  # they are nobody to this room
    assert leader.get("desk/others/proof/1.json").status_code == 404
    meet(site, LIAR, "老王")
    page = leader.get("desk/others/troubles").text
    assert "老王 说了互相矛盾的两套话" in page
    assert 'class="count">1<' in leader.get("desk").text
    file = leader.get("desk/others/proof/1.json")
    assert equivocation.check(file.content) == proof
    assert "attachment" in file.headers["content-disposition"]
    assert "两套历史" in leader.get("desk/others/people").text


def test_ones_own_two_histories_come_first(leader: Leader) -> None:
    site = leader.site
    meet(site, LIAR, "老王")
    own_log.say(site.node, site.room, "profile/1", {"name": "平塘团"})
    key = current(site.read)
    assert key is not None
    for one in (LIAR, own_log.open_key(site.node, site.room)):
        proof = two_histories(one)
        site.node.network.write(lambda rows, proof=proof: contradictions.keep(rows, proof, now_ms=1))
    assert found(site) == [What.OWN_TWO_HISTORIES, What.TWO_HISTORIES]
    assert "你自己的日志有两套历史" in leader.get("desk/others/troubles").text


def test_a_suspicion_accuses_nobody(leader: Leader) -> None:
    site, proof = leader.site, two_histories(LIAR)
    meet(site, LIAR, "老王")
    site.node.network.write(lambda rows: contradictions.suspect(rows, proof.first, proof.second, now_ms=1))
    page = leader.get("desk/others/troubles").text
    assert "老王 可能有两套历史" in page
    assert "millpond log" not in page


def test_somebody_silent_is_one_trouble_and_only_after_days(leader: Leader) -> None:
    site = leader.site
    log = meet(site, LIAR, "老王")
    gone = Unreachable("no answer within 10 s", name="them")
    for address in ("https://a.example", "https://b.example"):
        site.node.network.write(lambda rows, address=address: addresses.add(rows, log, address))
        for _ in range(9):
            site.node.network.write(
                lambda rows, address=address: addresses.failed(rows, log, address, gone, now_ms=site.clock())
            )
    site.node.network.write(
        lambda rows: addresses.heard(rows, log, "https://b.example", etag="", size=0, now_ms=site.clock())
    )
    assert found(site) == [What.SOURCE]
    assert "https://a.example 给的对不上（no answer within 10 s）" in leader.get("desk/others/troubles").text
    site.clock.now_ms += SILENT_MS + 1
    assert found(site) == [What.SILENT]
    peers.unfollow(site.node, site.room, LIAR.did)
    assert found(site) == []


def test_a_broken_log_and_a_refused_picture(leader: Leader) -> None:
    site = leader.site
    log = meet(site, LIAR, "老王")
    picture = sha256(b"picture").hexdigest()

    def job(rows: Rows) -> None:
        rows.run("logs.set_checked", id=log, checked=0, broken_at=0)
        attachments.name(rows, log, 0, [attachments.Attachment(picture, 7, "image/jpeg", "a")])
        attachments.refuse(rows, picture)

    site.node.network.write(job)
    assert found(site) == [What.BROKEN, What.REFUSED]


def test_keepers_come_are_measured_and_go(leader: Leader) -> None:
    site, size = leader.site, 3
    shown = leader.post("desk/others/card", {"card": cards.write(KEEPER), "from": "people"})
    assert "管理人的名片" in shown.text
    carry(leader)
    (keeper,) = keepers.keepers(site.read)
    assert (keeper.address, keeper.is_mirror, keeper.is_witness) == ("https://keeper.example", True, False)
    nothing = {"card": cards.write(KEEPER), "name": "县里"}
    assert leader.post("desk/others/carriers", nothing).status_code == 422
    assert "还没有消息" in leader.get("desk/others/carriers").text
    for n in range(size):
        own_log.say(site.node, site.room, "profile/1", {"name": f"平塘团{n}"})
    assert found(site) == []
    for has, words in ((size, "最新"), (1, "差 2 条"), (7, "比实际多 4 条")):
        note_keeper(site, has)
        assert words in leader.get("desk/others/carriers").text
    assert found(site) == [What.KEEPER_SIZE]
    note_keeper(site, 1, "answers 404", failures=1)
    assert found(site) == []
    note_keeper(site, 1, "answers 404", failures=20)
    assert found(site) == [What.KEEPER]
    site.clock.now_ms += SILENT_MS + 1
    assert found(site) == [What.KEEPER_SILENT]
    leader.post("desk/others/carriers/remove", {"did": KEEPER.did})
    assert keepers.keepers(site.read) == ()
    assert leader.post("desk/others/carriers/remove", {"did": KEEPER.did}).status_code == 409
    assert found(site) == []


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_every_trouble_is_whole_and_open_to_everybody(
    browser: Browser, leader: Leader, locale: str, scheme: str
) -> None:
    site = leader.site
    log = meet(site, LIAR, "特别长的名字" * 9)
    own_log.say(site.node, site.room, "profile/1", {"name": "平塘团"})
    carry(leader, is_witness="1")
    note_keeper(site, 9, "does not carry this log, or is no such place", failures=20)
    site.write(lambda rows: own_log.rest(rows, own_log.Why.ELSEWHERE, now_ms=site.clock()))
    proof = two_histories(LIAR)

    def job(rows: Rows) -> None:
        contradictions.keep(rows, proof, now_ms=site.clock())
        contradictions.suspect(rows, proof.first, proof.second, now_ms=site.clock())
        rows.run("logs.set_checked", id=log, checked=0, broken_at=0)

    site.node.network.write(job)
    site.clock.now_ms += SILENT_MS + 1
    with open_phone(browser, locale=locale, scheme=scheme) as page:
        leader.let_in(page)
        for path in ("troubles", "carriers"):
            page.goto(site.url(f"desk/others/{path}"))
            for fold in page.locator("main details").all():
                fold.evaluate("fold => fold.open = true")
            assert cut_off(page) == []
            assert faults_of(page, colours_only=scheme == "dark") == []
        page.goto(site.url("desk/others/troubles"))
        expect(page.locator(".entry")).to_have_count(6)
        expect(page.locator(".entry h2").first).to_have_text(
            "你的日志暂停了" if locale == "zh-CN" else "Your log rests"
        )
        page.get_by_role("link", name="怎么继续" if locale == "zh-CN" else "How to go on").click()
        expect(page.locator("#ways")).to_be_in_viewport()
