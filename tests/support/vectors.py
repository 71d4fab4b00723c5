"""The published test vectors, made anew from fixed seeds: ``python -m tests.support.vectors`` writes docs/vectors/.

Nothing random: the same vectors every time, so that a change of the format shows as a change of the file. Some vectors
need signatures that no honest signer makes (keys of small order, R with a torsion part); they are made here by hand.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qrservice import curve as edwards
from tests.support.crooked import OpenKey, compress, point, public_jwk, small_order
from tests.support.vector_groups import GROUPS
from tests.support.vector_parts import HOST, NOW, Vectors, ring, status_lists

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "vectors"
CODES, KEYS = FOLDER / "codes.json", FOLDER / "keys.json"


def codes() -> dict[str, Any]:
    """The document docs/vectors/codes.json."""
    vectors = Vectors(status_lists())
    for group in GROUPS:
        group(vectors)
    return {
        "about": "Codes of stickers, version 1, and what a verifier says of them. See docs/vectors/README.md.",
        "host": HOST,
        "now": NOW,
        "keys": ring().to_jwks()["keys"],
        "lists": vectors.lists,
        "vectors": vectors.found,
    }


def keys() -> dict[str, Any]:
    """The document docs/vectors/keys.json: public keys that a verifier must load, and must not."""
    return {
        "about": "Public keys and whether a verifier may load them. See docs/vectors/README.md.",
        "vectors": [{"note": note, "jwk": jwk, "safe": safe} for note, jwk, safe in _key_vectors()],
    }


def _key_vectors() -> Iterator[tuple[str, dict[str, Any], bool]]:
    for kid in range(8):
        yield "an honest key", public_jwk(kid, OpenKey(kid).raw), True
    for encoded in small_order():
        yield "a point whose order divides eight", public_jwk(5, encoded), False
        yield (
            "an honest key moved by such a point" if encoded != small_order()[0] else "an honest key",
            public_jwk(5, compress(edwards._add(point(OpenKey(5).raw), point(encoded)))),
            encoded == small_order()[0],
        )
    for y in (0, 1):
        for sign in (0, 1 << 255):
            number = (y + edwards.FIELD_PRIME) | sign
            yield (
                "a second spelling of a point: y is not reduced",
                public_jwk(5, number.to_bytes(32, "little")),
                False,
            )
    yield "the neutral point with a sign", public_jwk(5, (1 | 1 << 255).to_bytes(32, "little")), False
    yield "all ones", public_jwk(5, b"\xff" * 32), False
    outside = next(y for y in range(2, 100) if edwards._decompress(y.to_bytes(32, "little")) is None)
    yield "not on the curve", public_jwk(5, outside.to_bytes(32, "little")), False
    yield "31 bytes", public_jwk(5, OpenKey(5).raw[:31]), False
    yield "33 bytes", public_jwk(5, OpenKey(5).raw + b"\0"), False


def written(document: dict[str, Any]) -> str:
    """The text of a document: ASCII, one vector a line, so that changes are readable."""
    lines = [
        f" {json.dumps(name)}: {json.dumps(value)}" for name, value in document.items() if name != "vectors"
    ]
    vectors = ",\n".join(f"  {json.dumps(vector, sort_keys=True)}" for vector in document["vectors"])
    return "{\n" + ",\n".join([*lines, f' "vectors": [\n{vectors}\n ]']) + "\n}\n"


def decoded(text: str) -> bytes:
    """The bytes of base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main() -> None:
    """Write both documents."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, document in ((CODES, codes()), (KEYS, keys())):
        path.write_text(written(document), encoding="ascii")
        sys.stdout.write(f"{path}: {len(document['vectors'])} vectors\n")


if __name__ == "__main__":
    main()
