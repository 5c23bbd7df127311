"""Scenario files: what ships is complete, and whatever is wrong is one message that names the field."""

from pathlib import Path

import pytest

from millpond.errors import InputError
from millpond.replay import NAMES, prepare
from millpond.replay.scenario import MOST_BYTES, default_text, open_scenario, read_terms, scenario_text, told

WRONG = {
    "no TOML": (("[terms]", "[terms"), "is not TOML"),
    "unknown field": (("setup = 600", "setup = 600\nset_up = 1"), "terms.set_up: no such field"),
    "unknown table": (("[orders]", "[other]\n[orders]"), "other: no such field"),
    "missing": (("setup = 600 ", ""), "terms.setup: is missing"),
    "float": (("setup = 600 ", "setup = 6.5 "), "terms.setup: 6.5 is not an integer"),
    "boolean": (("setup = 600 ", "setup = true "), "terms.setup: True is not an integer"),
    "text": (("setup = 600 ", 'setup = "600" '), "terms.setup: '600' is not an integer"),
    "too much": (
        ("freight_pooled = 100", "freight_pooled = 101"),
        "terms.freight_pooled: 101 is not from 0 to 100",
    ),
    "weeks": (("[27, 30]", "[30, 27]"), "orders.weeks: [30, 27] is not a first and a last week"),
    "one week": (("[27, 30]", "[27]"), "orders.weeks: [27] is not a first and a last week"),
    "no list": (("[27, 30]", "27"), "orders.weeks: 27 is not a list"),
    "empty text": (('"FUEL"', '""'), "orders.leave_out[0]: '' is not a text"),
    "no table": (("[package.means]", "[[package.means]]"), "package.means: "),
    "ladder": (
        ("percent = 75", "percent = 80"),
        "terms.ladder[1]: a step must start at a larger run and be cheaper",
    ),
    "too few towns": (('states = ["OH"]', 'states = ["DE"]'), "places.states: "),
    "no town so large": (
        ("maker_least_population = 20000", "maker_least_population = 9999999"),
        "places.maker_",
    ),
    "no order": (("product_types = 60", "product_types = 1\n#"), ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_what_ships_can_be_read_and_told(name: str) -> None:
    text = default_text(name)
    assert read_terms(open_scenario(text, name)).capacity_percent >= 100
    assert [line.partition(":")[0] for line in told(text)] == list(dict.fromkeys(_tables(text)))


def _tables(text: str) -> list[str]:
    heads = (line for line in text.splitlines() if line.startswith("["))
    return [head.strip("[]").partition("]")[0].partition(".")[0].strip() for head in heads]


@pytest.mark.parametrize("what", [key for key in WRONG if key != "no order"])
def test_what_is_wrong_is_one_message(what: str) -> None:
    (old, new), message = WRONG[what]
    text = default_text("baskets")
    assert old in text
    with pytest.raises(InputError) as refusal:
        prepare("baskets", text.replace(old, new), "mine.toml", None)
    assert str(refusal.value).startswith(f"mine.toml: {message}")
    assert "\n" not in str(refusal.value)


def test_a_scenario_that_cannot_be_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    for data, message in (
        (b"\xff", "is not UTF-8 (byte 0)"),
        (b"#" * (MOST_BYTES + 1), "is 1,048,577 bytes"),
    ):
        bad.write_bytes(data)
        with pytest.raises(InputError, match="^" + str(bad)) as refusal:
            scenario_text(bad)
        assert message in str(refusal.value)
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(InputError, match="cannot be read"):
            scenario_text(path)


def test_brackets_without_end_are_no_scenario() -> None:
    with pytest.raises(InputError, match="is not TOML"):
        open_scenario("a = " + "[" * 100_000, "deep.toml")
