"""What tests of pages are made with: a real node behind uvicorn, phones in a real browser.

    with start_site(folder) as site, open_phone(browser) as page:
        page.goto(site.url("g/rice"))
        assert faults_of(page) == cut_off(page) == []

`site.clock` is the node's clock: tests move it, they never wait. Several nodes in one
test: `start_site(folder)`.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx2
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from starlette.types import ASGIApp

from millpond.desk.people import Person
from millpond.desk.room import Profile
from millpond.node.node import Node, OpenRoom
from millpond.store import Rows
from millpond.web import make_app

Result = TypeVar("Result")
SLUG = "pond"
START_MS = 1_795_000_000_000
"""The clock of a new site: a Wednesday in November 2026."""
PROFILE = Profile(
    name="平塘团",
    is_community=True,
    is_maker=False,
    currency="CNY",
    language="zh",
    time_zone="Asia/Shanghai",
    place_name="永泰",
    phone="0591 1234567",
)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


@dataclass
class Clock:
    """What time it is at the node, in unix milliseconds."""

    now_ms: int = START_MS

    def __call__(self) -> int:
        return self.now_ms

    def pass_minutes(self, minutes: int) -> None:
        """Later."""
        self.now_ms += minutes * 60_000


@dataclass
class Site:
    """A node that answers at `base`, with one room that is set up, and its owner."""

    node: Node
    room: OpenRoom
    owner: Person
    base: str
    clock: Clock = field(default_factory=Clock)

    def url(self, path: str = "") -> str:
        """The address of a page of the room."""
        return f"{self.base}/{SLUG}/{path}"

    @property
    def read(self) -> Rows:
        """To look into the room."""
        return self.room.db.read

    def write(self, job: Callable[[Rows], Result]) -> Result:
        """Changes the room, as a desk would."""
        return self.room.db.write(job)

    def client(self, **headers: str) -> httpx2.Client:
        """An HTTP client with cookies of its own that follows no redirect."""
        return httpx2.Client(base_url=f"{self.base}/{SLUG}/", headers=headers)


@contextmanager
def start_site(
    folder: Path, profile: Profile = PROFILE, around: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> Iterator[Site]:
    """A new node in this folder, served until the end of the block; `around` puts something before it."""
    clock = Clock()
    with Node(folder, clock=clock) as node:
        code = node.add_room(SLUG)
        owner = node.set_up_room(SLUG, profile, code=code, owner="王姐", passphrase_hash="")
        room = node.room(SLUG)
        assert room is not None
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every answer waits 40 ms
            # It listens from here on, so that nobody needs to wait until the server has started.
            server = uvicorn.Server(
                uvicorn.Config(around(make_app(node)), log_level="warning", timeout_graceful_shutdown=1)
            )
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                yield Site(node, room, owner, f"http://127.0.0.1:{listening.getsockname()[1]}", clock)
            finally:
                server.should_exit = True
                thread.join()


@contextmanager
def open_phone(
    browser: Browser,
    *,
    locale: str = "zh-CN",
    scheme: str = "light",
    width: int = 360,
    scripts: bool = True,
) -> Iterator[Page]:
    """A browser window as a phone (or, by `width`, a desktop) has it."""
    context = browser.new_context(
        viewport={"width": width, "height": 780},
        locale=locale,
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def faults_of(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe-core finds wrong with the page (WCAG 2.2 A and AA, and best practices), a line each.

    `colours_only` is for a page that was looked at in other colours: the rest is the same.
    """
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished)).then(() => null)")
    tags = {"type": "tag", "values": AXE_TAGS}
    colours = {"type": "rule", "values": ["color-contrast"]}
    found = Axe().run(page, options={"runOnly": colours if colours_only else tags})
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


CUT_OFF = """() => {
  const found = [];
  const width = document.documentElement.clientWidth;
  const whole = document.documentElement.scrollWidth;
  if (whole > width) found.push(`the page is ${whole} wide`);
  const scrolls = (one) => one && (
    ["auto", "scroll"].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  const hidden = (one) => one && (getComputedStyle(one).clipPath !== "none" || hidden(one.parentElement));
  for (const one of document.body.querySelectorAll("*")) {
    if (!one.checkVisibility() || one.closest("svg, .skip") || hidden(one)) continue;
    const box = one.getBoundingClientRect();
    const hides = one.tagName !== "INPUT" && ["hidden", "clip"].includes(getComputedStyle(one).overflowX);
    const holds = one.tagName === "BUTTON";
    const name = `${one.tagName.toLowerCase()}.${one.className} ${one.textContent.trim().slice(0, 40)}`;
    if (!scrolls(one) && box.width && (box.right > width + 1 || box.left < -1)) found.push(`out: ${name}`);
    if ((hides || holds) && one.scrollWidth > one.clientWidth + 1) found.push(`cut off: ${name}`);
  }
  return found;
}"""


def cut_off(page: Page) -> list[str]:
    """What is wider than the window or its own box, a line each."""
    found: list[str] = page.evaluate(CUT_OFF)
    return found
