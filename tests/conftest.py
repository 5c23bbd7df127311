"""How property tests are run: without timing asserts; with many more examples in `make soak`. Compiled code
is kept between runs where the package keeps it. One browser serves all tests of a process."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from millpond.compiled import use_compiled_cache

use_compiled_cache()  # before anything imports numba

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("here"), max_examples=5_000)
settings.load_profile("here")

BROWSER_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium. Without one its tests are skipped, but fail in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium: install the packages chromium and fonts-noto-cjk")
        pytest.skip("no chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(autouse=True)
def _apart_from_the_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Once it was started, Playwright's loop counts as running in this thread, and `asyncio.run` refuses to.

    A test without the browser does not see that loop, which stands still meanwhile.
    """
    loop = asyncio._get_running_loop()
    if loop is None or "browser" in request.fixturenames:
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
