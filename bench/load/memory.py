"""What memory a served node holds: when it has started, with 300 orders, with the decision and its papers."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.load.leader import Leader
from bench.load.patterns import HOUSEHOLDS, PATTERNS, plan, play
from bench.load.serving import prepare, serving

MOST_BYTES = 512_000_000
WITHIN_5_S = PATTERNS[1]


def measure(households: int = HOUSEHOLDS) -> list[dict[str, Any]]:
    """A row for each moment: bytes held then, and the most until then."""
    rows: list[dict[str, Any]] = []
    with TemporaryDirectory() as folder:
        prepared = prepare(Path(folder) / "node")
        round = prepared.round.id
        with serving(prepared.data) as node:

            def note(when: str) -> None:
                rows.append({"when": when, **node.memory()})

            note("started")
            play(plan(WITHIN_5_S, prepared, node.port, 1, households))
            note(f"{households} orders, from {households} connections")
            leader = Leader(node.port)
            note("signed in (64 MB for a moment, for the passphrase)")
            leader.post(f"desk/{round}/stage", f"desk/{round}", stage="closed")
            leader.post(f"desk/{round}/decide", f"desk/{round}/decide")
            note("closed, decided, proven, booked")
            _pdf(leader.get(f"desk/{round}/order.pdf"))
            note("the order to the maker as PDF")
            _pdf(leader.get(f"desk/{round}/pick-up-list.pdf"))
            _pdf(leader.get(f"desk/{round}/labels.pdf"))
            leader.get(f"desk/{round}/pick-up-list.xlsx")
            note(f"pick-up list and labels of {households} as PDF, the list as Excel")
    return rows


def _pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-"):
        raise RuntimeError("a paper was not made")
