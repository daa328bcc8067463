"""The ledger's hashes against the public RFC 6962 reference trees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platekeeper.core.ledger import canonical, commitment, leaf_hash, node_hash, tree_root

# The inputs and roots of the reference implementation's own test, for trees of 0 to 8 leaves.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert tree_root([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


def _by_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1  # the largest power of two below the size
    return node_hash(_by_definition(leaves[:split]), _by_definition(leaves[split:]))


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_every_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert tree_root(leaves) == _by_definition(leaves)


def test_the_one_byte_form() -> None:
    assert canonical({"b": [1, None, True], "a": "é"}) == '{"a":"é","b":[1,null,true]}'.encode()


@pytest.mark.parametrize("value", [1.0, float("nan"), {1: 2}, {"a": {1, 2}}, b"x", {"a": [0.5]}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_a_commitment_binds_salt_field_and_value() -> None:
    made = {commitment(b"s" * 16, "name", "Ann"), commitment(b"t" * 16, "name", "Ann")}
    made |= {commitment(b"s" * 16, "nam", "eAnn"), commitment(b"s" * 16, "name", "Anna")}
    assert len(made) == 4
