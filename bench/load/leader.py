"""The leader at a node that runs: signs in, and sends forms with their token."""

import re
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from bench.load.serving import OWNER, PASSPHRASE, SLUG

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


class Leader:
    """Signed in to the room of `serving`."""

    def __init__(self, port: int) -> None:
        self.base = f"http://localhost:{port}/{SLUG}"
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))
        self._send("sign-in", name=OWNER, passphrase=PASSPHRASE)

    def get(self, path: str) -> bytes:
        """A page or a paper; raises `HTTPError` for anything but 200."""
        with self._opener.open(f"{self.base}/{path}", timeout=120) as answer:
            body: bytes = answer.read()
        return body

    def post(self, path: str, page: str, **fields: str) -> bytes:
        """A form, sent as from this page; what is shown after it."""
        found = TOKEN.search(self.get(page).decode())
        if found is None:
            raise RuntimeError(f"{page} has no form: not signed in?")
        return self._send(path, form_token=found[1], **fields)

    def _send(self, path: str, **fields: str) -> bytes:
        request = Request(
            f"{self.base}/{path}", urlencode(fields).encode(), {"Origin": self.base.rsplit("/", 1)[0]}
        )
        with self._opener.open(request, timeout=120) as answer:
            body: bytes = answer.read()
        return body
