"""What goes over the wire: headers of every answer, names of hosts, bodies that lie, connections."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from guarded import World, guarded
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse

from millpond.desk import people
from millpond.node import sessions
from millpond.node.node import Node
from millpond.node.passphrases import hash_passphrase
from millpond.web import make_app, static
from millpond.web.guard import bodies
from millpond.web.guard.bodies import Bodies
from millpond.web.guard.failures import Failures
from millpond.web.guard.headers import Headers
from millpond.web.guard.patience import Patient
from millpond.web.pages import PAGES
from millpond.web.routes import Access

PUBLIC = "https://mill.example.org"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with guarded(tmp_path_factory.mktemp("guarded")) as made:
        yield made


@contextmanager
def listening(app: object, http: type = Patient) -> Iterator[int]:
    """The application behind the web server as the node runs it; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, http=http, ws="none", log_config=None, timeout_graceful_shutdown=1, proxy_headers=True
        )  # type: ignore[arg-type]
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A node with a public address, asked as its proxy asks."""
    with Node(tmp_path_factory.mktemp("public"), public_url=PUBLIC) as node:
        from sites import PROFILE

        code = node.make_setup_code()
        hashed = hash_passphrase("three mills by one pond")
        node.set_up_room("pond", PROFILE, code=code, owner="Li", passphrase_hash=hashed)
        with listening(make_app(node)) as port:
            headers = {"host": "mill.example.org", "x-forwarded-proto": "https"}
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
                yield client


# ---- headers


def strict(answer: httpx2.Response) -> None:
    """What every answer promises, also one that says no."""
    said = answer.headers["content-security-policy"]
    policy = {name: value for name, _, value in (part.partition(" ") for part in said.split("; "))}
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    if "sandbox" in policy:  # a file that somebody attached: nothing at all may be done with it
        assert policy.keys() == {"default-src", "frame-ancestors", "sandbox"}
    else:
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers
    if answer.headers.get("content-type", "").startswith("text/"):
        assert "charset=utf-8" in answer.headers["content-type"].lower()


def test_every_answer_is_strict_and_nothing_private_is_kept(world: World) -> None:
    owner = world.people["owner"]
    for route in PAGES:
        world.site.clock.now_ms += 12_000
        answer = world.ask(route.method, world.path(route), "" if route.method == "POST" else owner)
        strict(answer)
        kept = answer.headers["cache-control"]
        if route.for_programs and answer.status_code == 200:
            assert kept in ("no-cache", "public, max-age=5", "public, max-age=31536000, immutable"), (
                route.path
            )
        elif route.path in ("/check-off-worker.js", "/picture/{id}", "/places"):
            assert "no-store" not in kept
        else:
            assert kept == "no-store", route.path
        if "content-disposition" in answer.headers:
            assert "filename" in answer.headers["content-disposition"]
    for path in (
        "/nowhere/at/all",
        "/pond/desk/x",
        "/health",
        "/static/0/x.css",
        "/pond",
        "/%00",
        "/pond//desk",
    ):
        strict(world.ask("GET", path))
    strict(world.ask("POST", "/pond/sign-in", headers={"origin": "https://evil.example"}))
    strict(world.ask("POST", "/pond/sign-in", content=b"a" * (bodies.MAX_BYTES + 1)))
    strict(world.ask("DELETE", "/pond/desk"))


def test_a_picture_of_a_claim_is_kept_by_no_browser(world: World) -> None:
    from millpond.desk import claims

    claim = claims.by_id(world.site.read, world.things.claim)
    assert claim is not None
    answer = world.ask("GET", f"/pond/picture/{claim.picture}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "image/webp"
    offered = world.ask("GET", f"/pond/picture/{world.things.picture}")
    assert "immutable" in offered.headers["cache-control"]


def test_static_files_are_those_of_the_folder_and_no_others(world: World) -> None:
    for name in static.assets():
        answer = world.ask("GET", static.address(name))
        assert answer.status_code == 200
        strict(answer)
        assert "immutable" in answer.headers["cache-control"]
    style = static.address("style.css").rpartition("/")[0]
    for name in (
        "..%2f..%2fapp.py",
        "%2e%2e/app.py",
        "..%5capp.py",
        "style.css%00.py",
        "",
        ".",
        "app.py",
        "C:%5cx",
    ):
        status, _ = raw(
            world, f"GET {style}/{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        assert status == 404, name


def test_behind_https_cookies_and_headers_say_so(public: httpx2.Client) -> None:
    answer = public.post(
        "/pond/sign-in", data={"passphrase": "three mills by one pond"}, headers={"origin": PUBLIC}
    )
    assert answer.status_code == 303
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Secure-session=")
    for part in ("; Secure", "; HttpOnly", "; SameSite=lax", "; Path=/pond/"):
        assert part in cookie
    for path in ("/pond/?language=en", "/pond/sign-in?language=zh"):
        for one in public.get(path).headers.get_list("set-cookie"):
            assert one.startswith("__Secure-")
            assert "; Secure" in one
    token = cookie.partition("=")[2].partition(";")[0]
    assert public.get("/pond/desk", headers={"cookie": f"session={token}"}).status_code == 303
    assert public.get("/pond/desk", headers={"cookie": f"__Secure-session={token}"}).status_code == 200


# ---- names of hosts


def test_a_node_answers_under_its_own_name_alone(public: httpx2.Client) -> None:
    for host in (
        "evil.example",
        "mill.example.org.evil.example",
        "mill.example.org:8440",
        "localhost",
        "127.0.0.1",
    ):
        answer = public.get("/pond/sign-in", headers={"host": host})
        assert answer.status_code == 421, host
        assert PUBLIC in answer.text
        assert host not in answer.text.replace("mill.example.org", "")
        strict(answer)
    for host in ("mill.example.org", "MILL.example.org", "mill.example.org:443"):
        assert public.get("/pond/sign-in", headers={"host": host}).status_code == 200, host
    assert public.get("/health", headers={"host": "localhost"}).status_code == 200


def test_what_is_no_name_is_refused_and_no_redirect_names_a_host(world: World) -> None:
    for host in (b"[", b"[::1", b"a b", b"evil.example/x", b"a@b", b"<script>", b"a\xff", b""):
        status, _ = raw(world, b"GET /pond/ HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
        assert status == 400, host
    session = {"cookie": world.people["owner"]}
    for path in (
        "/pond",
        "/pond/desk/",
        "/pond/?language=en",
        "//evil.example/",
        "/pond//evil.example/..",
        "/",
    ):
        answer = world.ask("GET", path, headers={"host": "evil.example", **session})
        where = answer.headers.get("location", "/")
        assert where.startswith("/"), path
        assert not where.startswith(("//", "/\\")), path


def test_links_are_made_for_the_public_address(public: httpx2.Client) -> None:
    text = public.get(
        "/pond/", headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    ).text
    assert "evil.example" not in text


# ---- bodies


def raw(where: World | int, data: bytes, *more: bytes) -> tuple[int, bytes]:
    """The status and all of the answer to these bytes; 0 where the connection was closed without one."""
    port = where if isinstance(where, int) else int(where.site.base.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        for part in more:
            connection.sendall(part)
        answer = b""
        try:
            while piece := connection.recv(65_536):
                answer += piece
        except ConnectionResetError:
            pass
    return (int(answer.split(b" ", 2)[1]) if answer else 0), answer


HEAD = b"POST /pond/sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\n"
FORM = HEAD % b"application/x-www-form-urlencoded"


def test_a_body_is_counted_whatever_it_announces(world: World) -> None:
    much = b"a" * 65_536
    chunk = b"%x\r\n%s\r\n" % (len(much), much)
    status, _ = raw(world, FORM + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 9)
    assert status == 413
    for length in (b"524289", b"9" * 15, b"9" * 19, b"-1", b"1e3", b"0x10", b"1, 2"):
        status, _ = raw(world, FORM + b"Content-Length: " + length + b"\r\n\r\n")
        assert status in (400, 413), length


def test_two_lengths_are_no_second_request(world: World) -> None:
    """Request smuggling: what one reads as a body and another as a request."""
    hidden = b"GET /pond/nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
    for both in (
        b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%s" % (len(hidden), hidden),
        b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n%s" % (len(hidden), hidden),
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n%s" % hidden,
        b"Content-Length : 0\r\n\r\n%s" % hidden,
    ):
        _, answer = raw(world, FORM + both)
        assert answer.count(b"HTTP/1.1 ") == 1, both
        assert b"404" not in answer.split(b"\r\n")[0]


async def reads(scope: dict, receive: object, send: object) -> None:
    """Answers once the whole body is there."""
    body = await Request(scope, receive).body()  # type: ignore[arg-type]
    await PlainTextResponse(str(len(body)))(scope, receive, send)  # type: ignore[arg-type]


class Hasty(Patient):
    """Waits for a fifth of a second."""

    patience_seconds = 0.2


def test_a_body_that_does_not_come_or_comes_by_the_letter_is_given_up() -> None:
    with listening(Bodies(reads, seconds=0.3)) as port:
        status, _ = raw(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert status == 408
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n")
            connection.settimeout(0.02)
            answer = b""
            for _ in range(1_000):  # a letter now and then, for ever
                try:
                    connection.sendall(b"a")
                    answer += connection.recv(4_096)
                except TimeoutError:
                    continue
                except OSError:
                    break
                if answer:
                    break
            assert answer.split(b" ", 2)[1] == b"408"
        status, answer = raw(
            port, b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
        )
        assert (status, answer[-1:]) == (200, b"3")


def test_a_connection_that_does_not_ask_is_closed() -> None:
    with listening(reads, Hasty) as port:
        assert raw(port, b"") == (0, b"")
        assert raw(port, b"POST / HTTP/1.1\r\nHost: x\r\nX-And-So-On: ") == (0, b"")
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            ask = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"
            for _ in range(2):  # who goes on asking is answered, on one connection
                connection.sendall(ask)
                answer = b""
                while not answer.endswith(b"\r\n\r\n1"):
                    answer += connection.recv(4_096)
                assert b"200 OK" in answer
            connection.sendall(b"GET / HT")
            assert connection.recv(4_096) == b""


# ---- failures


async def fails(scope: dict, receive: object, send: object) -> None:
    """Before its answer, or in the middle of it."""

    async def half() -> object:
        yield "the first half"
        raise ValueError("王芳 13800001234")

    if scope["path"] == "/half":
        await StreamingResponse(half())(scope, receive, send)  # type: ignore[arg-type]
    raise ValueError("王芳 13800001234")


def test_a_failure_says_nothing_private_to_the_log_and_keeps_its_headers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sorry = Failures(fails, answer=lambda _: PlainTextResponse("sorry", 500))  # type: ignore[arg-type]
    with caplog.at_level(logging.DEBUG), listening(Headers(sorry, secure=False)) as port:
        answer = httpx2.get(f"http://127.0.0.1:{port}/secret-link")
        assert (answer.status_code, answer.text) == (500, "sorry")
        strict(answer)
        status, _ = raw(port, b"GET /half HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status == 200
    ours = [one for one in caplog.records if not one.name.startswith("http")]  # what asks notes its addresses
    noted = "\n".join(logging.Formatter().format(record) for record in ours)
    assert "ValueError" in noted
    assert "test_security_wire.py" in noted
    for private in ("王芳", "138000", "secret-link"):
        assert private not in noted


def test_a_page_that_fails_changes_nothing_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "by_id", lambda *_: 1 / 0)
    assert sessions.find(world.site.node, "pond", "none", 0) is None
    answer = world.ask("GET", "/pond/desk", world.people["owner"], headers={"accept-language": "zh"})
    assert answer.status_code == 500
    strict(answer)
    assert "没有任何改动" in answer.text or "出了点问题" in answer.text
    assert Access.PUBLIC in {route.needs for route in PAGES}
