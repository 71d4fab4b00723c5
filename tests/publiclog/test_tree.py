"""The tree against RFC 6962's own construction, and the vectors of the Certificate Transparency project."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.publiclog import tiles, tree
from webapp.publiclog.tree import Frontier, ProofError

#: The leaves and roots of the reference tests of Certificate Transparency (after 0, 1, … 8 leaves).
LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(data: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word: the other way to reckon every hash here."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    half = 1
    while half * 2 < len(data):
        half *= 2
    return hashlib.sha256(b"\x01" + mth(data[:half]) + mth(data[half:])).digest()


def reader(data: list[bytes]) -> tree.Read:
    return lambda level, index: mth(data[index << level : (index + 1) << level])


def numbered(count: int) -> list[bytes]:
    return [b"leaf %d" % at for at in range(count)]


@pytest.mark.parametrize("count", range(9))
def test_roots_are_those_of_the_reference(count: int) -> None:
    data = LEAVES[:count]
    assert tree.root(count, reader(data)).hex() == ROOTS[count]
    assert Frontier().grown(tree.leaf_hash(leaf) for leaf in data).root().hex() == ROOTS[count]


def test_paths_are_those_of_rfc_6962() -> None:
    """The example of section 2.1.3: seven leaves, named a … l there."""
    data = [b"d%d" % at for at in range(7)]
    leaf = [mth([one]) for one in data]
    a, b, c, d, e, f, j = (*leaf[:6], leaf[6])
    g, h, i = mth(data[0:2]), mth(data[2:4]), mth(data[4:6])
    k, last = mth(data[0:4]), mth(data[4:7])
    read = reader(data)
    assert tree.inclusion(0, 7, read) == [b, h, last]
    assert tree.inclusion(3, 7, read) == [c, g, last]
    assert tree.inclusion(4, 7, read) == [f, j, k]
    assert tree.inclusion(6, 7, read) == [i, k]
    assert tree.consistency(3, 7, read) == [c, d, g, last]
    assert tree.consistency(4, 7, read) == [last]
    assert tree.consistency(6, 7, read) == [i, j, k]
    assert a != e


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 31, 70])
def test_every_proof_holds_and_no_other_leaf_does(size: int) -> None:
    data = numbered(size)
    read, top = reader(data), mth(data)
    for index in range(size):
        path = tree.inclusion(index, size, read)
        tree.check_inclusion(index, size, mth([data[index]]), path, top)
        with pytest.raises(ProofError):
            tree.check_inclusion(index, size, mth([b"another"]), path, top)
        if size > 1:
            with pytest.raises(ProofError):
                tree.check_inclusion((index + 1) % size, size, mth([data[index]]), path, top)
            with pytest.raises(ProofError):
                tree.check_inclusion(index, size, mth([data[index]]), path[:-1], top)
        with pytest.raises(ProofError):
            tree.check_inclusion(index, size, mth([data[index]]), [*path, top], top)
    for old in range(size + 1):
        path = tree.consistency(old, size, read)
        tree.check_consistency(old, size, path, mth(data[:old]), top)
        with pytest.raises(ProofError):
            tree.check_consistency(old, size, path, b"\x01" * 32, top)
        if old:  # nothing at all is the beginning of every tree
            with pytest.raises(ProofError):
                tree.check_consistency(old, size, path, mth(data[:old]), b"\x01" * 32)
        with pytest.raises(ProofError):
            tree.check_consistency(old, size, [*path, top], mth(data[:old]), top)


@given(st.integers(0, 300), st.integers(0, 300))
def test_growing_in_two_steps_is_growing_in_one(first: int, second: int) -> None:
    hashes = [tree.leaf_hash(leaf) for leaf in numbered(first + second)]
    half = Frontier().grown(hashes[:first])
    again = Frontier.from_bytes(first, half.to_bytes())
    assert again.grown(hashes[first:]) == Frontier().grown(hashes)
    assert again.grown(hashes[first:]).root() == mth(numbered(first + second))


def test_an_edge_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="edge"):
        Frontier.from_bytes(3, b"x" * 32)


@given(
    level=st.integers(0, 63), number=st.integers(0, 10**12), width=st.integers(1, 256), entries=st.booleans()
)
def test_a_tile_is_named_in_one_way(level: int, number: int, width: int, *, entries: bool) -> None:
    tile = tiles.Tile(None if entries else level, number, width)
    assert tiles.parse_path(tile.path) == tile


def test_names_of_the_specification() -> None:
    assert tiles.Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert tiles.Tile(None, 5, 7).path == "tile/entries/005.p/7"


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000", "tile/64/000", "tile/0/0", "tile/0/1000", "tile/0/x000/001", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/000.p/07", "tile/0/../000", "tile/0/000\n", "tile/0/٠٠٠", "tile/-1/000",
        "tile/0/001/x002", "tile/data/000",
    ],
)  # fmt: skip
def test_another_spelling_is_no_tile(path: str) -> None:
    assert tiles.parse_path(path) is None


def test_tiles_of_the_specification_example() -> None:
    """A tree of 70,000: 273 full and one of 112, one full and one of 17, one of width 1."""
    widths = {
        level: [tile.width for tile in tiles.new_tiles(0, 70_000, level)] for level in tiles.levels(70_000)
    }
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    assert [tile.width for tile in tiles.new_tiles(0, 256, 1)] == [1]
    assert list(tiles.levels(256)) == [0, 1]
    assert list(tiles.levels(255)) == [0]


@pytest.mark.parametrize("size", [1, 5, 255, 256, 257, 1000])
def test_a_tree_is_read_from_its_tiles(size: int) -> None:
    data = numbered(size)
    store = {}
    for level in tiles.levels(size):
        for tile in tiles.new_tiles(0, size, level):
            span = 256**level
            rows = range(tile.first, tile.first + tile.width)
            store[tile.path] = b"".join(mth(data[at * span : (at + 1) * span]) for at in rows)
    read = tiles.reader(size, lambda tile: store[tile.path])
    assert tree.root(size, read) == mth(data)
    for index in {0, size // 2, size - 1}:
        tree.check_inclusion(index, size, mth([data[index]]), tree.inclusion(index, size, read), mth(data))


def test_a_bundle_comes_back() -> None:
    entries = [b"", b"a", b"x" * 65535]
    assert tiles.unpack(tiles.pack(entries)) == entries
    with pytest.raises(ValueError, match="cut off"):
        tiles.unpack(tiles.pack(entries)[:-1])
    with pytest.raises(ValueError, match="longer"):
        tiles.pack([b"x" * 65536])
