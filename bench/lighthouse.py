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
import statistics
import subprocess
import sys
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from bench.load.leader import Leader
from bench.load.serving import SLUG, Prepared, prepare, serving
from bench.machine import machine
from bench.pages import photo
from bench.work import say, table

VISITS = 3
TRIES = 3
"""Of one visit: on a busy machine the browser's trace comes out without its beginning now and then."""
REACH = {"performance": 95, "accessibility": 100, "best-practices": 95}
CHROME_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
Page = tuple[str, str, bool]
"""Its name, its path, whether the leader looks at it."""


def main() -> None:
    """Measures and prints."""
    program = shutil.which(os.environ.get("LIGHTHOUSE", "lighthouse"))
    if program is None:
        sys.exit("Lighthouse is needed: npm install --global lighthouse@12.2.3, or say where by LIGHTHOUSE")
    os.environ.setdefault("CHROME_PATH", shutil.which("chromium") or "")
    here = machine()
    print(f"{here['processor']}, {here['cores']} cores, {here['date']}, load before {here['load_before']}")
    rows, faults = [], []
    with TemporaryDirectory() as folder:
        prepared = prepare(Path(folder) / "node", photo=photo())
        with serving(prepared.data) as node:
            base, leader = f"http://localhost:{node.port}", Leader(node.port)
            cookie = "; ".join(f"{one.name}={one.value}" for one in leader.cookies)
            for name, path, is_leaders in pages(prepared, node.port):
                told = visit(program, base + path, cookie if is_leaders else "")
                rows.append((name, *scores(told), *weight(told[0])))
                say(", ".join(map(str, rows[-1])))
                faults += [f"{name}: {fault}" for fault in faults_of(told[0])]
    print(table(("page", *REACH, "first paint", "in all", "requests"), rows))
    print("\n".join(sorted(set(faults))) or "No audit found anything.")


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


def visit(program: str, url: str, cookie: str) -> list[dict[str, Any]]:
    """What Lighthouse says of so many visits, the one in the middle of their performance first."""
    found = []
    for _ in range(VISITS):
        command = [
            *(program, url, "--output=json", "--quiet", f"--chrome-flags={CHROME_FLAGS}"),
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
    middle = statistics.median_low([_score(one, "performance") for one in found])
    return sorted(found, key=lambda one: abs(_score(one, "performance") - middle))


def scores(told: Sequence[dict[str, Any]]) -> list[str]:
    """Of each category, of 100."""
    return [
        f"{_score(told[0], category)}{'' if _score(told[0], category) >= reach else ' (fell short)'}"
        for category, reach in REACH.items()
    ]


def weight(told: dict[str, Any]) -> tuple[str, str, int]:
    """The first paint, the bytes in all, and how many requests."""
    audits = told["audits"]
    requests = audits["network-requests"]["details"]["items"]
    paint = audits["first-contentful-paint"]["numericValue"]
    sent = [one for one in requests if one["url"].startswith("http")]
    return f"{paint:,.0f} ms", f"{sum(one['transferSize'] for one in sent):,} bytes", len(sent)


def faults_of(told: dict[str, Any]) -> list[str]:
    """What weighs in a category and is not perfect."""
    audits, found = told["audits"], []
    for category in told["categories"].values():
        for one in category["auditRefs"]:
            audit = audits[one["id"]]
            if one["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                found.append(f"{category['title']}: {audit['title']} {audit.get('displayValue', '')}")
    return found


def _score(told: dict[str, Any], category: str) -> int:
    score = told["categories"][category]["score"]
    return -1 if score is None else round(100 * score)


if __name__ == "__main__":
    main()
