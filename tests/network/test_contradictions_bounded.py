"""An author who signs no end of histories is convicted, and fills nobody's disk with proofs."""

from __future__ import annotations

from pathlib import Path

from static_logs import entries_of, head_of, key_of

from millpond.log import equivocation
from millpond.network import contradictions, keeping
from millpond.store import Rows, open_network

KEY = key_of(1)


def test_some_proofs_are_kept_and_every_contradiction_is_refused(tmp_path: Path) -> None:
    head = head_of(entries_of(3), KEY)
    forks = [head_of(entries_of(3, f"fork {number}"), KEY) for number in range(20)]
    with open_network(tmp_path / "network.db") as db:

        def job(rows: Rows) -> list[bool]:
            keeping.carry(rows, KEY.did)
            contradictions.suspect(rows, head, forks[0], now_ms=1)
            return [keeping.convict(rows, fork, head, now_ms=2) for fork in forks]

        assert db.write(job) == [True] * 20
        found = contradictions.of_origin(db.read, KEY.did)
        assert [one.is_proven for one in found] == [True] * 8 + [False]
        for one in found[:8]:
            assert equivocation.check(one.proof).origin == KEY.did
