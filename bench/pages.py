"""How fast a household's page is on an old phone with a poor line: `python -m bench.pages`.

A real node with a group order and a picture, a real browser with an empty cache, 400 kbit/s, 400 ms, and a
processor slowed down to a quarter (all by the browser's own throttle). Printed, the median of `VISITS`:

- first paint: something can be read;
- usable: the form works, its script has run;
- what came over the line, by kind.
"""

from __future__ import annotations

import os
import socket
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from bench.load.serving import photo
from bench.machine import machine
from millpond.community.group import Fee, Item, Offer, Tier
from millpond.community.transitions import Stage
from millpond.desk import orders, room, rounds
from millpond.desk.orders import NewOrder, NewWant
from millpond.desk.room import Profile
from millpond.desk.rounds import Terms
from millpond.node.node import Node, OpenRoom
from millpond.paper.pictures import clean_picture
from millpond.store import Rows
from millpond.web import make_app

VISITS = 5
BITS_PER_SECOND, LATENCY_MS, SLOWER = 400_000, 400, 4
REACH_PAINT_MS, REACH_USABLE_MS = 2_000, 3_000
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PROFILE = Profile(
    name="平塘团", is_community=True, is_maker=False, currency="CNY", language="zh", time_zone="Asia/Shanghai"
)
TIMES = """() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  usable: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
})"""


def main() -> None:
    """Measures and prints."""
    visits = measure()
    here = machine()
    print(f"{here['processor']}, {here['date']}, {here['commit']}, load before {here['load_before']}")
    print(
        f"{BITS_PER_SECOND // 1000} kbit/s, {LATENCY_MS} ms, processor 1/{SLOWER}, median of {VISITS} visits:"
    )
    for name, reach in (("paint", REACH_PAINT_MS), ("usable", REACH_USABLE_MS)):
        print(f"  {name:7} {statistics.median(one[name] for one in visits):6.0f} ms  (reach: {reach:,} ms)")
    sizes = visits[0]["sizes"]
    for kind, size in sizes.items():
        print(f"  {kind:10} {size:7,} bytes")
    print(f"  {'in all':10} {sum(sizes.values()):7,} bytes in {visits[0]['requests']} requests")


def measure() -> list[dict[str, Any]]:
    """What was seen in each visit."""
    with TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        visits = [visit(browser, address) for _ in range(VISITS)]
        browser.close()
    return visits


def visit(browser: Browser, address: str) -> dict[str, Any]:
    """One visit with an empty cache."""
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="zh-CN")
    page = context.new_page()
    session = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    session.send("Network.enable")
    rate = BITS_PER_SECOND / 8
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": rate, "uploadThroughput": rate},
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="networkidle")
    found: dict[str, Any] = page.evaluate(TIMES)
    by_kind: dict[str, int] = {}
    for id, size in sizes.items():
        if id in kinds:
            by_kind[kinds[id]] = by_kind.get(kinds[id], 0) + size
    context.close()
    return found | {"sizes": by_kind, "requests": sum(id in kinds for id in sizes)}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A node with an open group order; yields the address of its page."""
    with Node(folder) as node:
        code = node.add_room("pond")
        node.set_up_room("pond", PROFILE, code=code, owner="王姐", passphrase_hash="")
        opened = node.room("pond")
        assert opened is not None
        shared = group_order(opened, node.clock())
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every answer waits 40 ms
            server = uvicorn.Server(uvicorn.Config(make_app(node), log_level="warning"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/pond/g/{shared}"
            server.should_exit = True
            thread.join()


def group_order(opened: OpenRoom, now_ms: int) -> str:
    """Rice in two sizes with a picture, 62 bags wanted; returns the code of its link."""
    items = [
        Item(
            id=f"new-{n}",
            family="rice",
            name="五常大米",
            variant=text,
            unit="袋",
            surcharge=more,
            reference=shop,
        )
        for n, (text, more, shop) in enumerate([("5 公斤", 0, 7_500), ("10 公斤", 6_800, 14_500)])
    ]
    tiers = (Tier(from_quantity=20, price=7_200), Tier(from_quantity=100, price=5_800))
    picture = clean_picture(photo())

    def make(rows: Rows) -> str:
        terms = Terms(
            title="今年的新米",
            about="刚碾的新米，自家田里的，不打蜡。",
            items=tuple(items),
            offer=Offer(maker="五常合作社", tiers=tiers, capacity=400),
            fee=Fee(per_order=100),
            pickup_points=tuple(point.id for point in room.pickup_points(rows)),
            closes_at_ms=now_ms + 86_400_000,
        )
        id = rounds.create(rows, terms, person=None, now_ms=now_ms)
        page = picture.page
        kept = {"id": page.sha256, "page": page.data, "print": picture.print.data, "created_ms": now_ms}
        rows.run("room.add_picture", width=page.width, height=page.height, **kept)
        rounds.set_picture(rows, id, page.sha256)
        rounds.move(rows, id, Stage.OPEN, person=None, now_ms=now_ms)
        record = rounds.load(rows, id)
        want = NewWant(item=int(record.offered[0].id), quantity=62)
        orders.place(rows, NewOrder(round=id, token="first", name="李雷", wants=(want,)), now_ms=now_ms)
        return record.code

    return opened.db.write(make)


if __name__ == "__main__":
    main()
