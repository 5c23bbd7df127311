"""Clearings: their form, and certificates as deep as the format allows."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_rounds import encoded, example_clearing

from millpond.errors import InputError
from millpond.model import (
    MAX_LEAVES,
    Branch,
    Certificate,
    Leaf,
    encode_clearing,
    fraction_text,
    preorder,
    read_clearing,
    read_fraction,
)


def chain(leaves: int, *, lean: str) -> Leaf | Branch:
    """A tree of this many leaves that is as deep as it can be."""
    tree: Leaf | Branch = Leaf(lines={"d1": 0})
    for tier in range(1, leaves):
        leaf = Leaf(runs=tier)
        low, high = (tree, leaf) if lean == "low" else (leaf, tree)
        tree = Branch(offer="o", tier=tier, low=low, high=high)
    return tree


def bushy(depth: int) -> Leaf | Branch:
    if depth == 0:
        return Leaf()
    half = bushy(depth - 1)
    return Branch(offer="o", tier=depth, low=half, high=half)


def with_tree(tree: Any) -> bytes:
    """The example clearing with this text of a tree: the standard library would not write a deep one."""
    plain = example_clearing()
    plain["certificate"]["tree"] = "HERE"
    return encoded(plain).replace(b'"HERE"', tree)


def test_read_and_written_again_it_is_the_same() -> None:
    clearing = read_clearing(encoded(example_clearing()))
    assert read_clearing(encode_clearing(clearing)) == clearing
    assert json.loads(encode_clearing(clearing))["prices"] == example_clearing()["prices"]
    assert clearing.levels[0].level == Fraction(7163, 2)
    assert clearing.certificate.tree.low.tiers == {"o1": (-1, 2)}  # type: ignore[union-attr]


@pytest.mark.parametrize("lean", ["low", "high"])
def test_the_deepest_certificate_is_read_written_walked_and_compared(lean: str) -> None:
    tree = chain(MAX_LEAVES, lean=lean)
    assert sum(1 for _ in preorder(tree)) == 2 * MAX_LEAVES - 1
    clearing = read_clearing(encoded(example_clearing()))
    deep = type(clearing)(
        **{name: getattr(clearing, name) for name in clearing.__slots__ if name != "certificate"},
        certificate=Certificate(scale=1, tree=tree),
    )
    again = read_clearing(encode_clearing(deep))
    assert again == deep
    assert again != clearing
    assert again.certificate.tree != chain(MAX_LEAVES - 1, lean=lean)
    assert "Branch" in repr(again)
    assert isinstance(hash(again.certificate.tree), int)


def test_preorder_goes_low_first() -> None:
    tree = Branch(
        offer="a", tier=0, low=Branch(offer="b", tier=0, low=Leaf(), high=Leaf(runs=1)), high=Leaf(runs=2)
    )
    shown = [node.offer if isinstance(node, Branch) else node.runs for node in preorder(tree)]
    assert shown == ["a", "b", 0, 1, 2]


def test_equality_sees_every_node() -> None:
    one, other = bushy(3), bushy(3)
    assert one == other
    assert one != bushy(2)
    assert Branch(offer="o", tier=0, low=Leaf(), high=Leaf(runs=1)) != Branch(
        offer="o", tier=0, low=Leaf(), high=Leaf()
    )
    assert Branch(offer="o", tier=0, low=Leaf(), high=one) != Branch(offer="o", tier=0, low=one, high=Leaf())


def test_one_leaf_too_many_is_refused_everywhere() -> None:
    Certificate(scale=1, tree=bushy(12))
    one_more = Branch(offer="o", tier=0, low=Leaf(), high=bushy(12))
    with pytest.raises(InputError, match=r"tree: 4,097 leaves are too many"):
        Certificate(scale=1, tree=one_more)
    text = b"{}"
    for _ in range(12):
        text = b'{"offer": "o", "tier": 0, "low": ' + text + b', "high": ' + text + b"}"
    read_clearing(with_tree(text))
    too_many = b'{"offer": "o", "tier": 0, "low": {}, "high": ' + text + b"}"
    with pytest.raises(InputError, match=r"certificate\.tree: more than 4,096 leaves"):
        read_clearing(with_tree(too_many))


def test_a_defect_deep_in_a_tree_has_a_path_of_bearable_length() -> None:
    text = b'{"runs": 0.5}'
    for _ in range(4_000):
        text = b'{"offer": "o", "tier": 0, "low": {}, "high": ' + text + b"}"
    with pytest.raises(InputError) as caught:
        read_clearing(with_tree(text))
    assert "certificate.tree.high.high" in str(caught.value)
    assert "… " in str(caught.value)
    assert str(caught.value).endswith("high.runs: 0.5 is not an integer from 0 to 10^60")
    assert len(str(caught.value)) < 400


@given(st.fractions())
def test_fractions_are_read_as_they_are_written(value: Fraction) -> None:
    assert read_fraction(fraction_text(value)) == value
    assert fraction_text(value) == str(value)


def test_fractions_may_be_longer_than_python_reads_at_once() -> None:
    value = Fraction(3**20_000, 2**20_000)
    text = fraction_text(-value)
    assert len(text) > 15_000
    assert read_fraction(text) == -value
