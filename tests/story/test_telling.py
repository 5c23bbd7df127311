"""The story as it is told: figures come from the files, so another round tells another story."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from millpond.clearing.finish import finish
from millpond.model import Award, Certificate, Leaf, Round, read_round
from millpond.story import story_bytes
from millpond.story.telling import PIECE, Teller, named, opening, wrapped


def tell(round: Round, language: str, awards: list[Award]) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    worth = {line.id: max(a.limit for a in line.accepts) for line in round.demand}
    teller = Teller(
        console, language, round, finish(round, awards, Certificate(scale=1, tree=Leaf(lines=worth)))
    )
    opening(console, language)
    for part in (teller.alone, teller.together, teller.not_served, teller.how_good):
        part()
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def tailor_only(round: Round) -> list[Award]:
    """Yongtai buys from its own tailor, the others not at all."""
    return [
        Award(demand=line.id, offer="qingyun-tailor", item=line.accepts[0].item, quantity=line.quantity)
        for line in round.demand
        if line.place == "yongtai"
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_follow_the_round(language: str) -> None:
    told = read_round(story_bytes())
    text = tell(told, language, tailor_only(told))
    assert "52.00" in text
    assert "3,328.00" in text  # 64 jackets
    other = read_round(story_bytes().replace(b'"price": 5200', b'"price": 5350'))
    text = tell(other, language, tailor_only(other))
    assert "53.50" in text
    assert "3,424.00" in text
    assert "3,328.00" not in text


def test_who_is_left_out_is_said_in_both_languages() -> None:
    round = read_round(story_bytes())
    english, chinese = (tell(round, language, tailor_only(round)) for language in ("en", "zh"))
    assert "Mêdog 墨脱: 12 × Padded school jacket M. No maker delivers there." in english
    assert "墨脱：校服棉衣 M 12 件。没有厂家送到那里。" in chinese
    assert "invented" in english
    assert "虚构" in chinese
    assert "Jiangnan 江南 would have started at 600" in english


def test_nobody_served_can_be_told() -> None:
    text = tell(read_round(story_bytes()), "en", [])
    assert "Nothing that was found" in text
    assert "Everyone pays" not in text


@given(
    st.text(st.sampled_from("ab 汇集，。「」（）%7"), max_size=60),
    st.integers(12, 40),
)
def test_wrapping_loses_nothing_and_keeps_the_width(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert cell_len(line) <= width or len(PIECE.findall(line)) == 1


def test_names() -> None:
    both = {"en": "Yongtai", "zh": "永泰"}
    assert named(both, "id", "en") == "Yongtai 永泰"
    assert named(both, "id", "zh") == "永泰"
    assert named({}, "id", "en") == "id"
    assert named({"zh": "永泰"}, "id", "en") == "永泰"
