"""A real node for tests of pages (`sites`), one browser for all of them, and a phone.

def test_a_page(site, phone):
    phone.goto(site.url("g/rice"))
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sites import ARGUMENTS, CHROMIUM, Site, open_phone, start_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A node with one empty room."""
    with start_site(tmp_path / "node") as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for all tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone of 360 pixels with Chinese as its language; a page must not write errors into its console."""
    with open_phone(browser) as page:
        yield page
