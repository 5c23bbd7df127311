"""Templates: Jinja2 with everything escaped, sentences by gettext, money and times in the reader's way."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from millpond.web import formats, static
from millpond.web.units import counted
from millpond.web.words import LANGUAGES, Words


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    words = Words(language)
    made = Environment(
        loader=PackageLoader("millpond.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,  # a package's files do not change, and asking whether they did takes time
    )
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=False)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.globals |= {
        "asset": static.address,
        "counted": partial(counted, words=words),
        "language": language,
        "languages": LANGUAGES,
        "money": formats.money,
        "plain_money": formats.plain_money,
        "money_step": formats.money_step,
    }
    made.filters["number"] = formats.number
    return made


def prepare(folder: str) -> None:
    """Compiles the templates of a folder in every language, so that nobody who comes first waits for it."""
    for language in LANGUAGES:
        made = environment(language)
        for name in made.list_templates(filter_func=lambda name: name.startswith(f"{folder}/")):
            made.get_template(name)


def render(template: str, language: str, **values: Any) -> str:
    """The page."""
    return environment(language).get_template(template).render(**values)
