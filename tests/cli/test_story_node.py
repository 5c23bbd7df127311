"""The story on a node: made as the demo makes it, served as a leader serves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import served

from millpond.cli.story_node import PAST_HOUSEHOLDS, PRESENT_HOUSEHOLDS, make_story_node
from millpond.community.transitions import Stage
from millpond.desk import deciding, money, rounds
from millpond.story import read_story


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_opens_where_it_says(language: str, tmp_path: Path) -> None:
    node, told = make_story_node(tmp_path / "node", read_story(), language)
    with node:
        room = node.room("fuzhou")
        assert room is not None
        present, past = rounds.listed(room.db.read)
        assert (past.stage, present.stage) == (Stage.ARRIVED, Stage.OPEN)
        assert (past.orders, present.orders) == (PAST_HOUSEHOLDS, PRESENT_HOUSEHOLDS)
        kept = deciding.kept(room.db.read, past.id)
        assert kept is not None
        assert kept.verified.splitlines()[-1].startswith("VALID")
        assert sum(money.book(room.db.read).balances().values()) == 0
    with served(tmp_path / "node") as site:
        for path in (told.group, told.household):
            page = site.get(path)
            assert page.status_code == 200, path
            assert present.title in page.text.replace("&#39;", "'")
        assert "林秀英" in site.get(told.household).text or language == "en"
        signed_in = site.post("/fuzhou/sign-in", passphrase=told.passphrase)
        assert signed_in.status_code == 303
        assert signed_in.headers["location"] == told.desk
