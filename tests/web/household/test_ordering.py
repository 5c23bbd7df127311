"""Reading an order as it was typed, on phones, in every way people type."""

import pytest

from millpond.community.group import GroupOrder, Item, Offer, Option, OptionKind, Tier
from millpond.desk.room import PickupPoint
from millpond.web.forms import Form
from millpond.web.household.offering import Offering
from millpond.web.household.ordering import Line, Typed, filled_from, one_more_line, read_order
from millpond.web.words import Words

SIZE = Option(key="o0", label="Size", kind=OptionKind.CHOICE, choices=("S", "M"), required=True)
LENGTH = Option(key="o1", label="Length", kind=OptionKind.NUMBER)
GROUP = GroupOrder(
    id="1",
    currency="CNY",
    items=(
        Item(id="1", family="rice", name="Rice", unit="bag", reference=7_500, case_size=6),
        Item(id="2", family="oil", name="Oil", unit="bottle", reference=6_000),
        Item(id="3", family="apron", name="Apron", reference=3_000, options=(SIZE, LENGTH)),
    ),
    offer=Offer(maker="The mill", tiers=(Tier(from_quantity=1, price=1_000),), capacity=100),
)


LIMITS = {"1": 7_500, "2": 6_000, "3": 3_000}


def offering(points: tuple[int, ...] = ()) -> Offering:
    places = [PickupPoint(id=id, name=f"point {id}") for id in points]
    return Offering(GROUP, {}, Words("en"), limits=LIMITS, points=places)


def read(points: tuple[int, ...] = (), **fields: str) -> tuple[Typed | None, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in {"name": "Li", **fields}.items()}
    form = Form(named.items(), Words("en"), "CNY")
    return read_order(form, offering(points)), form.wrong


def test_a_quantity_and_a_name_are_enough() -> None:
    typed, wrong = read(q_1_1="2")
    assert wrong == {}
    assert typed == Typed(
        name="Li", phone="", note="", point=None, lines=(Line(item="1", quantity=2, limit=7_500),)
    )


def test_everything_under_more() -> None:
    typed, wrong = read(
        q_1_1="２", l_1="６８.５", m_1="4", f_1="9", s_1="2", phone="138 0000 0000", note=" hi \n"
    )
    assert wrong == {}
    assert typed is not None
    assert typed.lines == (Line(item="1", quantity=2, limit=6_850, more=4, fewer=2, substitute="2"),)
    assert (typed.phone, typed.note) == ("138 0000 0000", "hi")


def test_tolerance_is_for_items_in_cases_only() -> None:
    typed, _ = read(q_2_1="2", m_2="4", f_2="1")
    assert typed is not None
    assert typed.lines == (Line(item="2", quantity=2, limit=6_000),)


def test_lines_of_one_item_have_their_own_answers() -> None:
    typed, wrong = read(q_3_1="1", o_3_1_o0="S", q_3_2="", q_3_3="2", o_3_3_o0="M", o_3_3_o1="９２")
    assert wrong == {}
    assert typed is not None
    assert [(line.quantity, dict(line.options)) for line in typed.lines] == [
        (1, {"o0": "S"}),
        (2, {"o0": "M", "o1": "92"}),
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "q-1-1"),
        ({"q_1_1": "0"}, "q-1-1"),
        ({"q_1_1": "a few"}, "q-1-1"),
        ({"q_1_1": "-1"}, "q-1-1"),
        ({"q_1_1": "13800000000"}, "q-1-1"),
        ({"q_1_1": "1", "name": "  "}, "name"),
        ({"q_1_1": "1", "name": "x" * 41}, "name"),
        ({"q_1_1": "1", "phone": "ask me"}, "phone"),
        ({"q_1_1": "1", "l_1": "cheap"}, "l-1"),
        ({"q_1_1": "1", "l_1": "-1"}, "l-1"),
        ({"q_1_1": "1", "m_1": "1.5"}, "m-1"),
        ({"q_1_1": "1", "s_1": "1"}, "s-1"),
        ({"q_1_1": "1", "s_1": "99"}, "s-1"),
        ({"q_3_1": "1"}, "o-3-1-o0"),
        ({"q_3_1": "1", "o_3_1_o0": "XXL"}, "o-3-1-o0"),
        ({"q_3_1": "1", "o_3_1_o0": "S", "o_3_1_o1": "long"}, "o-3-1-o1"),
        ({"q_1_1": "1", "points": "two"}, "point"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(fields: dict[str, str], field: str) -> None:
    points = (4, 5) if fields.pop("points", "") else ()
    typed, wrong = read(points, **fields)
    assert typed is None
    assert list(wrong) == [field]
    assert wrong[field]


def test_the_only_pickup_point_needs_no_choice() -> None:
    assert read((4,), q_1_1="1")[0] is not None
    typed, _ = read((4, 5), q_1_1="1", point="5")
    assert typed is not None
    assert typed.point == 5
    assert read((4, 5), q_1_1="1", point="6")[1].keys() == {"point"}


def test_an_order_is_typed_again_as_it_was_read() -> None:
    fields = {
        "q_1_1": "2",
        "l_1": "68.50",
        "m_1": "4",
        "s_1": "2",
        "q_3_1": "1",
        "o_3_1_o0": "S",
        "q_3_2": "2",
        "o_3_2_o0": "M",
    }
    typed, _ = read(**fields)
    assert typed is not None
    assert filled_from(typed.lines, offering()) == {
        name.replace("_", "-"): value for name, value in fields.items()
    }


def test_one_more_line_is_no_order() -> None:
    form = Form({"add": "3", "q-3-1": "1", "q-3-2": ""}.items(), Words("en"))
    assert one_more_line(form, offering())
    assert "q-3-3" in form.typed
    for item in ("1", "", "99"):
        assert not one_more_line(Form({"add": item}.items(), Words("en")), offering())
