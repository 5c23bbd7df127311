"""Measures against figures worked out by hand, against their definitions, and what must always hold."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from millpond.equality import inequality as measures

MEASURES = {
    "gini": measures.gini,
    "theil": measures.theil,
    "atkinson 0.5": lambda values, weights=None: measures.atkinson(values, 0.5, weights),
    "atkinson 1": lambda values, weights=None: measures.atkinson(values, 1, weights),
    "atkinson 2": lambda values, weights=None: measures.atkinson(values, 2, weights),
}

amounts = st.floats(min_value=1e-3, max_value=1e6)
weights_ = st.floats(min_value=1e-2, max_value=1e4)
samples = st.lists(st.tuples(amounts, weights_), min_size=1, max_size=30)


def split(sample):
    return [x for x, _ in sample], [w for _, w in sample]


def test_gini_by_hand():
    # |1−3| counted twice = 4, over 2 · mean 2 · 2² = 16.
    assert measures.gini([1, 3]) == pytest.approx(0.25)
    # One of four has all: 1 − 1/4.
    assert measures.gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert measures.gini([1, 3], [3, 1]) == pytest.approx(measures.gini([1, 1, 1, 3]))
    assert measures.gini([0, 0]) == 0


def test_theil_by_hand():
    # Two people, one has all: ln 2. Values 1 and 3: ½·½·ln ½ + ½·1.5·ln 1.5.
    assert measures.theil([0, 5]) == pytest.approx(math.log(2))
    assert measures.theil([1, 3]) == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5))


def test_theil_decomposition_by_hand():
    # Two groups, equal inside: all of it is between. Means 1 and 3, shares ¼ and ¾.
    split_by_size = measures.theil_decomposition([1, 1, 3, 3], ["small", "small", "big", "big"])
    assert split_by_size.within == 0
    assert split_by_size.between == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5))
    # The same values dealt so that both groups are alike: all of it is within.
    alike = measures.theil_decomposition([1, 3, 1, 3], ["a", "a", "b", "b"])
    assert alike.between == pytest.approx(0)
    assert alike.within == pytest.approx(measures.theil([1, 3]))


def test_atkinson_by_hand():
    # ε = 1: 1 − geometric mean / mean = 1 − 2/2.5. ε = 0.5: (mean of roots)² = 2.25. ε = 2: harmonic mean
    # 1.6.
    assert measures.atkinson([1, 4], 1) == pytest.approx(0.2)
    assert measures.atkinson([1, 4], 0.5) == pytest.approx(1 - 2.25 / 2.5)
    assert measures.atkinson([1, 4], 2) == pytest.approx(1 - 1.6 / 2.5)
    assert measures.atkinson([0, 4], 1) == 1
    assert measures.atkinson([0, 4], 0.5) == pytest.approx(0.5)


def test_percentiles_by_hand():
    tens = list(range(10, 110, 10))
    assert measures.percentile(tens, 90) == 90
    assert measures.percentile(tens, 10) == 10
    assert measures.percentile_ratio(tens) == 9
    assert measures.percentile([1, 100], 90, [95, 5]) == 1
    assert measures.percentile([1, 100], 96, [95, 5]) == 100
    assert measures.percentile_ratio([0, 7]) == math.inf


def test_herfindahl_by_hand():
    assert measures.herfindahl([5, 5]) == pytest.approx(0.5)
    assert measures.herfindahl([60, 30, 10]) == pytest.approx(0.46)
    assert measures.herfindahl([]) == 0


@pytest.mark.parametrize(
    ("values", "weights", "part"),
    [
        ([], None, "at least one"),
        ([1, -1], None, r"values\[1\] is -1"),
        ([1, math.nan], None, r"values\[1\] is nan"),
        ([1], [0], r"weights\[0\] is 0"),
        ([1, 2], [1], "2 values, but 1 weights"),
    ],
)
def test_what_it_refuses(values, weights, part):
    with pytest.raises(ValueError, match=part):
        measures.gini(values, weights)


@given(samples)
def test_gini_is_its_definition(sample):
    values, weights = split(sample)
    total, average = sum(weights), measures.mean(values, weights)
    by_pairs = sum(v * w * abs(x - y) for x, v in sample for y, w in sample) / (2 * average * total**2)
    assert measures.gini(values, weights) == pytest.approx(by_pairs, abs=1e-9)


@pytest.mark.parametrize("name", MEASURES)
@given(sample=samples, scale=st.floats(min_value=1e-3, max_value=1e3))
def test_scale_changes_nothing(name, sample, scale):
    values, weights = split(sample)
    measure = MEASURES[name]
    expected = measure(values, weights)
    assert measure([x * scale for x in values], weights) == pytest.approx(expected, abs=1e-9)
    assert measure(values, [w * scale for w in weights]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", MEASURES)
@given(value=amounts, weights=st.lists(weights_, min_size=1, max_size=20))
def test_equal_values_are_not_unequal(name, value, weights):
    assert MEASURES[name]([value] * len(weights), weights) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in MEASURES if name != "theil"])
@given(sample=samples)
def test_between_nought_and_one(name, sample):
    assert 0 <= MEASURES[name](*split(sample)) <= 1


@given(samples)
def test_theil_is_at_most_log_of_the_rarest_share(sample):
    values, weights = split(sample)
    assert 0 <= measures.theil(values, weights) <= math.log(sum(weights) / min(weights)) + 1e-9


@pytest.mark.parametrize("name", MEASURES)
@given(sample=samples, first=st.integers(0, 29), second=st.integers(0, 29), part=st.floats(0.05, 0.95))
def test_giving_to_who_has_less_makes_it_less_unequal(name, sample, first, second, part):
    """The Pigou–Dalton principle, with equal weights."""
    values, _ = split(sample)
    first, second = first % len(values), second % len(values)
    assume(values[first] < values[second])
    before = MEASURES[name](values)
    gift = (values[second] - values[first]) / 2 * part
    values[first] += gift
    values[second] -= gift
    assert MEASURES[name](values) <= before + 1e-9


@given(st.lists(st.tuples(amounts, weights_, st.sampled_from("abcd")), min_size=1, max_size=30))
def test_theil_parts_sum_to_the_whole(sample):
    values, weights, groups = (list(column) for column in zip(*sample, strict=True))
    parts = measures.theil_decomposition(values, groups, weights)
    assert parts.within >= 0
    assert parts.between >= 0
    assert parts.within + parts.between == pytest.approx(parts.total, abs=1e-9)
    assert parts.total == pytest.approx(measures.theil(values, weights))


@given(samples, st.floats(min_value=0.1, max_value=0.9))
def test_splitting_a_weight_changes_nothing(sample, part):
    values, weights = split(sample)
    halves = [*values, values[0]], [weights[0] * part, *weights[1:], weights[0] * (1 - part)]
    for measure in MEASURES.values():
        assert measure(*halves) == pytest.approx(measure(values, weights), abs=1e-9)


@given(samples, st.floats(min_value=0, max_value=100))
def test_percentile_covers_its_share(sample, percent):
    values, weights = split(sample)
    point = measures.percentile(values, percent, weights)
    assert point in values
    total = sum(weights)
    assert sum(w for x, w in sample if x <= point) >= total * percent / 100 * (1 - 1e-9)
    assert sum(w for x, w in sample if x < point) <= total * percent / 100 * (1 + 1e-9)
