"""Last part of a report: how good the clearing is proven to be, what is assumed, what moves with it."""

from dataclasses import dataclass

from markupsafe import Markup

from millpond.model import Leaf, preorder
from millpond.report import charts
from millpond.report.compared import Way
from millpond.report.study import Study, Variant
from millpond.report.wording import Words

_VARIANTS = {
    "same": ("这一轮", "this round"),
    "no_discount": ("量大不便宜", "no discount"),
    "freight_half": ("运费减半", "half freight"),
    "freight_more": ("运费加一半", "1.5 × freight"),
    "setup_double": ("开机费翻倍", "2 × setup"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """The round under another assumption; None: cannot be said, without a clearing or a basket."""

    name: str
    finished: bool
    gap: float | None
    served: float
    cost: float | None
    gini: float | None
    change: float | None


def proof(study: Study) -> dict[str, object]:
    """What the template `proof.html` shows."""
    clearing = study.clearing
    leaves = sum(isinstance(node, Leaf) for node in preorder(clearing.certificate.tree))
    return {
        "better": max(0, clearing.bound - clearing.score),
        "share": (clearing.bound - clearing.score) / abs(clearing.score) if clearing.score else None,
        "proven_best": clearing.bound <= clearing.score,
        "leaves": leaves,
        "scale": clearing.certificate.scale,
    }


def assumptions(study: Study, w: Words) -> dict[str, object]:
    """What the template `assumptions.html` shows of the round under other assumptions."""
    rows = [_row(variant, study, w) for variant in study.variants]
    whole = study.ways.get(Way.WHOLE)
    same = Variant(name="same", clearing=study.clearing, basket=whole)
    return {"rows": [_row(same, study, w), *rows] if rows else [], "chart": _chart(rows, w)}


def _row(variant: Variant, study: Study, w: Words) -> VariantRow:
    told = variant.clearing is not None and variant.finished
    return VariantRow(
        name=w.t(*_VARIANTS[variant.name]),
        finished=variant.finished,
        gap=float(variant.clearing.gap) if variant.clearing else None,
        served=variant.served / study.total.wanted if told and study.total.wanted else 0.0,
        cost=variant.basket.by_size[None].amount if variant.basket else None,
        gini=variant.basket.gini if variant.basket else None,
        change=variant.change,
    )


def _chart(rows: list[VariantRow], w: Words) -> Markup | None:
    bars = [
        {"group": row.name, "amount": row.change, "text": w.percent(row.change, signed=True)}
        for row in rows
        if row.change is not None
    ]
    if not bars:
        return None
    name = w.t("换一种假设，篮子的价格变多少", "How the basket's price moves with assumptions")
    return charts.diverging(bars, [str(bar["group"]) for bar in bars], name)
