"""The rule of signatures as docs/reference/statements.md has it, in plain integers: slow, and easily read.

Curve, base point and encoding are those of RFC 8032, 5.1.
"""

from __future__ import annotations

from hashlib import sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

Projective = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
NEUTRAL: Projective = (0, 1, 1, 0)


def add(a: Projective, b: Projective) -> Projective:
    """The sum of two points (the complete addition of RFC 8032, 5.1.4)."""
    s = (a[1] - a[0]) * (b[1] - b[0]) % P
    t = (a[1] + a[0]) * (b[1] + b[0]) % P
    u = 2 * a[3] * b[3] * D % P
    v = 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor: int, point: Projective) -> Projective:
    total = NEUTRAL
    while factor:
        if factor & 1:
            total = add(total, point)
        point = add(point, point)
        factor >>= 1
    return total


def encode(point: Projective) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Projective | None:
    """The point of 32 bytes in its canonical form; None if they are none."""
    number = int.from_bytes(data, "little")
    y, odd = number & (1 << 255) - 1, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and odd):
        return None
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


_BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
assert _BASE is not None
BASE: Projective = _BASE


def is_of_small_order(point: Projective) -> bool:
    return encode(times(8, point)) == encode(NEUTRAL)


def is_identity(public: bytes) -> bool:
    """Whether these 32 bytes can be an identity: a point in canonical form, of order L."""
    point = decode(public)
    return point is not None and not is_of_small_order(point) and encode(times(L, point)) == encode(NEUTRAL)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Steps 1 to 4 of the page."""
    if len(public) != 32 or len(signature) != 64:  # 1
        return False
    key, first = decode(public), decode(signature[:32])
    if key is None or is_of_small_order(key) or first is None or is_of_small_order(first):  # 2
        return False
    factor = int.from_bytes(signature[32:], "little")
    if factor >= L:  # 3
        return False
    hashed = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    return encode(add(times(factor, BASE), times(L * 8 - hashed, key))) == signature[:32]  # 4
