"""The report's plots: Altair charts as inline SVG that takes its colours and letters from the page.

- A chart is drawn 340 units wide, for a phone; it may be shown larger, never smaller than it is drawn.
- Colours are keys: the page's style sheet maps each to what suits light and dark (`svg [fill="#…"]`).
- Every chart has a sentence and a table beside it that say the same; to a screen reader it is one image with
  a name.
- Axis room is fixed, not measured: the machine that draws need not have the fonts of the one that shows.

What it does not do: choose words or round figures for people; what is written in a chart is handed in.
"""

import re
from collections.abc import Mapping, Sequence
from math import inf, isfinite
from typing import Any, NamedTuple
from unicodedata import east_asian_width

import altair as alt
import vl_convert
from markupsafe import Markup, escape

WIDTH = 340
MAP_HEIGHT, MARGIN, MOST_LABELS = 300, 30, 10
BARS = 150
"""Where the bars of `diverging` end and the room for their figures begins."""
INK, FAINT, GRID, PAPER = "#222222", "#666666", "#dddddd", "#fffffe"
PLAIN, GAIN, LOSS = "#0b7a77", "#0b7a74", "#b3421b"
REASONS = {
    "served": "#0b7a75",
    "price": "#b8730f",
    "undelivered": "#7a4fb0",
    "capacity": "#2f66c4",
    "no_run": "#8a7a00",
    "other": "#767676",
}
SIZES = ["#b3421c", "#b8730e", "#0b7a76", "#2f66c5", "#767677"]
PAGE_COLOURS = [
    (INK, "--ink"),
    (FAINT, "--faint"),
    (GRID, "--line"),
    (PAPER, "--on"),
    (PLAIN, "--water"),
    (GAIN, "--water"),
    (LOSS, "--loss"),
    *((colour, f"--{reason.replace('_', '-')}") for reason, colour in REASONS.items()),
    *zip(SIZES, ("--village", "--price", "--water", "--capacity", "--other"), strict=True),
]
"""Each colour drawn with, and the page's colour it stands for."""
SHAPES = ["circle", "triangle-up", "square", "diamond", "cross"]
"""Colour and shape of each size, from villages on, so that nobody has to tell colours apart."""

Row = Mapping[str, Any]


def stacked(rows: Sequence[Row], groups: Sequence[str], reasons: Sequence[str], name: str) -> Markup:
    """Shares that make a whole, one bar for each group; rows: `group`, `reason`, `share` (0 … 1), `text`."""
    base = _chart(rows).encode(
        y=_groups(groups),
        x=alt.X(
            "share:Q",
            stack="zero",
            scale=alt.Scale(domain=[0, 1]),
            axis=_axis(format=".0%", values=[0, 0.5, 1]),
        ),
        order=alt.Order("order:Q"),
    )
    bars = base.mark_bar(size=22).encode(
        color=alt.Color(
            "reason:N",
            scale=alt.Scale(domain=list(reasons), range=[REASONS[reason] for reason in reasons]),
            legend=None,
        )
    )
    labels = base.transform_filter("datum.text != ''").mark_text(align="left", dx=6, color=PAPER)
    labels = labels.encode(x=alt.value(0), text="text:N")
    return _svg(bars + labels, name, 34 * len(groups))


def converging(rows: Sequence[Row], ways: Sequence[str], name: str) -> Markup:
    """A line for each size over the ways of buying; rows: `way`, `size` (a number), `amount`."""
    sizes = sorted({row["size"] for row in rows})
    shared = {
        "x": alt.X(
            "way:N", sort=list(ways), axis=_axis(labelAngle=0, labelLimit=0, labelPadding=8), title=None
        ),
        "y": alt.Y(
            "amount:Q", scale=alt.Scale(zero=False, nice=True, padding=8), axis=_axis(grid=True, tickCount=5)
        ),
        "color": _by_size(sizes),
    }
    base = _chart(rows)
    lines = base.mark_line(strokeWidth=2.5).encode(**shared)
    points = base.mark_point(size=70, filled=True, opacity=1).encode(
        **shared,
        shape=alt.Shape(
            "size:O", scale=alt.Scale(domain=sizes, range=[SHAPES[s] for s in sizes]), legend=None
        ),
    )
    return _svg(lines + points, name, 230, left=44)


def strips(rows: Sequence[Row], means: Sequence[Row], ways: Sequence[str], name: str) -> Markup:
    """A dot for each place and a tick for the mean, one line for each way.

    Rows: `group`, `amount`, `size`, `shift` (−0.5 … 0.5); means: `group`, `amount`.
    """
    sizes = sorted({row["size"] for row in rows})
    dots = (
        _chart(rows)
        .mark_point(filled=True, size=34, opacity=0.6)
        .encode(
            x=alt.X(
                "amount:Q",
                scale=alt.Scale(zero=False, nice=True, padding=8),
                axis=_axis(grid=True, tickCount=5),
            ),
            y=_groups(ways),
            yOffset=alt.YOffset("shift:Q", scale=alt.Scale(domain=[-0.7, 0.7])),
            color=_by_size(sizes),
            shape=alt.Shape(
                "size:O", scale=alt.Scale(domain=sizes, range=[SHAPES[size] for size in sizes]), legend=None
            ),
        )
    )
    means = _chart(means).mark_tick(size=34, thickness=3, color=INK).encode(x="amount:Q", y=_groups(ways))
    return _svg(dots + means, name, 46 * len(ways))


def ladders(rows: Sequence[Row], ticks: Sequence[Row], names: Sequence[str], name: str) -> Markup:
    """How far up its tiers each run got; rows: `run`, `share` of capacity, `text`; ticks: `run`, `share`."""
    base = _chart(rows)
    y = _groups(names, limit=98)
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, 1]), axis=_axis(format=".0%", values=[0, 0.5, 1]))
    room = base.mark_bar(size=18, color=GRID).encode(y=y, x=alt.X("full:Q"))
    made = base.mark_bar(size=18, color=PLAIN).encode(y=y, x=x)
    marks = _chart(ticks).mark_tick(size=26, thickness=2, color=INK).encode(y=y, x=x)
    return _svg(room + made + marks, name, 34 * len(names), left=128)


def diverging(rows: Sequence[Row], groups: Sequence[str], name: str) -> Markup:
    """Bars left (less) and right (more) of nothing, and figures; rows: `group`, `amount`, `text`."""
    reach = max((abs(row["amount"]) for row in rows), default=0) or 1
    across = alt.X("amount:Q", axis=None, scale=alt.Scale(domain=[-reach, reach], range=[4, BARS]))
    base = _chart(rows).encode(y=_groups(groups))
    bars = base.mark_bar(size=20).encode(
        x=across, color=alt.condition("datum.amount > 0", alt.value(LOSS), alt.value(GAIN))
    )
    middle = base.mark_rule(color=FAINT).encode(
        x=alt.value((4 + BARS) / 2), y=alt.value(0), y2=alt.value("height")
    )
    figures = base.mark_text(align="right").encode(x=alt.value("width"), text="text:N")
    return _svg(bars + middle + figures, name, 34 * len(groups))


def pairs(rows: Sequence[Row], groups: Sequence[str], name: str) -> Markup:
    """Two shares a group with a line between them; rows: `group`, `kind` ("wanted", "gain"), `share`."""
    base = _chart(rows).encode(y=_groups(groups, padding=12))
    x = alt.X("share:Q", axis=_axis(format=".0%", grid=True, tickCount=5))
    line = base.mark_line(color=FAINT, strokeWidth=2).encode(x=x, detail="group:N")
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=x,
        color=alt.Color(
            "kind:N", scale=alt.Scale(domain=["wanted", "gain"], range=[FAINT, PLAIN]), legend=None
        ),
        shape=alt.Shape(
            "kind:N", scale=alt.Scale(domain=["wanted", "gain"], range=["square", "circle"]), legend=None
        ),
    )
    return _svg(line + dots, name, 34 * len(groups))


class Mark(NamedTuple):
    """A place on a map: where, what it got ("most", "some", "little"), how much it wanted, its name."""

    x: float
    y: float
    state: str
    units: int
    label: str


def town_map(marks: Sequence[Mark], name: str) -> Markup:
    """Places where they are, larger where more is wanted; named as far as names do not lie on each other."""
    xs, ys = [mark.x for mark in marks], [mark.y for mark in marks]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    # One scale for both directions, the larger extent across the room there is.
    scale = min((WIDTH - 2 * MARGIN) / wide if wide else inf, MAP_HEIGHT / high if high else inf)
    scale = scale if isfinite(scale) else 1.0
    height = round(high * scale) + 2 * MARGIN
    left, top = (WIDTH - wide * scale) / 2 - min(xs) * scale, MARGIN + max(ys) * scale
    rows = [
        {**mark._asdict(), "x": left + mark.x * scale, "y": height - (top - mark.y * scale)} for mark in marks
    ]
    _keep_apart(rows)
    base = _chart(rows).encode(
        x=alt.X("x:Q", scale=alt.Scale(domain=[0, WIDTH]), axis=None),
        y=alt.Y("y:Q", scale=alt.Scale(domain=[0, height]), axis=None),
    )
    states = ["most", "some", "little"]
    colours = [PLAIN, REASONS["price"], REASONS["undelivered"]]
    dots = base.mark_point(filled=True, opacity=0.8).encode(
        size=alt.Size(
            "units:Q", scale=alt.Scale(range=[16, max(60, min(420, 9_000 // len(marks)))]), legend=None
        ),
        color=alt.Color("state:N", scale=alt.Scale(domain=states, range=colours), legend=None),
        shape=alt.Shape(
            "state:N", scale=alt.Scale(domain=states, range=["circle", "square", "cross"]), legend=None
        ),
    )
    labels = base.mark_text(dy=-16, limit=100).encode(text="label:N")
    return _svg(dots + labels, name, height, left=0, right=0, top=0, bottom=0)


def _keep_apart(rows: list[dict[str, Any]]) -> None:
    """Leave out names that would lie on one before them, or leave the map."""
    kept: list[tuple[float, float, float]] = []
    for row in rows:
        half = 4 + 3.4 * sum(2 if east_asian_width(letter) in "WF" else 1 for letter in row["label"])
        x, y = row["x"], row["y"]
        apart = all(abs(x - x2) > half + half2 or abs(y - y2) > 22 for x2, y2, half2 in kept)
        if apart and len(kept) < MOST_LABELS and half < x < WIDTH - half:
            kept.append((x, y, half))
        else:
            row["label"] = ""


def _chart(rows: Sequence[Row]) -> alt.Chart:
    return alt.Chart(alt.InlineData(list(rows)))


def _axis(**options: Any) -> alt.Axis:
    return alt.Axis(**{"title": None, "grid": False, "domain": False, "ticks": False, **options})


def _groups(groups: Sequence[str], padding: int = 6, limit: int = 74) -> alt.Y:
    return alt.Y("group:N", sort=list(groups), axis=_axis(labelLimit=limit, labelPadding=padding), title=None)


def _by_size(sizes: Sequence[int]) -> alt.Color:
    return alt.Color(
        "size:O", scale=alt.Scale(domain=list(sizes), range=[SIZES[s] for s in sizes]), legend=None
    )


def _svg(
    chart: alt.Chart | alt.LayerChart,
    name: str,
    height: int,
    left: int = 84,
    right: int = 16,
    top: int = 6,
    bottom: int = 24,
) -> Markup:
    """The chart as SVG of fixed width: to a screen reader one image with a name."""
    chart = chart.properties(
        width=WIDTH - left - right,
        height=height,
        padding={"left": left, "right": right, "top": top, "bottom": bottom},
        autosize=alt.AutoSizeParams(type="none"),
        background="transparent",
    ).configure(
        font="sans-serif",
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(labelColor=INK, labelFontSize=12, gridColor=GRID),
        text=alt.MarkConfig(color=INK, fontSize=12),
    )
    svg = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    svg = re.sub(r' (role|aria-\w+)="[^"]*"', "", svg)
    drawn = re.search(r'viewBox="([^"]*)"', svg)
    if drawn is None:
        raise AssertionError("vl-convert drew no view box")
    body = svg[svg.index(">") + 1 :]
    return Markup(f'<svg viewBox="{drawn[1]}" role="img" aria-label="{escape(name)}">{body}')
