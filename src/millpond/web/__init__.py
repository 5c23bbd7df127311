"""Pages: for households by a link, for leaders and helpers behind a sign-in, in Chinese and English.

`make_app(node)` is the one entry: an ASGI application. Pages work without JavaScript; small scripts add a
live price, a draft that survives a lost line, and check-off without a network.
"""

from millpond.web.app import make_app

__all__ = ["make_app"]
