"""Pages on a phone: an old one on a poor line, and what Lighthouse says of each page."""

import importlib.util
import statistics
from collections.abc import Sequence

from bench import lighthouse
from bench.work import Figure, Row, Scale, Work, say, table

REACH_MS = {"paint": 2_000, "usable": 3_000}
MOST_BYTES, MOST_SCRIPT_BYTES, MOST_REQUESTS = 40_000, 20_000, 4
PICTURES = ("Image",)
"""What is not counted among the bytes of a page: how large a leader's picture is, is the leader's."""


def measure(scale: Scale) -> list[Row]:
    if importlib.util.find_spec("playwright") is None:
        say("pages on a phone need the extra dev: left out")
        return []
    from bench import pages

    rows: list[Row] = [{"what": "old phone", **visit} for visit in pages.measure()]
    if lighthouse.program() is None:
        say(f"{lighthouse.NEEDED}: left out")
        return rows
    return rows + [{"what": "lighthouse", **row} for row in lighthouse.measure()]


def figures(rows: Sequence[Row]) -> list[Figure]:
    found = []
    visits = [row for row in rows if row["what"] == "old phone"]
    for name, reach in REACH_MS.items():
        if visits:
            took = statistics.median(visit[name] for visit in visits)
            target = f"{name} within {reach:,} ms"
            found.append(
                Figure("first visit, slow 3G, processor / 4", target, f"{took:,.0f} ms", took <= reach)
            )
    if visits:
        sizes, requests = visits[0]["sizes"], visits[0]["requests"]
        size = sum(value for kind, value in sizes.items() if kind not in PICTURES)
        script = sizes.get("Script", 0)
        target = f"at most {MOST_BYTES:,} bytes, {MOST_SCRIPT_BYTES:,} of script, {MOST_REQUESTS} requests"
        text = f"{size:,} bytes, {script:,} of script, {requests} requests"
        reached = size <= MOST_BYTES and script <= MOST_SCRIPT_BYTES and requests <= MOST_REQUESTS
        found.append(Figure("first visit, without the picture", target, text, reached))
    seen = [row for row in rows if row["what"] == "lighthouse"]
    for category, reach in lighthouse.REACH.items():
        if seen:
            least = min(row[category] for row in seen)
            target = f"{category} at least {reach}"
            found.append(
                Figure(f"Lighthouse, {len(seen)} pages", target, f"the least: {least}", least >= reach)
            )
    return found


def tables(rows: Sequence[Row]) -> str:
    visits = [row for row in rows if row["what"] == "old phone"]
    times = [
        (n, f"{visit['paint']:,.0f} ms", f"{visit['usable']:,.0f} ms", _kinds(visit))
        for n, visit in enumerate(visits, 1)
    ]
    told = table(("visit", "first paint", "usable", "bytes over the line"), times)
    seen = [row for row in rows if row["what"] == "lighthouse"]
    return f"{told}\n\n{lighthouse.tables(seen)}" if seen else told


def _kinds(visit: Row) -> str:
    return ", ".join(f"{kind.lower()} {size:,}" for kind, size in visit["sizes"].items())


ABOUT = f"""\
The page of a group order with a picture in chromium with an empty cache, 360 pixels wide, 400 kbit/s, 400 ms,
processor slowed to a quarter, each visit a row. Then what Lighthouse 12.2.3 says of each page as a phone sees
it (its own simulated slow 4G), the middle one of {lighthouse.VISITS} visits by performance; leader's pages
are visited signed in."""
PHONE = Work(ABOUT, measure, figures, tables)
