"""The world of the test vectors: a host, keys with known secrets, shops, status lists good and bad; a collector."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qrservice import KeyRing, KeyState, Payload, PublicKey
from qrservice.examination import STAGES, examine
from qrservice.payload import code_to_token, pack
from qrservice.signing import message_of
from qrservice.statements import sign_statement
from qrservice.statuslist import LIST_KIND, SHOPS_PER_LIST, StickerStatus, list_address, pack_statuses
from tests.support.crooked import (
    OpenKey,
)

HOST = "fx.example.gov.cn"
NOW = 1_795_000_000
DAY = 86_400
V, N, S, R = StickerStatus  # N: invalid
STATES = {
    0: KeyState.RETIRED,
    1: KeyState.ACTIVE,
    2: KeyState.COMPROMISED,
    3: KeyState.WITHDRAWN,
    31: KeyState.ACTIVE,
}


def ring() -> KeyRing:
    """The keys that the vectors are checked with."""
    return KeyRing(
        PublicKey(
            kid,
            OpenKey(kid).raw,
            state,
            valid_before_leaf=1000 if state is KeyState.COMPROMISED else None,
        )
        for kid, state in STATES.items()
    )


# --- status lists -----------------------------------------------------------------------------------------------------

#: Shop number -> statuses of serials 1, 2, …
SHOPS: dict[int, list[StickerStatus]] = {
    0: [V],
    1: [V, N, S, R],
    7: [V] * 300 + [S],
    123: [R, R, R, V],
    4095: [N],
    65_535: [V, S],
    65_536: [S, V],
    1_000_000: [V, R],
    4_294_967_295: [V, N, S, R],
}


def claims(number: int, issued: int = NOW - 3600, seconds: int = DAY, host: str = HOST) -> dict[str, Any]:
    """The claims of list `number` of SHOPS."""
    first = number * SHOPS_PER_LIST
    last = max(shop for shop in SHOPS if shop // SHOPS_PER_LIST == number)
    body = pack_statuses(first, (SHOPS.get(shop, []) for shop in range(first, last + 1)))
    return body | {
        "sub": list_address(host, number),
        "iat": issued,
        "exp": issued + seconds,
        "ttl": 300,
    }


def status_lists() -> dict[str, str]:
    """Named statements: good ones, old ones, and ones that must not be believed."""
    good = {number: claims(number) for number in {shop // SHOPS_PER_LIST for shop in SHOPS}}
    lists = {f"fresh-{number}": sign_statement(LIST_KIND, body, OpenKey(1)) for number, body in good.items()}
    everything_valid = pack_statuses(0, ([V] * 8 for _ in range(200)))
    lie = good[0] | everything_valid

    def made(body: dict[str, Any], kid: int = 1, kind: str = LIST_KIND) -> str:
        return sign_statement(kind, body, OpenKey(kid))

    genuine = lists["fresh-0"]
    head, _, signature = genuine.split(".")
    lists |= {
        "retired-key": made(good[0], 0),
        "stale": made(claims(0, NOW - 3 * DAY)),
        "expires-now": made(claims(0, NOW - DAY)),
        "expires-next-second": made(claims(0, NOW - DAY + 1)),
        "from-the-future": made(claims(0, NOW + 301)),
        "clock-a-little-slow": made(claims(0, NOW + 300)),
        "other-host": made(lie | {"sub": list_address("fx.example.com", 0)}),
        "by-compromised-key": made(lie, 2),
        "by-withdrawn-key": made(lie, 3),
        "by-unknown-key": made(lie, 4),
        "other-kind": made(lie, kind="ydym-keys+jwt"),
        "body-exchanged": ".".join((head, made(lie).split(".")[1], signature)),
        "not-a-statement": "valid",
        "no-expiry": made({name: value for name, value in lie.items() if name != "exp"}),
        "three-bits": made(lie | {"status_list": {**lie["status_list"], "bits": 3}}),
        "counts-too-long": made(lie | {"shops": pack_statuses(0, ([V] * 8 for _ in range(300)))["shops"]}),
    }
    return lists


# --- codes ------------------------------------------------------------------------------------------------------------


@dataclass
class Vectors:
    """Collects vectors; `expect` is filled by our own decoder and then looked at by the other verifiers."""

    lists: dict[str, str]
    found: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, group: str, note: str, text: str, want: str, lists: list[str] | None = None, **more: Any
    ) -> None:
        """`want` is the outcome that the author expects, with stage or reason behind a colon."""
        names = ["fresh-0", "fresh-1", "fresh-15", "fresh-65535"] if lists is None else lists
        result = examine(text, HOST, ring(), [self.lists[name] for name in names], NOW)
        said = ":".join(filter(None, (result.outcome.value, result.stage, result.reason)))
        assert said == want, f"{group}: {note}: {said}, not {want}"
        number = 1 + sum(vector["id"].rsplit("-", 1)[0] == group for vector in self.found)
        self.found.append(
            {
                "id": f"{group}-{number:03d}",
                "note": note,
                "text": text,
                "lists": names,
                "outcome": result.outcome.value,
                "refused_at": _column(result.stage),
                "reason": result.reason,
                "expect": expected(result.outcome.value, result.stage, result.reason),
                **more,
            }
        )


def _column(stage: str | None) -> str | None:
    return "length" if stage == "form" else stage


def expected(outcome: str, stage: str | None, reason: str | None) -> dict[str, str | None]:
    """The result of each stage: pass, fail, or null after a refusal; of the last one the status or why not."""
    row: dict[str, str | None] = {}
    for name in STAGES[:-1]:
        if stage is None:
            row[str(_column(name))] = "pass"
        else:
            at, asked = STAGES.index(stage), STAGES.index(name)
            row[str(_column(name))] = None if asked > at else "fail" if asked == at else "pass"
    row["status"] = None if stage else reason or ("valid" if outcome == "genuine" else outcome)
    return row


def code(shop: int, serial: int, kid: int = 1, host: str = HOST) -> bytes:
    """The 71 bytes of a genuine code."""
    payload = pack(Payload(kid, shop, serial))
    return payload + OpenKey(kid).sign(message_of(payload, host))


def url(token: str, scheme: str = "https", host: str = HOST) -> str:
    return f"{scheme}://{host}/c/{token}"


def forge(payload: bytes, signature: bytes) -> str:
    return url(code_to_token(payload + signature))
