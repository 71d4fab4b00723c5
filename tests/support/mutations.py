"""An attack on the address /c/…: genuine tokens changed in all ways that we know, given to the decoder and the server.

What must come out: nothing accepted, no second spelling of a genuine code, no statement sent to the database, no
server error. Deterministic for a seed. Used by the tests with a share and by ``make bench`` with a million.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import Flask

from qrservice import CodeRefused, KeyRing, decode
from qrservice.curve import GROUP_ORDER
from qrservice.payload import CODE_BYTES, PAYLOAD_BYTES, TOKEN_CHARS, code_to_token, token_to_code
from webapp.core.db import db
from webapp.feed.stored import OneStatement

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#: Characters with a past: case changes that reach ASCII, digits that int() takes, blanks, controls, halves of pairs.
STRANGE = (
    "\u017f\u212a\u0130\u0131\u00df\ufb01\uff21\uff12\u0410\u0391\u0663\u00b2\u200b\u200f\u00a0\u2028\u0301\ufeff"
    "\x00\x1f\x7f"
)
OPENINGS = ("/c//", "/C/", "/c/%00", "/c/../c/", "/c/./", "/c;a/", "/c\\", "/c/c/")
ENDINGS = ("/", "//", "?x", "#x", ".", "%20", "\n", "\0", ";a=b", "=", "======")


@dataclass
class Figures:
    """What came out of an attack."""

    tried: int = 0
    accepted: int = 0
    aliases: int = 0
    queries: int = 0
    server_errors: int = 0
    seconds: float = 0.0
    stages: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything was refused as it must be."""
        return bool(self.tried) and not (self.accepted or self.aliases or self.queries or self.server_errors)

    def report(self) -> str:
        """Two readable lines."""
        rate = self.tried / self.seconds if self.seconds else 0.0
        stages = ", ".join(f"{name} {count}" for name, count in sorted(self.stages.items()))
        return (
            f"{self.tried} mutations: {self.accepted} accepted, {self.aliases} aliases, {self.queries} queries, "
            f"{self.server_errors} server errors; {rate:.0f} a second\nrefused at {stages}"
        )


def bit_flips(token: str) -> Iterator[bytes]:
    """Every single bit of the 71 bytes, and every single bit of the 114 letters as they are sent."""
    code = token_to_code(token)
    for bit in range(8 * CODE_BYTES):
        changed = bytearray(code)
        changed[bit // 8] ^= 1 << bit % 8
        yield b"/c/" + code_to_token(bytes(changed)).encode()
    raw = token.encode()
    for bit in range(8 * TOKEN_CHARS):
        letters = bytearray(raw)
        letters[bit // 8] ^= 1 << bit % 8
        yield b"/c/" + bytes(letters)


def mutations(tokens: list[str], seed: int) -> Iterator[bytes]:
    """Paths without end."""
    source = random.Random(seed)
    while True:
        yield source.choice(KINDS)(source, source.choice(tokens), source.choice(tokens))


def _code(code: bytes) -> bytes:
    return b"/c/" + code_to_token(code).encode()


def _few_bits(source: random.Random, token: str, _other: str) -> bytes:
    code = bytearray(token_to_code(token))
    for bit in source.sample(range(8 * CODE_BYTES), source.randint(1, 4)):
        code[bit // 8] ^= 1 << bit % 8
    return _code(bytes(code))


def _letters(source: random.Random, token: str, _other: str) -> bytes:
    letters = bytearray(token.encode())
    for _ in range(source.randint(1, 3)):
        letters[source.randrange(TOKEN_CHARS)] = source.choice(ALPHABET)
    return b"/c/" + bytes(letters)


def _any_bytes(source: random.Random, token: str, _other: str) -> bytes:
    letters = bytearray(token.encode())
    for _ in range(source.randint(1, 3)):
        letters[source.randrange(TOKEN_CHARS)] = source.randrange(256)
    return b"/c/" + bytes(letters)


def _alias(source: random.Random, token: str, _other: str) -> bytes:
    last = ALPHABET.index(token[-1].encode())
    if source.random() < 0.5:
        return b"/c/" + token[:-1].encode() + ALPHABET[last ^ source.randint(1, 3) :][:1]
    cased = [letter.lower() if source.random() < 0.1 else letter for letter in token]
    return b"/c/" + "".join(cased).encode()


def _length(source: random.Random, token: str, other: str) -> bytes:
    place = source.randrange(TOKEN_CHARS)
    choice = source.randrange(4)
    if choice == 0:
        return b"/c/" + (token[:place] + token[place + 1 :]).encode()
    if choice == 1:
        return b"/c/" + (token[:place] + chr(source.choice(ALPHABET)) + token[place:]).encode()
    if choice == 2:
        return b"/c/" + token[:place].encode()
    return b"/c/" + (token + other[: source.randrange(1, 2 * TOKEN_CHARS)]).encode()


def _strange(source: random.Random, token: str, _other: str) -> bytes:
    place = source.randrange(TOKEN_CHARS)
    text = token[:place] + source.choice(STRANGE) + token[place + source.randint(0, 1) :]
    return b"/c/" + text.encode()


def _splice(source: random.Random, token: str, other: str) -> bytes:
    one, two = token_to_code(token), token_to_code(other)
    place = source.choice((PAYLOAD_BYTES, PAYLOAD_BYTES + 32, source.randrange(1, CODE_BYTES)))
    return _code(one[:place] + two[place:])


def _arithmetic(source: random.Random, token: str, _other: str) -> bytes:
    """The same S plus a multiple of the group's order, its negative, or nothing."""
    code = token_to_code(token)
    s = int.from_bytes(code[39:], "little")
    changed = source.choice(
        (s + source.randint(1, 15) * GROUP_ORDER, GROUP_ORDER - s, 0, GROUP_ORDER, s ^ 1 << 255, s + 1)
    )
    return _code(code[:39] + (changed % 2**256).to_bytes(32, "little"))


def _made_up(source: random.Random, token: str, _other: str) -> bytes:
    """A payload that might be issued and a signature out of the air, sometimes with a point of small order in it."""
    payload = token_to_code(token)[:1] + source.randbytes(PAYLOAD_BYTES - 1)
    r = source.choice((source.randbytes(32), (1).to_bytes(32, "little"), bytes(32), b"\xff" * 32))
    return _code(payload + r + source.choice((source.randbytes(32), bytes(32))))


def _head(source: random.Random, token: str, _other: str) -> bytes:
    """Another version, key or serial in front of a genuine signature."""
    code = bytearray(token_to_code(token))
    code[0] = source.randrange(256)
    if source.random() < 0.3:
        code[5:7] = source.choice((b"\0\0", b"\xff\xff", b"\0\1"))
    return _code(bytes(code))


def _around(source: random.Random, token: str, _other: str) -> bytes:
    """A genuine token in a wrong place."""
    text = source.choice(OPENINGS) + token if source.random() < 0.5 else f"/c/{token}{source.choice(ENDINGS)}"
    return text.encode()


def _forms(source: random.Random, token: str, other: str) -> bytes:
    """The forms behind a code, with a code that is not ours."""
    return _few_bits(source, token, other) + source.choice((b"/complain", b"/rate"))


def _noise(source: random.Random, _token: str, _other: str) -> bytes:
    return b"/c/" + source.randbytes(source.choice((1, 57, TOKEN_CHARS, TOKEN_CHARS, 200, 4000)))


Kind = Callable[[random.Random, str, str], bytes]
KINDS: tuple[Kind, ...] = (
    *(_few_bits, _letters, _any_bytes, _alias, _length, _strange),
    *(_splice, _arithmetic, _made_up, _head, _around, _forms, _noise),
)


class Attack:
    """Gives paths to the decoder and to the WSGI application, front cache and all, and counts."""

    def __init__(self, app: Flask, tokens: list[str], host: str, ring: KeyRing) -> None:
        self._app, self._host, self._ring = app, host, ring
        self._genuine = {f"/c/{token}".encode(): token_to_code(token) for token in tokens}
        self._codes = set(self._genuine.values())
        self.figures = Figures()

    def run(self, paths: Iterator[bytes]) -> Figures:
        """Try all `paths`; those that are a genuine sticker's address by chance are left out."""
        figures, started = self.figures, time.monotonic()
        with self._counted():
            for path in paths:
                if path in self._genuine:
                    continue
                figures.tried += 1
                self._decode(path)
                self._ask(path)
        figures.seconds += time.monotonic() - started
        return figures

    def _decode(self, path: bytes) -> None:
        token = path.removeprefix(b"/c/")
        for spelled in (token, token.decode("latin-1"), token.decode("utf-8", "surrogateescape")):
            try:
                decode(spelled, self._host, self._ring)
            except CodeRefused as refusal:
                self.figures.stages[refusal.stage] += spelled is token
                continue
            self.figures.accepted += 1
            self.figures.aliases += token_to_code(spelled) in self._codes
            self.figures.faults.append(f"accepted: {path!r}")

    def _ask(self, path: bytes) -> None:
        before = self.figures.queries
        status = _get(self._app, path)
        if self.figures.queries > before:
            self.figures.faults.append(f"asked the database: {path!r}")
        self.figures.statuses[status] += 1
        if status >= 500:
            self.figures.server_errors += 1
            self.figures.faults.append(f"{status}: {path!r}")
        elif status < 300:
            self.figures.accepted += 1
            self.figures.faults.append(f"{status}: {path!r}")

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        """Count statements, those too that go straight to the driver."""
        first = OneStatement.first

        def counted_first(this: OneStatement, **asked: int | str) -> object:
            self.figures.queries += 1
            return first(this, **asked)

        def counted(*_args: object) -> None:
            self.figures.queries += 1

        with self._app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", counted)
        OneStatement.first = counted_first  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            OneStatement.first = first  # type: ignore[method-assign]
            sa.event.remove(engine, "before_cursor_execute", counted)


def _get(app: Flask, path: bytes) -> int:
    """The status of a GET, without the client's own work on the address: any bytes may come over the wire."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "text/html",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": _Empty(),
        "wsgi.errors": _Empty(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    answer: list[str] = []

    def start(status: str, _headers: object, _error: object = None) -> Callable[[bytes], None]:
        answer[:] = [status]
        return lambda _data: None

    body = app.wsgi_app(environ, start)
    for _ in body:
        pass
    if hasattr(body, "close"):
        body.close()
    return int(answer[0][:3])


class _Empty:
    """A stream with nothing in it that swallows what is written."""

    def read(self, _size: int = -1) -> bytes:
        return b""

    def readline(self, _size: int = -1) -> bytes:
        return b""

    def write(self, _text: str) -> None:
        return

    def flush(self) -> None:
        return
