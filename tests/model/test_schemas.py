"""The published schemas say what the code does, as far as JSON Schema can say it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from plain_rounds import encoded, example_clearing, example_round, mutated, plain_rounds

from millpond.errors import InputError
from millpond.model import encode_clearing, encode_round, read_clearing, read_round

GOLDEN = Path(__file__).parents[1] / "golden"

ROUND_RULES_BEYOND = (
    "ids are unique in their list",
    "of this round",
    "names an item once",
    "names a place once",
    "accepts an item once",
    "at most the line's quantity",
    "tiers rise strictly",
    "has one load",
    "could be worth",
    "could cost",
    "this one has 201)",  # 67 characters of 3 bytes
    "a date of the calendar",  # one with the right form
)
CLEARING_RULES_BEYOND = (
    "rows are in id order",
    "in lowest terms",  # 2/4
    "this one has 201)",
)


def schema(name: str) -> Draft202012Validator:
    text = files("millpond.model").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


ROUND = schema("millpond-round-1")
CLEARING = schema("millpond-clearing-1")


def refusal(read: Any, value: Any) -> str | None:
    try:
        read(encoded(value))
    except InputError as error:
        return str(error)
    return None


def agree(validator: Draft202012Validator, read: Any, beyond: tuple[str, ...], value: Any) -> None:
    """What the schema refuses the code refuses; what only the code refuses a schema can't say."""
    problem = refusal(read, value)
    if not validator.is_valid(value):
        assert problem is not None
    elif problem is not None:
        assert any(rule in problem for rule in beyond), problem


@pytest.mark.parametrize("validator", [ROUND, CLEARING], ids=["round", "clearing"])
def test_they_are_schemas(validator: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(validator.schema)


@given(plain_rounds())
def test_good_rounds_pass_both(plain: dict[str, Any]) -> None:
    round = read_round(encoded(plain))
    ROUND.validate(plain)
    ROUND.validate(json.loads(encode_round(round)))


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_golden_rounds_pass_both(path: Path) -> None:
    plain = json.loads(path.read_bytes())["round"]
    ROUND.validate(plain)
    read_round(encoded(plain))


@given(mutated(plain_rounds() | st.just(example_round())))
@settings(max_examples=400)
def test_round_schema_and_code_agree_about_defects(plain: dict[str, Any]) -> None:
    agree(ROUND, read_round, ROUND_RULES_BEYOND, plain)


def test_a_clearing_passes_both() -> None:
    plain = example_clearing()
    CLEARING.validate(plain)
    CLEARING.validate(json.loads(encode_clearing(read_clearing(encoded(plain)))))


@given(mutated(st.just(example_clearing())))
@settings(max_examples=400)
def test_clearing_schema_and_code_agree_about_defects(plain: dict[str, Any]) -> None:
    agree(CLEARING, read_clearing, CLEARING_RULES_BEYOND, plain)
