"""What a form of a signed-in person carries, so that no other site can send it: OWASP ASVS 5.0 V3.5.

The token is an HMAC of the session's cookie under the node's secret. In a page it stands behind a fresh
random mask, so that what compression gives away of a page is never the same token twice.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

SIZE = 32


def form_token(secret: bytes, session: str) -> str:
    """A masked token for this session."""
    mask = secrets.token_bytes(SIZE)
    return urlsafe_b64encode(mask + _xor(mask, _token(secret, session))).decode()


def is_form_token(secret: bytes, session: str, shown: str) -> bool:
    """Whether the token was made for this session."""
    try:
        data = urlsafe_b64decode(shown.encode("ascii"))
    except ValueError:
        return False
    if len(data) != 2 * SIZE:
        return False
    return hmac.compare_digest(_xor(data[:SIZE], data[SIZE:]), _token(secret, session))


def _token(secret: bytes, session: str) -> bytes:
    return hmac.digest(secret, b"form " + session.encode(), "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
