"""The page: a study worded in each language, as one file that asks nothing of a network."""

import re
from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from millpond.equality.outcomes import Reason
from millpond.report import charts
from millpond.report.compared import Way
from millpond.report.doubts import assumptions, proof
from millpond.report.equal import equal, gains
from millpond.report.made import made
from millpond.report.prices import cost_text, prices
from millpond.report.served import served
from millpond.report.study import Study
from millpond.report.terms import terms
from millpond.report.wording import LANGUAGES, Words, plain


def page(study: Study, version: str, texts: Mapping[str, Sequence[str]]) -> str:
    """The report as HTML; `texts` are the assumptions by language."""
    environment = Environment(
        loader=PackageLoader("millpond.report"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    article = environment.get_template("article.html")
    articles = [
        _tightened(article.render(_context(study, Words(language, study.round), texts)))
        for language in LANGUAGES
    ]
    style = environment.get_template("style.css").render(chart_colours=charts.PAGE_COLOURS)
    return environment.get_template("page.html").render(
        title=plain(study.round.id), version=version, style=Markup(style), articles=articles
    )


def _tightened(html: str) -> Markup:
    """What was rendered without its indents, and without spaces after Chinese punctuation."""
    return Markup(re.sub(r"(?<=[，。；：、）？！」])\s+(?=[^\s<])", "", re.sub(r"\s*\n\s*", "\n", html)))


def _context(study: Study, w: Words, texts: Mapping[str, Sequence[str]]) -> dict[str, object]:
    return {
        "study": study,
        "w": w,
        "texts": texts.get(w.language) or next(iter(texts.values()), ()),
        "Reason": Reason,
        "Way": Way,
        "is_served": Reason.SERVED,
        "by_price": Reason.PRICE,
        "undelivered": Reason.UNDELIVERED,
        "capacity": Reason.CAPACITY,
        "no_run": Reason.NO_RUN,
        "colours": charts.REASONS,
        "size_colours": charts.SIZES,
        "shapes": charts.SHAPES,
        "cost": lambda amount: cost_text(study, amount, w),
        "unit": w.currency_name if study.basket is None or study.basket.fixed else w.t("指数", "index"),
        "plain_text": plain,
        "plain": charts.PLAIN,
        "grid": charts.GRID,
        "ink": charts.INK,
        "faint": charts.FAINT,
        "loss": charts.LOSS,
        "gain": charts.GAIN,
        "served": served(study, w),
        "prices": prices(study, w),
        "made": made(study, w),
        "equal": equal(study, w),
        "gains": gains(study, w),
        "terms": terms(study, w),
        "proof": proof(study),
        "assumptions": assumptions(study, w),
    }
