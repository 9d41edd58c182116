"""The tree of RFC 6962: known roots, and paths that lead to the root from their own place only."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from holdfast.access import merkle

# The test vectors of the reference implementation (certificate-transparency, merkle tree hasher and tree tests).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
leaves = st.lists(st.binary(max_size=8).map(merkle.leaf_hash), min_size=1, max_size=70)


def test_known_roots() -> None:
    hashes = [merkle.leaf_hash(bytes.fromhex(data)) for data in INPUTS]
    assert [merkle.root(hashes[: n + 1]).hex() for n in range(len(hashes))] == ROOTS
    assert merkle.root([]) == sha256(b"").digest()


@given(leaves, st.data())
def test_a_path_leads_to_the_root(hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(hashes) - 1))
    path = merkle.path(hashes, index)
    assert merkle.root_of_path(hashes[index], index, len(hashes), path) == merkle.root(hashes)


@given(leaves, st.data())
def test_another_leaf_place_or_path_does_not(hashes: list[bytes], data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(bytes([n])) for n in range(len(hashes))]
    index = data.draw(st.integers(0, len(hashes) - 1))
    path, root = merkle.path(hashes, index), merkle.root(hashes)
    assert merkle.root_of_path(merkle.leaf_hash(b"another"), index, len(hashes), path) != root
    for other in range(len(hashes)):
        if other != index:
            assert merkle.root_of_path(hashes[index], other, len(hashes), path) != root
    assert merkle.root_of_path(hashes[index], index, len(hashes), [*path, root]) is None
    assert not path or merkle.root_of_path(hashes[index], index, len(hashes), path[:-1]) != root


def test_a_node_is_no_leaf() -> None:
    """Without the first byte a tree of two could be passed off as one leaf."""
    one, two = merkle.leaf_hash(b"1"), merkle.leaf_hash(b"2")
    assert merkle.leaf_hash(one + two) != merkle.node_hash(one, two)
