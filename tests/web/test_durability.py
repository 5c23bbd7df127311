"""A node that is killed (SIGKILL) while a hundred households order: what was confirmed is there, once.

Households order again and again, until the line breaks; one in three looks at its order in between. So at
every kill orders are on their way: not read yet, in the log but not answered, or answered and not heard.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from apart import run_apart
from open_group import terms
from served import Served, served
from sites import PROFILE, SLUG

from millpond.community.transitions import Stage
from millpond.desk import rounds
from millpond.desk.rounds import RoundRecord
from millpond.node.node import Node
from millpond.store import Rows

HOUSEHOLDS = 100
UNIQUE = ("token", "number", "pickup_code")


@dataclass
class Told:
    """What households know: of each order that was confirmed, where it is; of the others, what was sent."""

    confirmed: dict[str, str] = field(default_factory=dict)
    sent: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def unsure(self) -> list[str]:
        """Tokens of orders that nobody said anything about."""
        return [token for token in self.sent if token not in self.confirmed]


def open_round(data: Path) -> RoundRecord:
    """A node with a room and an open group order."""
    with Node(data) as node:
        node.set_up_room(SLUG, PROFILE, code=node.add_room(SLUG), owner="王姐", passphrase_hash="")
        opened, now_ms = node.room(SLUG), node.clock()
        assert opened is not None

        def make(rows: Rows) -> RoundRecord:
            id = rounds.create(rows, terms(now_ms), person=None, now_ms=now_ms)
            rounds.move(rows, id, Stage.OPEN, person=None, now_ms=now_ms)
            return rounds.load(rows, id)

        return opened.db.write(make)


async def send(client: httpx2.AsyncClient, url: str, fields: dict[str, str], who: int) -> str:
    """Sends an order as a page without scripts does, or as the page's script; where the order is."""
    accept = "application/json" if who % 2 else "text/html"
    headers = {"accept": accept, "x-forwarded-for": f"198.18.0.{who}"}
    answer = await client.post(url, data=fields, headers=headers)
    assert answer.status_code == (200 if who % 2 else 303), answer.text
    return answer.json()["go"] if who % 2 else answer.headers["location"]


async def order_until_killed(node: Served, round: RoundRecord, told: Told, after: int, seed: int) -> None:
    """All households at once; the node is killed once so many more orders are confirmed."""
    url, until = f"{node.url}/{SLUG}/g/{round.code}", len(told.confirmed) + after
    item = round.group.items[0].id

    async def household(who: int, client: httpx2.AsyncClient) -> None:
        pick = random.Random(seed * 1_000 + who)
        while True:
            token = f"{pick.getrandbits(144):036x}"[:24]
            told.sent[token] = {"token": token, "name": f"住户{who}", f"q-{item}-1": str(pick.randint(1, 9))}
            try:
                path = await send(client, url, told.sent[token], who)
                told.confirmed[token] = urlsplit(path).path
                if len(told.confirmed) == until:
                    node.process.kill()
                if who % 3 == 0:
                    page = await client.get(node.url + path)
                    assert page.status_code == 200
            except httpx2.TransportError:
                return

    limits = httpx2.Limits(max_connections=HOUSEHOLDS)
    async with httpx2.AsyncClient(timeout=60, limits=limits) as client:
        await asyncio.gather(*(household(who, client) for who in range(HOUSEHOLDS)))
    node.process.wait()


def check_file(path: Path, told: Told) -> None:
    """The file as the killed process left it."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        kept = {
            token: (f"/{SLUG}/h/{link}/{code}", units)
            for token, link, code, units in connection.execute(
                "SELECT orders.token, link, rounds.code, sum(quantity) FROM orders "
                "JOIN households ON households.id = orders.household JOIN rounds ON rounds.id = orders.round "
                "JOIN wants ON wants.order_id = orders.id GROUP BY orders.id"
            )
        }
        counts = connection.execute(f"SELECT count(*), {', '.join(f'count(DISTINCT {c})' for c in UNIQUE)} "
                                    "FROM orders").fetchone()  # fmt: skip
        most = connection.execute("SELECT max(number) FROM orders").fetchone()[0]
    assert {token: kept[token][0] for token in told.confirmed if token in kept} == told.confirmed
    assert kept.keys() <= told.sent.keys()
    for token, (_, units) in kept.items():
        assert [str(units)] == [value for name, value in told.sent[token].items() if name.startswith("q-")]
    assert counts == (len(kept),) * 4, "one row for each, and nothing that is unique stands twice"
    assert most == len(kept), "what was rolled back took no number with it"


async def send_again(node: Served, round: RoundRecord, told: Told) -> None:
    """Every household sends what it is unsure of once more, and some what was confirmed."""
    url = f"{node.url}/{SLUG}/g/{round.code}"
    sure = random.Random(len(told.sent)).sample(sorted(told.confirmed), min(20, len(told.confirmed)))
    async with httpx2.AsyncClient(timeout=60) as client:
        for who, token in enumerate([*told.unsure, *sure]):
            path = urlsplit(await send(client, url, told.sent[token], who)).path
            assert told.confirmed.setdefault(token, path) == path, "the same word, the same order"
            assert (await client.get(node.url + path)).status_code == 200


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_killed_in_the_middle_and_no_confirmed_order_is_lost(tmp_path: Path, kills: int) -> None:
    data, pick, told = tmp_path / "node", random.Random(kills), Told()
    round = open_round(data)
    room_file = data / "rooms" / SLUG / "room.db"
    for kill in range(kills):
        with served(data) as node:
            run_apart(send_again(node, round, told))
            assert orders_in(room_file) == len(told.sent), (
                "sent again, none is missing, and none is there twice"
            )
            run_apart(order_until_killed(node, round, told, pick.randint(1, 200), kill))
        assert len(told.unsure) >= HOUSEHOLDS // 2, "it was killed in the middle"
        check_file(room_file, told)
    with served(data) as node:
        run_apart(send_again(node, round, told))
    check_file(room_file, told)
    assert orders_in(room_file) == len(told.confirmed) == len(told.sent)


def orders_in(room_file: Path) -> int:
    with closing(sqlite3.connect(room_file)) as connection:
        return int(connection.execute("SELECT count(*) FROM orders").fetchone()[0])
