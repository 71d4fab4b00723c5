"""Signed notes and checkpoints: C2SP `signed-note`, `tlog-checkpoint`, `tlog-cosignature`. Pure.

Key types: 0x01 Ed25519 (the log), 0x04 Ed25519 cosignature (a witness). A key's ID is the first four bytes of
SHA-256(name || 0x0A || type || public key).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.bindings import crypto_core_ed25519_is_valid_point

LOG: Final = 0x01
WITNESS: Final = 0x04
_MARK = "\u2014 "
#: What may be read as a note: more is refused before anything is looked at.
NOTE_MAX: Final = 64 * 1024
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
Sign = Callable[[bytes], bytes]


class NoteError(ValueError):
    """A note, checkpoint or key is not spelled as it must be, or no signature of the key holds."""


def check_name(name: str) -> str:
    """The name; NoteError unless it may stand in a note (not empty, no blank, no plus)."""
    if not name or "+" in name or any(mark.isspace() for mark in name) or len(name) > 200:
        raise NoteError("a key's name has no blanks and no plus")
    return name


@dataclass(frozen=True)
class Verifier:
    """A public key with its name. Its text form is the `vkey` of `signed-note`."""

    name: str
    public: bytes
    kind: int = LOG

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.kind]) + self.public)}"

    @staticmethod
    def key_of_line(line: str) -> tuple[str, bytes]:
        """Name and key ID of a signature line; NoteError."""
        name, blob = _parse_line(line)
        return name, blob[:4]

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """From the text form; NoteError."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteError("a verifier key is NAME+ID+KEY")
        key = unb64(parts[2])
        if len(key) != 33 or key[0] not in {LOG, WITNESS}:
            raise NoteError("only Ed25519 keys of logs (01) and witnesses (04) are known here")
        found = cls(check_name(parts[0]), key[1:], key[0])
        if found.key_id.hex() != parts[1]:
            raise NoteError("the key's ID does not belong to the key")
        if not crypto_core_ed25519_is_valid_point(found.public):
            raise NoteError("not a safe Ed25519 key: anybody can sign under it")
        return found


@dataclass(frozen=True)
class Note:
    """A text, which ends in a newline, and its signature lines."""

    text: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.text}\n" + "".join(f"{line}\n" for line in self.lines)

    def signatures(self, key: Verifier) -> list[bytes]:
        """The signatures that say to be of that key."""
        found = []
        for line in self.lines:
            name, blob = _parse_line(line)
            if name == key.name and blob[:4] == key.key_id:
                found.append(blob[4:])
        return found

    def check(self, key: Verifier) -> int | None:
        """Raise NoteError unless the key has signed; the POSIX time of a witness's signature, None for a log's."""
        found = self.signatures(key)
        if not found:
            raise NoteError(f"not signed by {key.name}")
        public = Ed25519PublicKey.from_public_bytes(key.public)
        moment = None
        for blob in found:
            signature, message = blob, self.text.encode()
            if key.kind == WITNESS:
                moment, signature = int.from_bytes(blob[:8], "big"), blob[8:]
                message = cosigned(self.text, moment)
            try:
                public.verify(signature, message)
            except InvalidSignature as error:
                raise NoteError(f"the signature of {key.name} does not hold") from error
        return moment

    def with_lines(self, lines: Iterable[str]) -> Note:
        """With further signature lines, each once."""
        return Note(self.text, tuple(dict.fromkeys([*self.lines, *lines])))


def parse(data: bytes | str) -> Note:
    """The note; NoteError when it is not one."""
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > NOTE_MAX:
        raise NoteError("too long for a note")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise NoteError("a note is UTF-8") from error
    if any(ord(mark) < 0x20 and mark != "\n" for mark in text):
        raise NoteError("a note has no control characters")
    body, gap, rest = text.rpartition("\n\n")
    if not gap or not rest.endswith("\n"):
        raise NoteError("a note ends in signature lines")
    lines = tuple(rest[:-1].split("\n"))
    for line in lines:
        _parse_line(line)
    return Note(body + "\n", lines)


def _parse_line(line: str) -> tuple[str, bytes]:
    name, gap, blob = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not gap:
        raise NoteError("a signature line is a dash, a name and a signature")
    found = unb64(blob)
    if len(found) < 5:
        raise NoteError("a signature is too short")
    return check_name(name), found


def sign(text: str, key: Verifier, signer: Sign) -> Note:
    """The text signed by a log's key."""
    return Note(text, (_line(key, signer(text.encode())),))


def cosigned(text: str, moment: int) -> bytes:
    """What a witness signs."""
    return f"cosignature/v1\ntime {moment}\n{text}".encode()


def cosign(text: str, key: Verifier, signer: Sign, moment: int) -> str:
    """A witness's signature line for the checkpoint's text, at a POSIX time."""
    return _line(key, moment.to_bytes(8, "big") + signer(cosigned(text, moment)))


def _line(key: Verifier, signature: bytes) -> str:
    return f"{_MARK}{key.name} {b64(key.key_id + signature)}"


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: that of this origin, at this size, the root was this."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """From a note's text; further lines are allowed and not looked at."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
            raise NoteError("a checkpoint is origin, size and root")
        found = unb64(lines[2])
        if len(found) != 32:
            raise NoteError("a root is 32 bytes")
        return cls(lines[0], int(lines[1]), found)


def opened(data: bytes | str, key: Verifier) -> tuple[Note, Checkpoint]:
    """The checkpoint signed by the log's key, whose name must be the origin; NoteError."""
    note = parse(data)
    note.check(key)
    found = Checkpoint.parse(note.text)
    if found.origin != key.name:
        raise NoteError("the checkpoint is of another log")
    return note, found


def b64(data: bytes) -> str:
    """Standard base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def unb64(text: str) -> bytes:
    """The bytes of canonical base64; NoteError."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if b64(found) != text:
        raise NoteError("base64 with stray bits")
    return found
