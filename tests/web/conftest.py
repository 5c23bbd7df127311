"""A real node for tests of pages (`sites`), and a phone in the browser of all tests.

def test_a_page(site, phone):
    phone.goto(site.url("g/rice"))
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sites import Site, open_phone, start_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A node with one empty room."""
    with start_site(tmp_path / "node") as started:
        yield started


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone of 360 pixels with Chinese as its language; a page must not write errors into its console."""
    with open_phone(browser) as page:
        yield page
