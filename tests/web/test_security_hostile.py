"""Hostile texts and pictures on every page and paper, in a real browser: nothing of them is run.

Whatever somebody may type or send is typed: names, notes, titles, options, answers, claims, payments. Every
page of the table is opened as the owner and as a household. A script that runs, a dialog, an element that
came out of a text, or a broken content security policy fails the test; so does a formula in a sheet.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO, StringIO

import pypdfium2 as pdfium
import pytest
from guarded import World, guarded
from open_group import photo
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from workbooks import xls

from millpond.community.transitions import Stage
from millpond.desk import households
from millpond.node import sessions
from millpond.web.pages import PAGES
from millpond.web.routes import Access, Route

POLYGLOT = "\"'></script><img src=x onerror=boom() class=hostile>{{7*7}}<!--"
TEXTS = (
    POLYGLOT,
    "=HYPERLINK(\"http://evil.example\",\"1\")",
    "<script class=hostile>boom()</script>${7*7}#{7*7}",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "javascript:boom()//",
    "\u202e袋 31\u202c<svg class=hostile onload=boom()>",
    "-1+1;;\t=1+1",
    "</textarea></title></style><iframe class=hostile srcdoc='<script>boom()</script>'>",
    "%s%n{0.__class__}{n}{name}",
    "W" * 38,
    "]]>\\u003cscript\\u003e\\\" * \" 2026-01-01 open Assets:Evil",
)  # fmt: skip
WATCH = """() => {
  window.ran = [];
  window.boom = () => window.ran.push("boom");
  window.alert = window.confirm = window.prompt = () => window.ran.push("dialog");
  document.addEventListener("securitypolicyviolation", (event) =>
    window.ran.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
}"""
FOUND = """() => [
  ...window.ran,
  ...[...document.querySelectorAll(".hostile, iframe, object, embed, base")].map((one) => one.outerHTML),
  ...[...document.querySelectorAll("a[href], form[action], img[src], button[formaction]")]
    .flatMap((one) => [one.href, one.getAttribute("action") && one.action, one.src, one.formAction])
    .filter((url) => typeof url === "string" && url && !/^(https?:|data:image|blob:)/.test(url)),
  ...[...document.querySelectorAll("*")].flatMap((one) => [...one.attributes])
    .filter((one) => /^on|^style$/.test(one.name)).map((one) => `${one.name}=${one.value}`),
]"""
STAGES = (Stage.OPEN, Stage.ARRIVED)
"""In which pages of a group order differ."""
PAPERS = (
    ".pdf",
    ".xlsx",
    ".csv",
    ".json",
    ".txt",
    ".beancount",
    ".png",
    "{ending:str}",
    ".js",
    "/picture/{id}",
    "/places",
)


class Hostile:
    """Says something hostile, and each time something else."""

    def __init__(self) -> None:
        self.turn = 0

    def __call__(self, kind: str) -> str:
        if kind in ("household", "title", "item", "helper"):
            self.turn += 1
        else:
            self.turn += 3
        return TEXTS[self.turn % len(TEXTS)] if kind != "unit" else POLYGLOT[:20]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with guarded(tmp_path_factory.mktemp("hostile"), Hostile()) as made:
        yield made


def window(browser: Browser, world: World, *cookies: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="zh-CN")
    context.set_default_timeout(10_000)
    context.add_init_script(f"({WATCH})()")
    for cookie in cookies:
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": f"{world.site.base}/pond/"}])
    return context


def watched(context: BrowserContext, world: World) -> tuple[Page, list[str]]:
    """A page, and what goes wrong on it, a line each."""
    page, wrong = context.new_page(), []

    def said(text: str) -> None:
        if "Failed to load resource" not in text:  # check-off asks before there is anything to hand out
            wrong.append(f"console: {text}")

    def asked(url: str) -> None:
        if not url.startswith((world.site.base + "/", "data:", "blob:")):
            wrong.append(f"asks {url}")

    page.on("request", lambda request: asked(request.url))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", lambda line: said(line.text) if line.type == "error" else None)
    page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    return page, wrong


def shown(page: Page, world: World, path: str) -> list[str]:
    """What is wrong with the page of this path, a line each."""
    page.goto(world.site.base + path)
    return [f"{path}: {one}" for one in page.evaluate(FOUND)]


def pages(world: World, *, household: bool) -> list[str]:
    """The addresses of pages: for everybody with a link, or for who is signed in."""
    found = []
    for route in PAGES:
        if (
            route.method != "GET"
            or route.for_programs
            or route.path.endswith(PAPERS)
            or (route.needs is Access.PUBLIC) != household
        ):
            continue
        moving = "{round" in route.path or "{code}" in route.path
        found += [world.path(route, stage) for stage in (STAGES if moving else STAGES[-1:])]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("who", ["owner", "household"])
def test_nothing_runs_on_any_page(browser: Browser, world: World, who: str) -> None:
    context = window(browser, world, world.people[who])
    page, wrong = watched(context, world)
    paths = pages(world, household=who == "household")
    assert len(paths) >= 7
    for path in paths:
        wrong += shown(page, world, path)
    context.close()
    assert wrong == []


def test_texts_stand_as_they_were_typed(browser: Browser, world: World) -> None:
    """Not stripped, not read: what a helper sees is what somebody typed."""
    context = window(browser, world, world.people["owner"])
    page = context.new_page()
    page.goto(world.site.url(f"desk/{world.things.rounds[Stage.ARRIVED]}/check-off"))
    names = page.locator("[data-order] h2").all_text_contents()
    kept = [households.load(world.site.read, one.household) for one in world.things.placed[Stage.ARRIVED]]
    assert len(names) == len(kept)
    assert all(any(one.name in name for name in names) for one in kept)
    island = json.loads(page.locator("#check-off-data").text_content() or "")
    assert len(island) == 3
    page.locator("#search").fill("</script>")
    assert page.evaluate("window.ran") == []
    context.close()


KEPT = """Object.entries(localStorage).filter(([key]) => key.startsWith("check-off"))
  .map(([_, kept]) => kept).join()"""
ON_PHONE = """caches.open("check-off").then((one) => one.keys())
  .then((all) => all.some((one) => one.url.endsWith("/check-off")))"""


@pytest.mark.parametrize("way", ["signed out", "sent away", "back at the door"])
def test_names_leave_the_phone_with_the_session(browser: Browser, world: World, way: str) -> None:
    """What check-off keeps for work without a network goes when nobody is signed in any more."""
    session = world.enter(world.ids["owner"])
    context = window(browser, world, session)
    page = context.new_page()
    page.goto(world.site.url(f"desk/{world.things.rounds[Stage.ARRIVED]}/check-off"))
    page.wait_for_function(f"() => {KEPT}.includes('states')")
    page.wait_for_function(f"() => {ON_PHONE}")
    kept = page.evaluate(KEPT)
    assert not [one for one in (*TEXTS, "1391111", "0001") if one in kept], "neither name nor phone"
    if way == "signed out":
        page.locator("footer form button").click()
        page.wait_for_url("**/sign-in")
        assert page.evaluate(KEPT) == ""
    else:
        sessions.end(world.site.node, session.partition("=")[2])
        asks = ""
        if way == "sent away":
            asks = (
                "dispatchEvent(new Event('online'))"  # again and again: not heard while the page is sending
            )
        else:
            page.goto(world.site.url("desk"))
            page.wait_for_url("**/sign-in")
        page.wait_for_function(f"() => {{ {asks}; return !{KEPT}.includes('states') }}", polling=200)
    page.wait_for_function(f"() => {ON_PHONE}.then((is_there) => !is_there)")
    context.close()


def test_what_the_address_says_is_not_read(browser: Browser, world: World) -> None:
    """Reflected texts: searches, codes, languages."""
    from urllib.parse import quote

    context = window(browser, world, world.people["owner"])
    page, wrong = watched(context, world)
    desk = f"/pond/desk/{world.things.rounds[Stage.ARRIVED]}"
    asked = (
        "/setup?code=",
        "/setup?room=",
        "/pond/sign-in?x=",
        f"{desk}/check-off?code=",
        f"{desk}/money?find=",
    )
    for path in (*asked, "/pond/", "/pond/g/", "/pond/h/", "/pond/invitation/", "/pond/desk/books/account/"):
        for text in (POLYGLOT, "javascript:boom()"):
            wrong += shown(page, world, path + quote(text, safe=""))
    context.close()
    assert wrong == []


# ---- papers


def papers(world: World, ending: str) -> Iterator[tuple[str, bytes]]:
    """Files with this ending, for the leader and for households, by their addresses."""
    for route in PAGES:
        if route.method != "GET" or not route.path.endswith((f".{ending}", "{ending:str}")):
            continue
        world.site.clock.now_ms += 12_000
        path = world.path(route, ending=ending)
        answer = world.ask("GET", path, may_see(world, route))
        if answer.headers.get("content-disposition", "").endswith(f".{ending}"):
            yield path, answer.content


def may_see(world: World, route: Route) -> str:
    return "" if route.needs is Access.PUBLIC else world.people["owner"]


def _is(data: bytes, mark: bytes) -> bool:
    return data.startswith(mark)


def test_no_sheet_has_a_formula_or_a_link(world: World) -> None:
    seen = 0
    for path, data in papers(world, "xlsx"):
        seen += 1
        with zipfile.ZipFile(BytesIO(data)) as book:
            names = book.namelist()
            assert not [one for one in names if "externalLink" in one or "vba" in one.lower()], path
            for name in [one for one in names if one.startswith("xl/worksheets/")]:
                sheet = book.read(name)
                assert b"<f" not in sheet.replace(b"<formatCode", b"").replace(b"<font", b""), (path, name)
                assert b"hyperlink" not in sheet, (path, name)
    assert seen >= 3


def test_no_line_of_csv_begins_a_formula(world: World) -> None:
    for path, data in papers(world, "csv"):
        for row in csv.reader(StringIO(data.decode("utf-8-sig"))):
            for cell in row:
                assert cell[:1] not in ("=", "@", "\t", "\r"), (path, cell)
                assert not (
                    cell[:1] in ("+", "-") and not cell[1:].replace(".", "").replace(",", "").isdigit()
                )


def test_books_are_read_back_as_they_were_written(world: World) -> None:
    """A text cannot end its line, its string, or open an account."""
    for path, data in papers(world, "beancount"):
        for line in data.decode().splitlines():
            assert "Assets:Evil" not in line or line.count('"') % 2 == 0, (path, line)
            assert not line.startswith(("plugin", "include", 'option "documents', " 2026")), (path, line)


def test_no_paper_has_a_script_or_a_link(world: World) -> None:
    seen = 0
    for path, data in papers(world, "pdf"):
        seen += 1
        assert _is(data, b"%PDF")
        for mark in (b"/JavaScript", b"/JS ", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/URI"):
            assert mark not in data, (path, mark)
        text = "".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(data))
        assert "7*7" in text or not re.search(r"(?<![0-9A-Z])49(?![0-9A-Z])", text), path  # but in codes
    assert seen >= 5


# ---- pictures


def hostile_pictures() -> dict[str, bytes]:
    """What is no picture, or more than one."""
    script = b"<script>boom()</script>"
    jpeg = photo(40, 30)
    comment = b"\xff\xfe" + (len(script) + 2).to_bytes(2, "big") + script
    out = BytesIO()
    Image.new("RGB", (9, 9)).save(out, "GIF", comment=script)
    return {
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='boom()'>" + script + b"</svg>",
        "html": b"<!doctype html>" + script,
        "html behind a picture": jpeg + script,
        "html inside of a picture": jpeg[:2] + comment + jpeg[2:],
        "a script that is a gif": out.getvalue(),
        "an archive behind a picture": jpeg + b"PK\x05\x06" + bytes(18),
        "half": jpeg[: len(jpeg) // 2],
        "a name alone": b"",
    }


@pytest.mark.parametrize("kind", hostile_pictures())
def test_a_picture_is_drawn_anew_or_refused(world: World, kind: str) -> None:
    first, code = world.things.placed[Stage.ARRIVED][1], world.things.codes[Stage.ARRIVED]
    sent = hostile_pictures()[kind]
    world.site.clock.now_ms += 60_000
    path = f"/pond/h/{first.link}/{code}/claim"
    before = {row["id"] for row in pictures(world)}
    answer = world.ask(
        "POST", path, data={"kind": "damaged", "quantity": "1", "words": kind, "want": ""},
        files={"picture": ("x.html", sent, "text/html")},
    )  # fmt: skip
    assert answer.status_code in (303, 422)
    new = [row for row in pictures(world) if row["id"] not in before]
    assert bool(new) == (answer.status_code == 303 and bool(sent))
    for row in new:
        assert b"boom" not in row["page"] + row["print"]
        served = world.ask("GET", f"/pond/picture/{row['id']}")
        assert served.headers["content-type"] == "image/webp"
        assert served.headers["x-content-type-options"] == "nosniff"
        assert _is(served.content, b"RIFF")


def pictures(world: World) -> list[dict[str, bytes]]:
    """Every picture of the room."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(world.site.room.path)) as rows:
        rows.row_factory = sqlite3.Row
        return [dict(row) for row in rows.execute("SELECT id, page, print FROM pictures")]


# ---- lists

COLLECTED = [route for route in PAGES if route.path.startswith("/desk/{round:int}/collect/")]
LISTS = "\n".join(f"{n}. {text} 2袋" for n, text in enumerate((*TEXTS, "王芳" + POLYGLOT), 1))
SEND = """([action, token, list, sheet]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action, enctype: "multipart/form-data" });
  const add = (name, value, type) =>
    form.append(Object.assign(document.createElement("input"), { name, value, type }));
  add("form_token", token, "hidden");
  if (list) form.append(Object.assign(document.createElement("textarea"), { name: "list", value: list }));
  else {
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(sheet)], "<img src=x onerror=boom() class=hostile>.xls"));
    add("sheet", "", "file");
    form.lastChild.files = files.files;
  }
  document.body.append(form);
  form.submit();
}"""


@pytest.mark.skipif(not COLLECTED, reason="no page takes lists here")
@pytest.mark.parametrize("way", ["paste", "import"])
def test_a_list_runs_nothing(browser: Browser, world: World, way: str) -> None:
    """As it was pasted or imported, on the page where it is looked through before it is taken in."""
    session = world.people["owner"]
    context = window(browser, world, session)
    page, wrong = watched(context, world)
    page.goto(world.site.url("desk"))
    rows = [["收货人", "联系电话", "商品", "数量"], *[[text, text, text, 1.0] for text in TEXTS]]
    action = f"/pond/desk/{world.things.rounds[Stage.OPEN]}/collect/{way}"
    with page.expect_navigation():
        lists = (LISTS, []) if way == "paste" else ("", list(xls(rows)))
        page.evaluate(SEND, [action, world.token(session), *lists])
    wrong += page.evaluate(FOUND)
    shown_text = page.locator("main").text_content() or ""
    values = page.evaluate(
        "[...document.querySelectorAll('main input, main textarea')].map((one) => one.value)"
    )
    assert POLYGLOT[4:30] in shown_text + " ".join(values)
    context.close()
    assert wrong == []
