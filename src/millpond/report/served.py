"""First part of a report: who was served, who was not, and why."""

from dataclasses import dataclass
from math import cos, radians

from markupsafe import Markup

from millpond.equality.outcomes import Outcome, Reason
from millpond.equality.pools import sample
from millpond.model import Place
from millpond.report import charts
from millpond.report.study import SizeRow, Study
from millpond.report.wording import Words, shortened

MOST_PLACES = 12
"""Places named one by one; a longer list is for a file, not for a page."""
MOST_ON_MAP = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRow:
    """A place, the units it got and did not get, and the reason that most of these have."""

    place: str
    got: int
    missing: int
    reason: Reason


def served(study: Study, w: Words) -> dict[str, object]:
    """What the template `served.html` shows."""
    reasons = [reason for reason in Reason if study.total.units.get(reason)]
    rows = [study.total, *study.rows] if len(study.rows) > 1 else [study.total]
    wanting = [row for row in study.rows if row.wanted]
    ordered = sorted(wanting, key=lambda row: (row.share(Reason.SERVED), row.size))
    missing = _missing(study)
    return {
        "reasons": reasons,
        "rows": rows,
        "least": ordered[0] if len(ordered) > 1 else None,
        "most": ordered[-1] if len(ordered) > 1 else None,
        "missing": missing[:MOST_PLACES],
        "missing_more": len(missing) - MOST_PLACES,
        "chart": _chart(rows, reasons, w),
        "map": _map(study, w),
    }


def _chart(rows: list[SizeRow], reasons: list[Reason], w: Words) -> Markup | None:
    bars = [
        {
            "group": w.size(row.size),
            "reason": reason.value,
            "order": order,
            "share": row.share(reason),
            "text": w.percent(row.share(reason))
            if reason is Reason.SERVED and row.share(reason) > 0.2
            else "",
        }
        for row in rows
        if row.wanted
        for order, reason in enumerate(reasons)
    ]
    if not bars:
        return None
    groups = [w.size(row.size) for row in rows if row.wanted]
    name = w.t("各类地方买到和没买到的比例", "Shares served and not served, by town size")
    return charts.stacked(bars, groups, [reason.value for reason in reasons], name)


def _missing(study: Study) -> list[MissingRow]:
    """Places that did not get all they wanted, by how much is missing."""
    of_place: dict[str, list[Outcome]] = {}
    for outcome in study.outcomes:
        of_place.setdefault(outcome.line.place, []).append(outcome)
    rows = []
    for place, found in of_place.items():
        units = {reason: sum(outcome.units.get(reason, 0) for outcome in found) for reason in Reason}
        got = units.pop(Reason.SERVED)
        if sum(units.values()):
            reason = max(units, key=lambda reason: units[reason])
            rows.append(MissingRow(place=place, got=got, missing=sum(units.values()), reason=reason))
    return sorted(rows, key=lambda row: (-row.missing, row.place))


def _map(study: Study, w: Words) -> Markup | None:
    """Where the places are and what they got; None with fewer than three that have coordinates."""
    wanted: dict[str, int] = {}
    got: dict[str, int] = {}
    for outcome in study.outcomes:
        place = outcome.line.place
        wanted[place] = wanted.get(place, 0) + outcome.line.quantity
        got[place] = got.get(place, 0) + outcome.units.get(Reason.SERVED, 0)
    located = {
        place.id: point for place in study.round.places if place.id in wanted and (point := _point(place))
    }
    if len(located) < 3:
        return None
    shrink = cos(radians(sum(y for _, y in located.values()) / len(located)))
    shown = sample(sorted(located, key=lambda id: (-wanted[id], id)), MOST_ON_MAP)
    points = {id: (located[id][0] * shrink, located[id][1]) for id in shown}
    marks = [
        charts.Mark(
            x=points[id][0],
            y=points[id][1],
            state=_state(got[id] / wanted[id]),
            units=wanted[id],
            label=shortened(w.place(id)),
        )
        for id in shown
    ]
    name = w.t("地图：每个地方买到了多少", "Map: how much each place got")
    return charts.town_map(marks, name)


def _state(share: float) -> str:
    return "most" if share >= 0.75 else "some" if share >= 0.25 else "little"


def _point(place: Place) -> tuple[float, float] | None:
    if place.longitude_microdeg is None or place.latitude_microdeg is None:
        return None
    return place.longitude_microdeg / 1e6, place.latitude_microdeg / 1e6
