"""The leader at the desk, for tests of pages: signed in, by HTTP or in a browser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from playwright.sync_api import Page
from sites import SLUG, Site

from millpond.node import sessions
from millpond.web.visit import SESSION_COOKIE


class Leader:
    """Somebody who is signed in to a site's room; the owner, if nobody is named."""

    def __init__(self, site: Site, person: int | None = None) -> None:
        self.site = site
        self.person = person or site.owner.id

    def session(self) -> str:
        """A new session."""
        return sessions.start(self.site.node, SLUG, self.person, self.site.clock())

    def let_in(self, page: Page) -> Page:
        """The page's browser is signed in."""
        cookie = {"name": SESSION_COOKIE, "value": self.session(), "url": self.site.base}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    @contextmanager
    def client(self) -> Any:
        """An HTTP client that is signed in; `send` with it."""
        with self.site.client(cookie=f"{SESSION_COOKIE}={self.session()}") as client:
            yield client

    def get(self, path: str) -> httpx2.Response:
        """A page."""
        with self.client() as client:
            return client.get(path)

    def post(self, path: str, form: Mapping[str, Any] | None = None) -> httpx2.Response:
        """A form, sent with its token."""
        with self.client() as client:
            token = re.search(r'name="form_token" value="([^"]*)"', client.get("desk/me").text)
            assert token is not None
            return client.post(path, data={"form_token": token[1], **(form or {})})
