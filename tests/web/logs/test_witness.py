"""A witness over HTTP; and, as of a mirror, too, which logs it takes and what convicts one."""

from __future__ import annotations

import pytest
from kept_logs import cosigned, proofs, pusher, refused
from shown_logs import Pusher, own_key, spoken
from sites import Site

from millpond.log import checkpoint, cosignature, witness
from millpond.log.merkle import HASH_BYTES
from millpond.log.witness import SIZE_TYPE
from millpond.network.keeping import Keeper
from millpond.store import logs

pytestmark = pytest.mark.usefixtures("fresh")


def test_a_witness_cosigns_what_continues(site: Site, keeper: Keeper) -> None:
    who = pusher(site, 300)
    old = 0
    for new in (0, 1, 1, 200, 300):
        cosigned(who.checkpoint("witness", old, new), who.head(new), keeper.witness)
        shown = who.client.get(f"{site.base}/witness/{who.hash}/checkpoint")
        assert checkpoint.same_head(checkpoint.read(shown.content), who.head(new))
        assert cosignature.verify(who.head(new), shown.content, keeper.did, keeper.witness.public) > 0
        old = new
        site.clock.pass_minutes(1)
    tag = shown.headers["etag"]
    same = who.client.get(f"{site.base}/witness/{who.hash}/checkpoint", headers={"if-none-match": tag})
    assert (same.status_code, same.content) == (304, b"")


def test_a_witness_says_what_it_knows(site: Site) -> None:
    who = pusher(site, 100)
    assert who.checkpoint("witness", 0, 50).status_code == 200
    for old, new in ((0, 100), (49, 100), (0, 50), (0, 0), (20, 30)):
        answer = who.checkpoint("witness", old, new)
        assert (answer.status_code, answer.text) == (409, "50\n"), (old, new)
        assert answer.headers["content-type"] == SIZE_TYPE
    head = who.head(100)
    wrong = witness.write_add_checkpoint(50, (bytes(HASH_BYTES),), head.note)
    refused(who.client.post(f"{site.base}/witness/add-checkpoint", content=wrong), 422, "does not show")
    above = witness.write_add_checkpoint(101, (), head.note)
    refused(who.client.post(f"{site.base}/witness/add-checkpoint", content=above), 400, "above that of")
    unsigned = head.note.replace(b"\n100\n", b"\n99\n")
    body = witness.write_add_checkpoint(50, (), unsigned)
    refused(who.client.post(f"{site.base}/witness/add-checkpoint", content=body), 403, "does not count")
    assert proofs(site, who) == []


def test_logs_that_nobody_wants_are_unknown(site: Site) -> None:
    who = pusher(site, 10, carried=False)
    for where in ("witness", "mirror"):
        assert who.checkpoint(where, 0).status_code == 404
    refused(who.push(0, 10), 404, "does not carry the log")
    refused(who.push(0, 0), 404, "does not carry the log")
    for path in (f"witness/{who.hash}", f"mirror/{who.hash}", "witness/x", f"witness/{'0' * 64}"):
        assert who.client.get(f"{site.base}/{path}/checkpoint").status_code == 404
    assert logs.head(site.node.network.read, who.key.did) is None


def test_logs_that_are_written_here_are_not_pushed_here(site: Site) -> None:
    spoken(site, 3)
    who = pusher(site, 10)
    own = own_key(site)
    ours = Pusher(site.base, own, who.entries, who.client)
    for where in ("witness", "mirror"):
        refused(ours.checkpoint(where, 0), 403, "is written here")
    refused(ours.push(0, 10), 403, "is written here")


def test_two_roots_of_one_size_become_a_proof(site: Site) -> None:
    """The log's key signed two histories: only the first is cosigned, and the proof convicts by itself."""
    who, fork = pusher(site, 60), pusher(site, 60, mark="fork")
    for where in ("witness", "mirror"):
        assert who.checkpoint(where, 0, 60).status_code == 200
        assert fork.checkpoint(where, 60, 60).status_code == 409
        (proof,) = proofs(site, who)
        assert {proof.first.root, proof.second.root} == {who.head().root, fork.head().root}
    shown = who.client.get(f"{site.base}/witness/{who.hash}/checkpoint").content
    assert checkpoint.same_head(checkpoint.read(shown), who.head())


def test_a_fork_of_what_is_carried_becomes_a_proof_whatever_its_size(site: Site) -> None:
    who, fork = pusher(site, 300), pusher(site, 300, mark="fork")
    who.checkpoint("mirror", 0)
    assert who.push(0, 300).status_code == 200
    assert fork.checkpoint("witness", 0, 200).status_code == 409
    (proof,) = proofs(site, who)
    assert (proof.first.size, proof.second.size) == (200, 300)
    assert checkpoint.same_head(proof.first, fork.head(200))
