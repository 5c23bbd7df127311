"""What a group order offers: prices now and next, what is saved, and the sentence beside the picture."""

from dataclasses import replace

import pytest

from millpond.community.group import Fee, GroupOrder, Item, Offer, Option, OptionKind, Tier
from millpond.web.household.offering import MOST_LINES, Offering
from millpond.web.words import Words

RICE = Item(id="1", family="rice", name="Rice", unit="bag", reference=7_500)
TEN = Item(id="2", family="rice", name="Rice", variant="10 kg", unit="bag", surcharge=5_000)
OFFER = Offer(
    maker="The mill",
    tiers=(Tier(from_quantity=20, price=7_200), Tier(from_quantity=100, price=5_800)),
    capacity=400,
)
GROUP = GroupOrder(id="1", currency="CNY", items=(RICE,), offer=OFFER, fee=Fee(per_unit=50))


def offering(units: dict[str, int], group: GroupOrder = GROUP, language: str = "en", cap: int | None = None):
    return Offering(group, units, Words(language), cap_units=cap)


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        (0, "20 bags more, then it will be made, at ¥72.00 each."),
        (19, "1 bag more, then it will be made, at ¥72.00 each."),
        (62, "38 bags more, then everybody pays ¥58.00 instead of ¥72.00."),
        (100, "100 bags so far: the best price is reached, for everybody."),
        (401, "401 bags are wanted, more than can be made. Who gets how much is decided at the close."),
    ],
)
def test_the_sentence_says_how_far_it_is(units: int, sentence: str) -> None:
    assert offering({"1": units}).sentence == sentence


def test_with_several_items_one_is_named() -> None:
    both = replace(GROUP, items=(RICE, TEN))
    assert offering({"1": 60, "2": 2}, both).sentence == (
        "38 bags more, then everybody pays less: ¥58.00 instead of ¥72.00 for Rice."
    )
    assert offering({}, both, "zh").sentence == "再来 20 bag 就成团，Rice ¥72.00。"


def test_prices_now_and_next_and_what_is_saved() -> None:
    (rice,) = offering({"1": 62}).items
    assert (rice.now, rice.next, rice.saved_now, rice.saved_next) == (7_200, 5_800, 300, 1_700)
    (early,) = offering({}).items
    assert (early.now, early.next, early.saved_now, early.saved_next) == (None, 7_200, 0, 300)
    assert early.reckoned == 7_200
    (last,) = offering({"1": 100}).items
    assert (last.now, last.next) == (5_800, None)


def test_units_of_an_item_that_is_withdrawn_do_not_break_the_page() -> None:
    assert offering({"1": 10, "77": 5}).outlook.units == 10


def test_every_price_by_amount() -> None:
    both = replace(GROUP, items=(RICE, TEN))
    assert offering({"1": 62}, both).prices == [("Rice", [7_200, 5_800]), ("Rice 10 kg", [12_200, 10_800])]
    marks = offering({"1": 62}, both).picture.marks
    assert [offering({"1": 62}, both).mark_price(mark) for mark in marks] == [
        "¥72.00 and up",
        "¥58.00 and up",
    ]


def test_a_tier_above_the_capacity_is_not_promised() -> None:
    small = replace(GROUP, offer=replace(OFFER, capacity=90))
    assert [mark.from_quantity for mark in offering({"1": 62}, small).picture.marks] == [20]
    assert offering({"1": 62}, small).next_from == 0


def test_a_withdrawn_item_still_fills_the_pool() -> None:
    both = replace(GROUP, items=(RICE, TEN))
    page = Offering(both, {"1": 60, "2": 2}, Words("en"), withdrawn=frozenset({"2"}))
    assert [offered.item.id for offered in page.items] == ["1"]
    assert page.outlook.units == 62
    gone = Offering(both, {}, Words("en"), withdrawn=frozenset({"1", "2"}))
    assert len(gone.items) == 2, "a page of nothing would say nothing"


def test_few_left_is_said() -> None:
    assert offering({"1": 62}).left_note == ""
    assert offering({"1": 399}).left_note == "Only 1 bag left."
    assert offering({"1": 400}).left_note == "Everything is taken."
    assert offering({"1": 62}, cap=70).left_note == "Only 8 bags left."
    assert offering({"1": 75}, cap=70).left == 0


def test_the_fee_stands_beside_the_price() -> None:
    assert offering({}).fee_text == "The leader’s fee beside it: ¥0.50 for each."
    assert offering({}, replace(GROUP, fee=Fee())).fee_text == ""


def test_a_form_shows_as_many_lines_as_are_filled() -> None:
    apron = replace(RICE, options=(Option(key="o0", label="Size", kind=OptionKind.TEXT),))
    (shown,) = offering({}, replace(GROUP, items=(apron,))).items
    assert shown.lines(None, {}) == 1
    assert shown.lines(None, {"q-1-1": "1", "q-1-3": "2", "q-11-9": "2"}) == 3
    assert shown.lines(None, {"q-1-999": "1"}) == MOST_LINES
    (plain,) = offering({}).items
    assert plain.lines(None, {"q-1-3": "2"}) == 1, "without options one line is enough"
