"""What the network says of cards and nodes reaches the page in the reader's language."""

from __future__ import annotations

import ast
import asyncio
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from leading import Leader
from sites import Site

import millpond
from millpond.errors import InputError, Unreachable
from millpond.log.keys import Key
from millpond.network import asking, calling, cards
from millpond.network.calling import Answer
from millpond.node import own_log
from millpond.web.leader.network.told import SENTENCES, told
from millpond.web.words import Words

ZH = Words("zh")
CARD = cards.write(cards.Card(Key(bytes(31) + b"\1").did, ("https://pond.example",), "永泰"))
OTHER = cards.write(cards.Card(Key(bytes(31) + b"\2").did))


def written() -> set[str]:
    """Every text in the modules below the pages, with {} where something is filled in."""
    root = Path(millpond.__file__).parent
    found = set()
    for path in [*(root / "network").glob("*.py"), root / "log" / "kinds.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
                found.add("".join(str(part) for part in parts))
    return found


def test_every_sentence_is_one_that_is_said() -> None:
    said = written()
    assert [one for one in SENTENCES if re.sub(r"\{\w+\}", "{}", one) not in said] == []


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        (CARD[:60], "名片不完整"),
        (CARD.replace("pond.example", "bond.example"), "名片不完整"),
        ("今天的米多少钱？", "里面没有名片：名片以 millpond:z6Mk 开头"),
        (Key(bytes(32)).did, "这只是身份"),
        (f"{CARD}\n{OTHER}", "里面有 2 张不同的名片"),
        ("x" * 70_000, "超过 65,536 字节"),
    ],
)
def test_what_is_no_card(text: str, begins: str) -> None:
    with pytest.raises(InputError) as caught:
        cards.read(text)
    assert told(ZH, caught.value.problem).startswith(begins)
    assert told(Words("en"), caught.value.problem) == caught.value.problem


def test_what_other_nodes_answer() -> None:
    busy = calling.refusal(Answer(503, {}, b"the clock\n"), "")
    assert told(ZH, busy.problem) == "正忙或出了故障（HTTP 503）: “the clock”。程序会再试"
    assert told(ZH, calling.refusal(Answer(418, {}, b""), "").problem) == "回答 HTTP 418"
    assert told(ZH, asking.refused(Answer(404, {}, b""), "").problem).startswith("没有收下这份日志")


def test_nobody_is_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/card"

        async def ask() -> None:
            async with calling.make_client() as client:
                await calling.call(client, "GET", address, most=1_000)

        with (
            ThreadPoolExecutor(1) as thread,
            pytest.raises(Unreachable) as caught,
        ):  # beside the browser's loop
            thread.submit(asyncio.run, ask()).result()
    assert told(ZH, caught.value.problem) == "连不上：那边关着，或者你们有一边没有网"


def test_what_is_not_known_stays_as_it_came() -> None:
    assert told(ZH, "they said {this} and that") == "they said {this} and that"
    assert told(ZH, "") == ""


def test_a_card_that_leads_nowhere_is_refused_on_the_page(site: Site) -> None:
    own_log.say(site.node, site.room, "profile/1", {"name": "永泰团"})
    own = cards.write(cards.Card(own_log.ensure(site.node, site.room), ("https://own.example",)))
    leader = Leader(site)
    for tab, card, says in (
        ("people", CARD[:60], "名片不完整：路上丢了或改了一点"),
        ("people", own, "这是你自己的名片。"),
        ("carriers", own, "这是你自己的名片。"),
        ("carriers", CARD, "这不是管理人的名片，请向对方要节点的名片。"),
    ):
        answer = leader.post("desk/others/card", {"card": card, "from": tab})
        assert (answer.status_code, says in answer.text) == (422, True), (tab, card)
        assert f'name="from" value="{tab}"' in answer.text
    assert leader.post("desk/others/card", {"card": CARD, "from": "people"}).status_code == 200
