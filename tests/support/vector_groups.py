"""The test vectors of codes, group by group; each says what its author expects."""

from __future__ import annotations

from collections.abc import Callable

from qrservice import Payload
from qrservice import curve as edwards
from qrservice.payload import code_to_token, pack
from qrservice.signing import message_of
from tests.support.crooked import (
    OpenKey,
    compress,
    crooked,
    point,
    public_jwk,
    small_order,
    under_small_order,
)
from tests.support.vector_parts import HOST, SHOPS, N, R, S, V, Vectors, code, forge, url


def _genuine(v: Vectors) -> None:
    outcome = {V: "genuine", N: "invalid", S: "suspended", R: "replaced"}
    for shop, statuses in SHOPS.items():
        serials = range(1, len(statuses) + 1) if len(statuses) < 10 else (1, 2, 300, 301)
        for serial in serials:
            status = statuses[serial - 1]
            v.add(
                "status",
                f"shop {shop}, serial {serial}: {status.name.lower()}",
                url(code_to_token(code(shop, serial))),
                outcome[status],
            )
    for kid, note in ((0, "a retired key goes on verifying"), (31, "the highest key number")):
        v.add("key", note, url(code_to_token(code(1, 1, kid))), "genuine")
    v.add(
        "key",
        "a compromised key: the log has to be asked",
        url(code_to_token(code(1, 1, 2))),
        "cannot_say:compromised",
    )
    token = code_to_token(code(1, 1))
    for note, text in (
        ("bare token", token),
        ("http", url(token, "http")),
        ("scheme and host in upper case", url(token, "HTTPS", HOST.upper())),
        ("a messenger's query", url(token) + "?from=timeline&isappinstalled=0"),
        ("a fragment", url(token) + "#top"),
        ("blanks and line ends around", f" \t\r\n{url(token)}\r\n"),
        ("in a sentence", f"我扫到了：{url(token)}，是真的吗？"),
        ("token with a line end behind", token + "\n"),
    ):
        v.add("text", note, text, "genuine")


def _status(v: Vectors) -> None:
    text = url(code_to_token(code(1, 1)))
    for name, want in (
        ("retired-key", "genuine"),
        ("clock-a-little-slow", "genuine"),
        ("expires-next-second", "genuine"),
        ("stale", "cannot_say:stale"),
        ("expires-now", "cannot_say:stale"),
        ("from-the-future", "cannot_say:stale"),
        ("no-expiry", "cannot_say:stale"),
        *(
            (name, "cannot_say:no_list")
            for name in (
                "other-host",
                "by-compromised-key",
                "by-withdrawn-key",
                "by-unknown-key",
                "other-kind",
                "body-exchanged",
                "not-a-statement",
                "three-bits",
                "counts-too-long",
                "fresh-1",
            )
        ),
    ):
        v.add("list", f"status list: {name}", text, want, [name])
    v.add("list", "no list at hand", text, "cannot_say:no_list", [])
    v.add("list", "a stale and a fresh one", text, "genuine", ["stale", "fresh-0"])
    v.add(
        "list",
        "a suspended sticker and an old list that does not say so",
        url(code_to_token(code(1, 3))),
        "cannot_say:stale",
        ["stale"],
    )
    for shop, serial in ((1, 5), (2, 1), (123, 65_535), (5000, 1), (65_535, 3)):
        v.add(
            "list",
            f"the list knows no serial {serial} of shop {shop}",
            url(code_to_token(code(shop, serial))),
            "cannot_say:unlisted",
        )
    v.add(
        "list",
        "a shop of a list that is not at hand",
        url(code_to_token(code(200_000, 1))),
        "cannot_say:no_list",
    )


def _lengths(v: Vectors) -> None:
    token = code_to_token(code(1, 1))
    for note, text in (
        ("nothing", ""),
        ("one letter", token[:1]),
        ("one letter less", token[:-1]),
        ("two letters less, behind", token[:-2]),
        ("one letter less, in front", token[1:]),
        ("half", token[:57]),
        ("one letter more", token + "A"),
        ("padded as base32 would be", token + "======"),
        ("twice", token + token),
        ("a line end inside", token[:57] + "\n" + token[57:]),
        ("a line end in place of the last letter's neighbour", token[:112] + "\n" + token[113:]),
        ("a blank in front of the last letter", token[:113] + " "),
        ("a NUL in place of the last letter", token[:113] + "\0"),
        ("ten thousand letters", "A" * 10_000),
        ("only digits", "7" * 115),
    ):
        v.add("length", note, text, "forged:form")
    for note, text in (
        ("one letter less", url(token[:-1])),
        ("one letter more", url(token + "A")),
        ("nothing", url("")),
    ):
        v.add("length", f"address, {note}", text, "forged:link")


def _letters(v: Vectors) -> None:
    token = code_to_token(code(1, 1))
    for place, letter in enumerate("0189=+/-_%. "):
        if letter != "/":
            v.add(
                "alphabet",
                f"{letter!r} is no letter of base32",
                token[:place] + letter + token[place + 1 :],
                "forged:form",
            )
    alike = {
        "Cyrillic A": "\u0410",
        "Greek capital alpha": "\u0391",
        "full-width A": "\uff21",
        "long s, whose capital is S": "\u017f",
        "Kelvin sign, whose small letter is k": "\u212a",
        "dotless i, whose capital is I": "\u0131",
        "capital I with dot": "\u0130",
        "mathematical bold A": "\U0001d400",
        "Arabic-Indic digit three": "\u0663",
        "full-width digit 2": "\uff12",
        "superscript two": "\u00b2",
        "zero-width space": "\u200b",
        "right-to-left mark": "\u200f",
        "soft hyphen": "\u00ad",
        "combining acute": "\u0301",
        "sharp s, whose capital is two letters": "\u00df",
        "ligature fi": "\ufb01",
        "no-break space": "\u00a0",
        "line separator": "\u2028",
        "a lone surrogate": "\ud83d",
    }
    for note, letter in alike.items():
        v.add("look-alike", f"{note}, in place of a letter", token[:40] + letter + token[41:], "forged:form")
    for note, letter in list(alike.items())[:9]:
        v.add("look-alike", f"{note}, in an address", url(token[:40] + letter + token[41:]), "forged:link")
    full = "".join(chr(ord(letter) + 0xFEE0) for letter in token)
    v.add("look-alike", "the whole token in full-width letters", full, "forged:form")


def _aliases(v: Vectors) -> None:
    for shop in (1, 7, 123):
        token = code_to_token(code(shop, 1))
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(token[-1])
        for extra in (1, 2, 3):
            v.add(
                "alias",
                "the same 71 bytes in another spelling of base32",
                url(token[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[last + extra]),
                "forged:canonical",
            )
        v.add("alias", "lower case", url(token.lower()), "forged:canonical")
        for place in [index for index, letter in enumerate(token) if letter.isalpha()][::29]:
            text = token[:place] + token[place].lower() + token[place + 1 :]
            v.add("alias", f"letter {place} in lower case", url(text), "forged:canonical")


def _links(v: Vectors) -> None:
    token = code_to_token(code(1, 1))
    host_b = code_to_token(code(1, 1, host="fx.example.com"))
    v.add("link", "another host", url(token, host="fx.example.com"), "forged:link")
    v.add("host", "signed for another host and shown on ours", url(host_b), "forged:signature")
    v.add(
        "host",
        "signed for our host with a port",
        url(code_to_token(code(1, 1, host=HOST + ":8443"))),
        "forged:signature",
    )
    for note, host in (
        ("a subdomain in front", f"www.{HOST}"),
        ("our host as the beginning of another", f"{HOST}.example.com"),
        ("a port", f"{HOST}:8443"),
        ("a dot behind", f"{HOST}."),
        ("a name before @", f"{HOST}@fx.example.com"),
        ("our host behind @", f"fx.example.com@{HOST}"),
        ("a Cyrillic letter in the host", HOST.replace("e", "\u0435", 1)),
        ("the host in punycode", "xn--fx-example-gov-cn"),
        ("no host", ""),
        ("an encoded letter", HOST.replace("f", "%66", 1)),
    ):
        v.add("link", note, url(token, host=host), "forged:link")
    for note, text in (
        ("path in upper case", f"https://{HOST}/C/{token}"),
        ("another path", f"https://{HOST}/s/{token}"),
        ("two slashes", f"https://{HOST}//c/{token}"),
        ("a folder behind", f"https://{HOST}/c/{token}/"),
        ("an encoded letter in the path", f"https://{HOST}/%63/{token}"),
        ("a way up", f"https://{HOST}/s/../c/{token}"),
        ("the token in the query", f"https://{HOST}/c/?{token}"),
        ("the token in the fragment", f"https://{HOST}/#/c/{token}"),
        ("another scheme", f"ftp://{HOST}/c/{token}"),
        ("no scheme", f"{HOST}/c/{token}"),
        ("no scheme, two slashes", f"//{HOST}/c/{token}"),
        ("a backslash", f"https:\\\\{HOST}/c/{token}"),
        ("a full-width colon", f"https\uff1a//{HOST}/c/{token}"),
        ("an address in front", f"https://fx.example.com/?u=https://{HOST}/c/{token}"),
    ):
        v.add("link", note, text, "forged:link")


def _versions(v: Vectors) -> None:
    payload, key = pack(Payload(1, 1, 1)), OpenKey(1)
    for version in (0, 2, 3, 4, 5, 6, 7):
        changed = bytes([version << 5 | 1]) + payload[1:]
        v.add(
            "version",
            f"version {version}, signed with our key",
            forge(changed, key.sign(message_of(changed, HOST))),
            "forged:version",
        )
    nothing = payload[:5] + b"\0\0"
    v.add(
        "serial",
        "serial 0 is never issued, signed with our key",
        forge(nothing, key.sign(message_of(nothing, HOST))),
        "forged:form",
    )


def _keys(v: Vectors) -> None:
    for kid, note in ((3, "a withdrawn key"), (4, "no such key"), (30, "no such key")):
        v.add("key", note, url(code_to_token(code(1, 1, kid))), "forged:key")
    payload = pack(Payload(5, 1, 1))
    message = message_of(payload, HOST)
    neutral = (1).to_bytes(32, "little")
    for number, encoded in enumerate(small_order()):
        v.add(
            "small-order",
            "anybody can sign under a key of small order: it must not be loaded",
            forge(payload, under_small_order(encoded, message) or neutral + bytes(32)),
            "forged:key",
            extra_key=public_jwk(5, encoded),
            naive=number == 0,
        )
    mixed = compress(edwards._add(point(OpenKey(5).raw), point(small_order()[4])))
    v.add(
        "small-order",
        "a key with a part of small order",
        forge(payload, crooked(OpenKey(5), mixed, None, message)),
        "forged:key",
        extra_key=public_jwk(5, mixed),
        naive=True,
    )


def _signatures(v: Vectors) -> None:
    whole = code(1, 1)
    for byte in range(71):
        changed = bytearray(whole)
        changed[byte] ^= 1 << (byte * 5 % 8)
        wants = "signature"
        if byte == 0:
            changed = bytearray(whole)
            changed[0] ^= 0b11110  # another key that there is
        v.add(
            "bit",
            f"one bit of byte {byte} changed" if byte else "the key number changed to 31",
            url(code_to_token(bytes(changed))),
            f"forged:{wants}",
        )
    payload, signature = whole[:7], whole[7:]
    message, key = message_of(payload, HOST), OpenKey(1)
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    torsion = small_order()
    made: list[tuple[str, bytes]] = [
        (
            "S + L: the same signature in another spelling",
            r + (s + edwards.GROUP_ORDER).to_bytes(32, "little"),
        ),
        ("S + 8 L", r + (s + 8 * edwards.GROUP_ORDER).to_bytes(32, "little")),
        ("S = L", r + edwards.GROUP_ORDER.to_bytes(32, "little")),
        ("L − S", r + ((-s) % edwards.GROUP_ORDER).to_bytes(32, "little")),
        ("S = 0", r + bytes(32)),
        ("all zero", bytes(64)),
        ("all ones", b"\xff" * 64),
        ("R neutral, S = 0: holds under the neutral key only", (1).to_bytes(32, "little") + bytes(32)),
        ("R and S exchanged", signature[32:] + r),
        ("R moved by a point of order 2, S made for it", crooked(key, key.raw, torsion[4], message)),
        ("R moved by a point of order 8, S made for it", crooked(key, key.raw, torsion[1], message)),
        ("the signature of another shop", code(123, 4)[7:]),
        ("the signature of another serial", code(1, 2)[7:]),
        ("the signature of another key", OpenKey(31).sign(message)),
        ("signed without the domain", key.sign(payload)),
        (
            "signed for the upper-case host",
            key.sign(b"\0".join((b"ydym-sticker-v1", HOST.upper().encode(), payload))),
        ),
        (
            "signed with a version 2 domain",
            key.sign(b"\0".join((b"ydym-sticker-v2", HOST.encode(), payload))),
        ),
        ("a log note's signature", key.sign(HOST.encode() + b"\n1\n")),
    ]
    for note, forged_signature in made:
        v.add("signature", note, forge(payload, forged_signature), "forged:signature")


GROUPS: tuple[Callable[[Vectors], None], ...] = (
    _genuine,
    _status,
    _lengths,
    _letters,
    _aliases,
    _links,
    _versions,
    _keys,
    _signatures,
)
