"""Symbols: version, mask and segments as specified, readable by outside decoders, the table equal to the encoder."""

from __future__ import annotations

import random
import re
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from qrservice import (
    InvalidHost,
    Matrix,
    Payload,
    PemSigner,
    SymbolTable,
    SymbolTooLarge,
    build_url,
    issue,
    ready_table,
    symbol,
    terminal,
)
from qrservice import matrix as encoder
from qrservice.payload import code_to_token

HOST = "ydym.test"
CITY_HOST = "fx.baoding.gov.cn"


def picture(matrix: Matrix, scale: int = 4, quiet_zone: int = 4) -> np.ndarray:
    side = matrix.size + 2 * quiet_zone
    image = np.full((side, side), 255, np.uint8)
    for row in range(matrix.size):
        for column in range(matrix.size):
            if matrix[row, column]:
                image[row + quiet_zone, column + quiet_zone] = 0
    return np.kron(image, np.ones((scale, scale), np.uint8))


def format_bits(matrix: Matrix) -> tuple[str, int]:
    """(error correction, mask) as written in the symbol's format information (ISO/IEC 18004, 7.9)."""
    places = [(8, c) for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [(r, 8) for r in (7, 5, 4, 3, 2, 1, 0)]
    raw = int("".join("1" if matrix[place] else "0" for place in places), 2) ^ 0b101010000010010
    return {0b01: "L", 0b00: "M", 0b11: "Q", 0b10: "H"}[raw >> 13], raw >> 10 & 0b111


@pytest.mark.parametrize(
    ("host", "version"),
    [(HOST, 8), (CITY_HOST, 8), ("a" * 17, 8), ("a" * 18, 9), ("a" * 39, 9), ("a" * 40, 10)],
)
def test_version_mask_and_level(token: str, host: str, version: int) -> None:
    matrix = symbol(token, host)
    assert (matrix.version, matrix.size) == (version, 17 + 4 * version)
    assert format_bits(matrix) == ("Q", matrix.mask)
    # Other kinds of code are left out: noise of modules now and then looks like a few bars of one.
    (read,) = zxingcpp.read_barcodes(picture(matrix), formats=zxingcpp.barcode_formats_from_str("QRCode"))
    assert read.text == build_url(host, token)
    assert read.ec_level == "Q"


def test_the_sample_hosts_are_as_long_as_thought() -> None:
    assert len(CITY_HOST) == 17


def segments(matrix: Matrix) -> list[tuple[int, int]]:
    """(mode, character count) of each segment, read from the symbol by an independent decoder's bytes."""
    from qrcode.base import rs_blocks
    from qrcode.util import mask_func

    size, mask = matrix.size, mask_func(matrix.mask)
    function = function_modules(size)
    bits = []
    for right in range(size - 1, 0, -2):
        column = right if right > 6 else right - 1
        upwards = (size - 1 - right) // 2 % 2 == 0
        for step in range(size):
            row = size - 1 - step if upwards else step
            pair = (column, column - 1)
            bits += [matrix[row, c] ^ bool(mask(row, c)) for c in pair if not function[row][c]]
    codewords = [
        int("".join("1" if b else "0" for b in bits[i : i + 8]), 2) for i in range(0, len(bits) - 7, 8)
    ]
    counts = [block.data_count for block in rs_blocks(matrix.version, 3)]
    blocks: list[list[int]] = [[] for _ in counts]
    at = 0
    for i in range(max(counts)):
        for block, count in zip(blocks, counts, strict=True):
            if i < count:
                block.append(codewords[at])
                at += 1
    stream = "".join(f"{byte:08b}" for block in blocks for byte in block)
    found, at = [], 0
    while (mode := int(stream[at : at + 4] or "0", 2)) != 0:
        width = {2: 9, 4: 8}[mode]
        count = int(stream[at + 4 : at + 4 + width], 2)
        found.append((mode, count))
        at += 4 + width + (8 * count if mode == 4 else 11 * (count // 2) + 6 * (count % 2))
        if at + 4 > len(stream):
            break
    return found


def function_modules(size: int) -> list[list[bool]]:
    """The modules of version 8 that carry no data (ISO/IEC 18004, 6.3)."""
    assert size == 49
    taken = [[False] * size for _ in range(size)]

    def take(row: int, column: int, height: int, width: int) -> None:
        for r in range(row, row + height):
            for c in range(column, column + width):
                taken[r][c] = True

    take(0, 0, 9, 9)
    take(0, size - 8, 9, 8)
    take(size - 8, 0, 8, 9)
    take(6, 0, 1, size)
    take(0, 6, size, 1)
    take(0, size - 11, 6, 3)
    take(size - 11, 0, 3, 6)
    centres = (6, 24, 42)
    for r in centres:
        for c in centres:
            if (r, c) not in ((6, 6), (6, 42), (42, 6)):
                take(r - 2, c - 2, 5, 5)
    return taken


def test_segments_are_bytes_then_alphanumeric(token: str) -> None:
    prefix = f"https://{CITY_HOST}/c/"
    assert segments(symbol(token, CITY_HOST)) == [(4, len(prefix)), (2, 114)]
    assert segments(symbol(token, HOST)) == [(4, len(prefix) - 8), (2, 114)]


def test_outside_decoders_read_symbols_at_120_pixels(signer: PemSigner) -> None:
    for serial in range(1, 6):
        token = issue(Payload(3, 77, serial), CITY_HOST, signer)
        image = picture(symbol(token, CITY_HOST), 8)
        side = round(120 * 57 / 49)
        small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        (read,) = zxingcpp.read_barcodes(small)
        assert read.text == build_url(CITY_HOST, token)
        text, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(image)
        assert text == build_url(CITY_HOST, token)


def test_table_equals_the_encoder(signer: PemSigner) -> None:
    table = SymbolTable(CITY_HOST)
    source = random.Random(7)
    tokens = [code_to_token(source.randbytes(71)) for _ in range(60)]
    tokens += [issue(Payload(3, 1, 1), CITY_HOST, signer), "A" * 114, "7" * 113 + "4"]
    for token in tokens:
        assert table.symbol(token) == symbol(token, CITY_HOST)
    with pytest.raises(SymbolTooLarge):
        table.symbol("A" * 112)


@given(st.binary(min_size=71, max_size=71), st.sampled_from([CITY_HOST, "a" * 18, "a" * 40]))
@settings(max_examples=60, deadline=None)
def test_the_table_equals_the_encoder_for_any_code(code: bytes, host: str) -> None:
    """In all three sizes; the addresses themselves are read by others elsewhere."""
    token = code_to_token(code)
    assert encoder.table_for(host).symbol(token) == symbol(token, host)


def test_a_process_builds_a_table_once_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[tuple[str, str]] = []

    class Counted(SymbolTable):
        def __init__(self, host: str, scheme: str = "https") -> None:
            built.append((host, scheme))
            if len(built) == 1:
                super().__init__(host, scheme)

    monkeypatch.setattr(encoder, "SymbolTable", Counted)
    monkeypatch.setattr(encoder, "_tables", {})
    assert ready_table(CITY_HOST) is None
    with ThreadPoolExecutor(4) as pool:
        tables = set(pool.map(lambda _: encoder.table_for(CITY_HOST), range(8)))
    assert tables == {ready_table(CITY_HOST)}
    assert built == [(CITY_HOST, "https")]
    assert ready_table(CITY_HOST, "http") is None, "another address begins another symbol"
    for number in range(6):
        encoder.table_for(f"h{number}.test", "http")
    assert len(encoder._tables) == encoder._TABLES_MOST
    assert ready_table("h5.test", "http") is not None
    with pytest.raises(InvalidHost):
        encoder.table_for("YDYM.test")


def test_hosts_beyond_the_largest_symbol(token: str) -> None:
    with pytest.raises(SymbolTooLarge):
        symbol(token, "a" * 80)
    with pytest.raises(InvalidHost):
        symbol(token, "YDYM.test")


def test_matrix_is_immutable_and_checks_places(token: str) -> None:
    matrix = symbol(token, HOST)
    with pytest.raises(AttributeError):
        matrix.bits = 0  # type: ignore[misc]
    assert [matrix[0, c] for c in range(8)] == [True] * 7 + [False]
    for place in ((-1, 0), (0, 49), (49, 0)):
        with pytest.raises(IndexError):
            _ = matrix[place]


def test_runs_and_rows_tell_the_same(token: str) -> None:
    matrix = symbol(token, HOST)
    dark = {(r, c) for r in range(49) for c in range(49) if matrix[r, c]}
    runs = list(matrix.runs())
    assert {(row, c) for row, start, length in runs for c in range(start, start + length)} == dark
    for row, start, length in runs:
        assert start == 0 or not matrix[row, start - 1]
        assert start + length == 49 or not matrix[row, start + length]
    assert sum(row.bit_count() for row in matrix.rows()) == len(dark)


def test_terminal_picture_scans_and_sets_both_colours(token: str) -> None:
    lines = terminal(symbol(token, HOST)).splitlines()
    assert all(line.startswith("\x1b[38;5;16;48;5;231m") and line.endswith("\x1b[0m") for line in lines)
    rows: list[list[int]] = []
    for line in lines:
        cells = re.sub(r"\x1b\[[0-9;]*m", "", line)
        assert len(cells) == 57
        rows.append([0 if c in "▀█" else 255 for c in cells])
        rows.append([0 if c in "▄█" else 255 for c in cells])
    image = np.kron(np.array(rows, np.uint8), np.ones((4, 4), np.uint8))
    (read,) = zxingcpp.read_barcodes(image)
    assert read.text == build_url(HOST, token)
