"""A room's log at its keepers: pictures go along, its last word arrives; and when a keeper knows more."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from exchanging import Person, exchanging, keeper_card, log_of
from sites import Site
from static_logs import key_of
from talking import speak

from millpond.log import cosignature, equivocation
from millpond.network import attachments, contradictions, keeping
from millpond.network.asking import Conflict
from millpond.node import carrying, keepers, own_keys, own_log, troubles
from millpond.node.carrying import Memory
from millpond.node.keepers import Keeper
from millpond.node.own_keys import State, Why
from millpond.node.schedule import MINUTE_MS
from millpond.store import logs


def test_pictures_go_along(ann: Person, bo: Person, site: Site) -> None:
    picture = b"a picture" * 1000
    named = ann.room.db.write(
        lambda rows: own_log.attach_in(rows, picture, "image/png", "rice.png", now_ms=ann.clock())
    )
    own_log.say(ann.node, ann.room, "note/1", {}, attachments=[named])
    ann.kept_at(site)
    bo.follows(ann, site.base)

    def read_there() -> None:
        exchanging(site.node)
        ann.clock.now_ms += MINUTE_MS

    assert exchanging(ann.node, read_there, lambda: None) == [1, 1, 0]
    assert attachments.state(site.node.network.read, named.sha256) == attachments.State.HERE
    exchanging(bo.node)
    kept = attachments.kept(bo.node.network.read, log_of(bo.node, ann.did), named.sha256)
    assert kept is not None
    assert kept.data == picture


def test_an_ended_log_is_pushed_to_its_last_word(ann: Person, site: Site) -> None:
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)
    old = ann.did

    def succeed() -> None:
        new = own_log.succeed(ann.node, ann.room)
        site.node.network.write(lambda rows: keeping.carry(rows, new))

    assert exchanging(ann.node, succeed) == [1, 2]
    assert check_size(site, old) == 4
    assert check_size(site, ann.did) == 1


def check_size(site: Site, did: str) -> int:
    head = logs.head(site.node.network.read, did)
    return 0 if head is None else head.size


# ---- somebody else signs with this key


def test_a_fork_makes_the_log_rest_with_the_proof_kept(ann: Person, bo: Person, site: Site) -> None:
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)
    exchanging(ann.node)
    stolen = own_log.open_key(ann.node, ann.room)
    did = ann.did
    bo.room.db.write(lambda rows: own_log.add_key(bo.node, rows, stolen, now_ms=1))
    own_log.note(bo.node, bo.room.slug, did)
    speak(bo.node, bo.room, 5, mark=9)
    keepers.add_keeper(bo.room, keeper_card(site), now_ms=bo.clock())
    exchanging(bo.node, lambda: None)
    key = own_keys.current(bo.room.db.read)
    assert key is not None
    assert (key.state, key.why) == (State.RESTING, Why.ELSEWHERE)
    (found,) = contradictions.of_origin(bo.node.network.read, did)
    assert equivocation.check(found.proof).origin == did
    noted = {trouble.what for trouble in troubles.of_room(bo.node, bo.room, now_ms=bo.clock())}
    assert {troubles.What.OWN_TWO_HISTORIES, troubles.What.RESTING} <= noted
    assert check_size(site, did) == 3  # what is there stays


def test_an_old_copy_rests_when_a_keeper_knows_more(ann: Person, bo: Person, site: Site) -> None:
    speak(ann.node, ann.room, 5)
    ann.kept_at(site)
    exchanging(ann.node)
    stolen = own_log.open_key(ann.node, ann.room)
    entries = logs.entries(ann.room.db.read, log_of_room(ann), 0, 3)
    bo.room.db.write(lambda rows: own_log.add_key(bo.node, rows, stolen, now_ms=1))
    bo.room.db.write(lambda rows: own_log.append_in(rows, stolen, entries))
    own_log.note(bo.node, bo.room.slug, ann.did)
    keepers.add_keeper(bo.room, keeper_card(site), now_ms=bo.clock())
    assert exchanging(bo.node, lambda: None) == [1, 0]  # a log that rests is not pushed
    key = own_keys.current(bo.room.db.read)
    assert key is not None
    assert key.state is State.RESTING
    assert bo.keeper().size == 5
    assert "another machine signs with this key, or this is an old copy" in bo.keeper().problem
    assert not contradictions.of_origin(bo.node.network.read, ann.did)  # nothing contradicts anything


def log_of_room(who: Person) -> int:
    head = logs.head(who.room.db.read, who.did)
    assert head is not None
    return head.id


@pytest.mark.parametrize("is_millpond", [True, False])
def test_a_mere_word_of_a_millpond_keeps_nobody_from_speaking(ann: Person, is_millpond: bool) -> None:
    """A Millpond that has a head of more entries shows it; of another program nobody knows where."""
    speak(ann.node, ann.room, 3)
    liar = key_of(5)
    did = liar.did if is_millpond else cosignature.vkey_of("county.example", liar.public)
    keeper = Keeper(did, "County", "https://county.example", False, True, 0, None, None, None, 0, "")
    ann.room.db.write(
        lambda rows: rows.run(
            "peers.add_keeper",
            **{name: getattr(keeper, name) for name in ("did", "name", "address", "is_mirror", "is_witness")},
            now_ms=1,
        )
    )

    def answers(request: httpx2.Request) -> httpx2.Response:
        status, body = (409, b"301\n") if request.method == "POST" else (404, b"")
        return httpx2.Response(status, stream=httpx2.ByteStream(body))

    async def carried() -> None:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(answers)) as client:
            (own,) = carrying.own_logs(ann.room.db.read)
            with pytest.raises(Conflict):
                await carrying.carry(ann.node, client, ann.room, keeper, own, Memory())

    asyncio.run(carried())
    key = own_keys.current(ann.room.db.read)
    assert key is not None
    assert (key.state is State.OPEN) == is_millpond
    noted = {trouble.what for trouble in troubles.of_room(ann.node, ann.room, now_ms=ann.clock())}
    assert troubles.What.KEEPER_SIZE in noted
    if is_millpond:
        speak(ann.node, ann.room, 1, mark=1)
