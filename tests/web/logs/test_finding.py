"""Of a log that is here twice, in a room and among those that the keeper carries: which one is shown."""

from __future__ import annotations

import pytest
from kept_logs import cosigned, pusher
from sites import Site

from millpond.log import checkpoint
from millpond.log.merkle import leaf_hash
from millpond.network.keeping import Keeper
from millpond.node.own_keys import State, Why
from millpond.store import Rows, logs

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.mark.parametrize("claims", ["nothing", "less", "more"])
def test_a_room_that_says_a_log_was_its_own_hides_it_from_nobody(
    site: Site, keeper: Keeper, claims: str
) -> None:
    """It moved on, and back as a mirror's; or the room came in a file that somebody made up."""
    who = pusher(site, 20)
    who.checkpoint("mirror", 0, 10)
    cosigned(who.push(0, 10), who.head(10), keeper.mirror, keeper.witness)

    def say_so(rows: Rows) -> None:
        values = {"seed": None, "is_sealed": True, "state": State.ENDED, "why": Why.MOVED, "now_ms": 1}
        rows.run("own_log.add_key", did=who.key.did, **values)
        id = logs.begin(rows, who.key.did).id
        logs.put(rows, id, [b"invented\n\n"] * 30 if claims == "more" else who.entries[:5])
        if claims == "less":
            logs.accept(rows, id, who.head(5))
        if claims == "more":
            invented = checkpoint.sign(who.key.did, 1, leaf_hash(b"x"), who.key)
            rows.run("logs.accept", id=id, size=30, checkpoint=invented.note, ends=False)

    site.write(say_so)
    site.node.db.write(lambda rows: rows.run("node.note_log", hash=who.hash, slug=site.room.slug))
    shown = who.client.get(f"{site.base}/logs/{who.hash}/checkpoint")
    assert shown.content.startswith(who.head(10).body)
    who.checkpoint("mirror", 10, 20)
    cosigned(who.push(10, 20), who.head(20), keeper.mirror, keeper.witness)
    shown = who.client.get(f"{site.base}/logs/{who.hash}/checkpoint")
    assert shown.content.startswith(who.head(20).body)
