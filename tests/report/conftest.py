"""Reports of golden rounds, and a real browser to look at them with."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import millpond
from millpond.clearing.finish import finish
from millpond.model import Award, Certificate, Clearing, Leaf, Round, read_round
from millpond.report import report

GOLDEN = Path(__file__).parents[1] / "golden"
SECONDS = 3

Cleared = tuple[Round, Clearing]
Opened = Callable[..., Any]


def cleared_from(says: dict[str, Any]) -> Cleared:
    """The round that a golden file, or a change of one, tells of; cleared where its awards are not valid."""
    round = read_round(json.dumps(says["round"]).encode())
    if not says["valid"]:
        return round, millpond.clear(round, seconds=SECONDS)
    awards = tuple(Award(**row) for row in says["awards"])
    lines = {line.id: max(accepted.limit for accepted in line.accepts) for line in round.demand}
    return round, finish(round, awards, Certificate(scale=1, tree=Leaf(lines=lines)))


def golden_says(name: str) -> dict[str, Any]:
    says: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return says


@pytest.fixture(scope="session")
def golden() -> Callable[..., Cleared]:
    """The golden round of this name and its clearing; `change` may alter what the file says first."""

    def make(name: str, change: Callable[[dict[str, Any]], None] = lambda says: None) -> Cleared:
        says = golden_says(name)
        change(says)
        return cleared_from(says)

    return make


@pytest.fixture(scope="session")
def reports(golden: Callable[..., Cleared]) -> Callable[[str], str]:
    """The report of a golden round, made once."""
    made: dict[str, str] = {}

    def make(name: str) -> str:
        if name not in made:
            made[name] = report(*golden(name), seconds=SECONDS)
        return made[name]

    return make


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Opened:
    """Opens HTML from a file, in a language, with every part unfolded; a context that gives the page."""

    @contextmanager
    def make(
        html: str, width: int = 1200, language: str = "zh", *, scripts: bool = True, **context: Any
    ) -> Iterator[Page]:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        opened = browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=scripts, **context
        )
        page = opened.new_page()
        page.goto(path.as_uri())
        if language == "en":
            page.locator("label[for=lang-en]").click()
        for summary in page.locator("article:visible summary").all():
            summary.click()
        yield page
        opened.close()

    return make


@pytest.fixture(scope="session")
def sparse() -> Cleared:
    """Twenty places that want a good each that nobody else wants, from one maker; nothing has a reference."""
    places = [f"p{n}" for n in range(20)]
    says = {
        "format": "millpond-round/1",
        "id": "sparse",
        "currency": "BRL",
        "items": [{"id": f"g{n}"} for n in range(20)],
        "places": [{"id": place, "population": 9000 * n} for n, place in enumerate(places)],
        "demand": [
            {"id": f"d{n}", "place": place, "quantity": 3, "accepts": [{"item": f"g{n}", "limit": 900 + n}]}
            for n, place in enumerate(places)
        ],
        "offers": [
            {
                "id": "o",
                "maker": "m",
                "capacity": 100,
                "setup": 100,
                "items": [{"item": f"g{n}"} for n in range(20)],
                "tiers": [{"from": 1, "price": 700}, {"from": 50, "price": 500}],
                "freight": [{"place": place, "fixed": 10 * n} for n, place in enumerate(places)],
            }
        ],
    }
    round = read_round(json.dumps(says).encode())
    return round, millpond.clear(round, seconds=SECONDS)
