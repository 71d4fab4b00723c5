"""Just enough edwards25519 arithmetic to refuse unsafe public keys (RFC 8032, section 5.1).

Under a key of small order anybody can make signatures that verify, and the verifier in `cryptography`
accepts such a key. An honest public key is a non-zero multiple of the base point, so it has exactly the
prime order L: that is what is checked, which also refuses mixed-order keys and non-canonical encodings.
Runs once per key (milliseconds), on public data only, so it need not be constant-time.
"""

from __future__ import annotations

from functools import lru_cache

FIELD_PRIME = 2**255 - 19
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, FIELD_PRIME - 2, FIELD_PRIME) % FIELD_PRIME
_SQRT_MINUS_ONE = pow(2, (FIELD_PRIME - 1) // 4, FIELD_PRIME)

# Extended coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, T = XY/Z.
_Point = tuple[int, int, int, int]
_NEUTRAL: _Point = (0, 1, 1, 0)


def _add(p: _Point, q: _Point) -> _Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % FIELD_PRIME
    b = (p[1] + p[0]) * (q[1] + q[0]) % FIELD_PRIME
    c = 2 * p[3] * q[3] * _D % FIELD_PRIME
    d = 2 * p[2] * q[2] % FIELD_PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % FIELD_PRIME, g * h % FIELD_PRIME, f * g % FIELD_PRIME, e * h % FIELD_PRIME


def _multiply(scalar: int, point: _Point) -> _Point:
    result = _NEUTRAL
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _is_neutral(point: _Point) -> bool:
    return point[0] % FIELD_PRIME == 0 and (point[1] - point[2]) % FIELD_PRIME == 0


def _decompress(encoded: bytes) -> _Point | None:
    """The point of a 32-byte encoding, or None if it is not canonical or not on the curve."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= FIELD_PRIME:
        return None
    x_squared = (y * y - 1) * pow(_D * y * y + 1, FIELD_PRIME - 2, FIELD_PRIME) % FIELD_PRIME
    x = pow(x_squared, (FIELD_PRIME + 3) // 8, FIELD_PRIME)
    if (x * x - x_squared) % FIELD_PRIME:
        x = x * _SQRT_MINUS_ONE % FIELD_PRIME
    if (x * x - x_squared) % FIELD_PRIME or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = FIELD_PRIME - x
    return x, y, 1, x * y % FIELD_PRIME


@lru_cache(maxsize=64)  # a ring holds up to 32 keys and is read again after each change
def is_safe_public_key(encoded: bytes) -> bool:
    """Whether 32 bytes are the canonical encoding of a point of prime order."""
    if len(encoded) != 32:
        return False
    point = _decompress(encoded)
    return point is not None and not _is_neutral(point) and _is_neutral(_multiply(GROUP_ORDER, point))
