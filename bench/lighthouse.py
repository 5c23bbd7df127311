"""What Lighthouse says of the pages on a phone: `python -m bench.lighthouse`.

A real `millpond serve` with a group order, a picture and an order; each page is visited `VISITS` times with
Lighthouse's own phone (simulated slow 4G, processor / 4), and the median performance is told. Lighthouse is a
program of npm, which this installs not:

    npm install --global lighthouse@12.2.3

Another place is named by LIGHTHOUSE, another browser by CHROME_PATH.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from bench.load.leader import Leader
from bench.load.serving import SLUG, Prepared, photo, prepare, serving
from bench.machine import machine
from bench.work import say, table

VISITS = 3
NEEDED = "Lighthouse is needed: npm install --global lighthouse@12.2.3"
TRIES = 3
"""Of one visit: on a busy machine the browser's trace comes out without its beginning now and then."""
REACH = {"performance": 95, "accessibility": 100, "best-practices": 95}
CHROME_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
Page = tuple[str, str, bool]
"""Its name, its path, whether the leader looks at it."""


def main() -> None:
    """Measures and prints."""
    if program() is None:
        sys.exit(f"{NEEDED}, or say where by LIGHTHOUSE")
    here = machine()
    print(f"{here['processor']}, {here['cores']} cores, {here['date']}, load before {here['load_before']}")
    rows = measure()
    print(tables(rows))


def program() -> str | None:
    """Where Lighthouse is."""
    return shutil.which(os.environ.get("LIGHTHOUSE", "lighthouse"))


def measure() -> list[dict[str, Any]]:
    """A row for each page; raises `RuntimeError` without Lighthouse."""
    lighthouse = program()
    if lighthouse is None:
        raise RuntimeError(NEEDED)
    os.environ.setdefault("CHROME_PATH", shutil.which("chromium") or "")
    rows = []
    with TemporaryDirectory() as folder:
        prepared = prepare(Path(folder) / "node", shows=photo())
        with serving(prepared.data) as node:
            base, leader = f"http://localhost:{node.port}", Leader(node.port)
            cookie = "; ".join(f"{one.name}={one.value}" for one in leader.cookies)
            for name, path, is_leaders in pages(prepared, node.port):
                told = visit(lighthouse, base + path, cookie if is_leaders else "")
                scores = {category: score_of(told, category) for category in REACH}
                rows.append({"page": name, **scores, **weight(told), "faults": faults_of(told)})
                say(f"{name}: {scores}")
    return rows


def tables(rows: Sequence[dict[str, Any]]) -> str:
    """The scores of each page, and below what was found."""
    lines = [
        (
            row["page"],
            *(f"{row[one]}{'' if row[one] >= reach else ' (fell short)'}" for one, reach in REACH.items()),
            f"{row['first_paint_ms']:,} ms",
            f"{row['bytes']:,}",
            row["requests"],
        )
        for row in rows
    ]
    faults = [f"- {row['page']}: {fault}" for row in rows for fault in row["faults"]]
    told = table(("page", *REACH, "first paint", "bytes in all", "requests"), lines)
    return told + "\n\n" + ("\n".join(faults) or "No audit that counts found anything.")


def pages(prepared: Prepared, port: int) -> list[Page]:
    """The pages that are looked at, once a household has ordered."""
    code, item = prepared.round.code, prepared.round.offered[0].id
    connection = HTTPConnection("localhost", port)
    fields = {"token": "lighthouse".ljust(24, "-"), "name": "李雷", f"q-{item}-1": "3"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/{SLUG}/g/{code}", urlencode(fields), headers)
    own = connection.getresponse().getheader("location")
    if own is None:
        raise RuntimeError("the order was not taken")
    desk = f"/{SLUG}/desk"
    return [
        ("group order, as a household sees it", f"/{SLUG}/g/{code}", False),
        ("own order", own, False),
        ("sign-in", f"/{SLUG}/sign-in", False),
        ("leader: overview", desk, True),
        ("leader: group order", f"{desk}/{prepared.round.id}", True),
        ("leader: orders", f"{desk}/{prepared.round.id}/orders", True),
        ("leader: offer", f"{desk}/{prepared.round.id}/offer", True),
        ("leader: collect", f"{desk}/{prepared.round.id}/collect", True),
    ]


def visit(lighthouse: str, url: str, cookie: str) -> dict[str, Any]:
    """What Lighthouse says of the visit in the middle of so many, by performance."""
    found = []
    for _ in range(VISITS):
        command = [
            *(lighthouse, url, "--output=json", "--quiet", f"--chrome-flags={CHROME_FLAGS}"),
            f"--only-categories={','.join(REACH)}",
        ]
        if cookie:
            command.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
        for _ in range(TRIES):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if not done.returncode:
                break
        else:
            raise RuntimeError(f"Lighthouse failed at {url}: {done.stderr[-1_000:]}")
        found.append(json.loads(done.stdout))
    return sorted(found, key=lambda one: score_of(one, "performance"))[len(found) // 2]


def weight(told: dict[str, Any]) -> dict[str, int]:
    """The first paint, the bytes in all, and how many requests."""
    audits = told["audits"]
    sent = [one for one in audits["network-requests"]["details"]["items"] if one["url"].startswith("http")]
    return {
        "first_paint_ms": round(audits["first-contentful-paint"]["numericValue"]),
        "bytes": sum(one["transferSize"] for one in sent),
        "requests": len(sent),
    }


def faults_of(told: dict[str, Any]) -> list[str]:
    """What weighs in a category and is not perfect."""
    audits, found = told["audits"], []
    for category in told["categories"].values():
        for one in category["auditRefs"]:
            audit = audits[one["id"]]
            if one["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                found.append(f"{category['title']}: {audit['title']} {audit.get('displayValue', '')}")
    return found


def score_of(told: dict[str, Any], category: str) -> int:
    """Of 100; -1 where Lighthouse gives none."""
    score = told["categories"][category]["score"]
    return -1 if score is None else round(100 * score)


if __name__ == "__main__":
    main()
