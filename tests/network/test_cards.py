"""Cards: written and read again, whatever a chat made of the line; refused in plain words."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.log.keys import Key
from millpond.network import cards
from millpond.network.cards import Card, fitting, read, write
from millpond.paper.qr import MAX_CHARACTERS, qr_svg

DID = Key(bytes(range(32))).did
OTHER = Key(bytes(32)).did
KEY = DID.removeprefix("did:key:")
CARD = Card(DID, ("https://pond.example", "http://192.168.1.7:8440/mill"), "永泰 合作社", is_keeper=True)
LINE = write(CARD)

names = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\u202a\u202b\u202c\u202d\u202e"
    ).filter(lambda c: not "\u2066" <= c <= "\u2069"),
    max_size=30,
).filter(lambda name: not name or bool(name.strip(" \u00a0\u200b\u200c\u200d\u200e\u200f\u2060\u3000\ufeff")))
addresses = st.from_regex(
    r"https?://[a-z0-9-]{1,20}(\.[a-z]{2,5}){0,2}(:[1-9][0-9]{0,3})?(/[A-Za-z0-9._~%!-]{1,9})?",
    fullmatch=True,
)
seeds = st.binary(min_size=32, max_size=32)


@st.composite
def some_cards(draw: st.DrawFn) -> Card:
    return Card(
        Key(draw(seeds)).did,
        tuple(draw(st.lists(addresses, max_size=4))),
        draw(names),
        draw(st.booleans()),
    )


def with_sum(body: str) -> str:
    """The line of these parameters, as a hand that knows the format would write it."""
    return f"{body}{'&' if '?' in body else '?'}sum={sha256(body.encode()).hexdigest()[:8]}"


def test_a_line_has_the_form_that_the_format_says() -> None:
    assert (
        with_sum(
            f"millpond:{KEY}?at=https%3A%2F%2Fpond.example&at=http%3A%2F%2F192.168.1.7%3A8440%2Fmill"
            "&name=%E6%B0%B8%E6%B3%B0%20%E5%90%88%E4%BD%9C%E7%A4%BE&keeper=1"
        )
        == LINE
    )
    assert write(Card(DID)) == with_sum(f"millpond:{KEY}")


@given(some_cards())
def test_what_is_written_is_read_again(card: Card) -> None:
    line = write(card)
    assert read(line) == card
    assert read(line.encode()) == card
    assert re.fullmatch(r"[!-~]+", line)
    assert len(line) <= 1_000


FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.mark.parametrize(
    "text",
    [
        f"这是我们的名片：{LINE}。请核对！",
        f"({LINE})",
        f"Our card: {LINE}, and see you",
        f"\n\n  {LINE}\n\nSent from my phone",
        LINE.translate({ord("?"): "？", ord("&"): "＆", ord(":"): "：", ord("="): "＝", ord("%"): "％"}),
        LINE.translate(FULL_WIDTH),
        LINE.replace("millpond", "Millpond", 1),
        LINE.replace("&", "&amp;"),
        "\n".join(LINE[at : at + 40] for at in range(0, len(LINE), 40)) + "\nBest wishes",
        "\r\n".join("> " + LINE[at : at + 70] for at in range(0, len(LINE), 70)),
        "\u200b".join(LINE),
        f"{LINE} {LINE}",
        f"millpond: what is that? {LINE}",
    ],
)  # fmt: skip
def test_a_chat_may_do_this_to_it(text: str) -> None:
    assert read(text) == CARD


@given(some_cards(), st.data())
def test_broken_anywhere_into_lines_it_is_read_the_same(card: Card, data: st.DataObject) -> None:
    line = write(card)
    start = len("millpond:")
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(start, len(line)))
        line = line[:at] + data.draw(st.sampled_from(["\n", "\r\n", " ", "\n> ", "\u3000"])) + line[at:]
    assert read(f"名片 {line} 再见") == card


@given(some_cards(), st.data())
def test_a_card_that_was_changed_or_cut_off_is_not_taken_for_another(card: Card, data: st.DataObject) -> None:
    line = write(card)
    at = data.draw(st.integers(len("millpond:"), len(line) - 1))
    if data.draw(st.booleans()):
        changed = line[:at]
    else:
        changed = line[:at] + data.draw(st.sampled_from("abkz129%&=?-Z")) + line[at + 1 :]
    if changed != line:
        with pytest.raises(InputError, match=f"{re.escape(cards.NOT_WHOLE)}|{re.escape(cards.NO_CARD)}"):
            read(changed)


@given(st.one_of(st.text(), st.binary(), st.text(alphabet="millpond:z6Mk?&=%sumat0123456789abcdef \n")))
@example("millpond:" * 2_000)
@example("millpond:" + "z" * 60_000)
@example(f"millpond:{KEY}?" + "a=%41&" * 150)
@example(b"\xff\xfe\x00")
def test_any_text_is_a_card_or_refused(text: str | bytes) -> None:
    try:
        card = read(text)
    except InputError:
        return
    assert len(write(card)) <= 1_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no card is in it"),
        ("https://pond.example/card", "no card is in it"),
        ("millpond: hello", "no card is in it"),
        (f"look: {DID}", "this is an identity, and does not say where"),
        (LINE[:-1], "not whole"),
        (LINE.replace("pond.example", "pond.exmple"), "not whole"),
        (f"millpond:{KEY}?at=https%3A%2F%2Fpond.example", "not whole"),
        (f"{LINE} {write(Card(OTHER))}", "2 different cards are in it"),
        (with_sum(f"millpond:{KEY}?name=%E6%B0"), "not whole"),
        (with_sum(f"millpond:{KEY}?name=%zz"), "not whole"),
        (with_sum(f"millpond:{KEY}?at=ftp%3A%2F%2Fa"), "is not an address"),
        (with_sum(f"millpond:{KEY}?at=https%3A%2F%2Fuser%40a.example"), "is not an address"),
        (with_sum(f"millpond:{KEY}?name=a%0Ab"), "none of them hidden"),
        (with_sum(f"millpond:{KEY}?name=a&name=b"), "says name twice"),
        (with_sum("millpond:z" + KEY[1:][::-1]), "not the identity"),
        ("x" * 70_000, "longer than 65,536"),
    ],
)  # fmt: skip
def test_refused_in_plain_words(text: str, says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        read(text)


def test_what_a_later_version_adds_is_passed_by() -> None:
    line = with_sum(f"millpond:{KEY}?at=https%3A%2F%2Fa.example&seen=12&name=Mill")
    assert read(line) == Card(DID, ("https://a.example",), "Mill")


def test_a_card_that_would_be_too_long_is_refused_and_cut_to_fit() -> None:
    long = [f"https://{letter * 60}.{letter * 60}.example" for letter in "abcdefgh"]
    with pytest.raises(InputError, match="fewer or shorter addresses"):
        Card(DID, tuple(long), "名" * 60)
    card = fitting(DID, long, "名" * 120)
    assert card.addresses == tuple(long[: len(card.addresses)])
    assert card.addresses
    assert len(write(card)) <= 1_000
    assert fitting(DID, ["https://a.example", "https://a.example"], "Mill") == Card(
        DID, ("https://a.example",), "Mill"
    )


def test_the_longest_card_fits_a_code() -> None:
    card = fitting(DID, [f"https://{letter * 60}.{letter * 60}.example" for letter in "abcdefgh"], "名" * 120)
    assert len(write(card)) <= MAX_CHARACTERS
    assert "<svg" in qr_svg(write(card), level="l")


def test_a_card_file_says_what_it_is_and_is_read_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("cards") / f"永泰{cards.FILE_ENDING}"
    text = cards.file_text(CARD, ("sun dragon draft scheme", "雕 举 防 伐"))
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        file.write_bytes(text.encode(encoding))
        assert read(file.read_bytes()) == CARD
    assert "雕 举 防 伐" in text
    assert "http://192.168.1.7:8440/mill" in text
    assert text.splitlines()[0] == LINE
