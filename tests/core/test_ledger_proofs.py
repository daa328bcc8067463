"""Proofs and checkpoints: every tree of up to 256 leaves, by the definition, by the maker and by the checker."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from platekeeper.core.ledger import Frontier, leaf_hash, node_hash, tree_root
from platekeeper.core.ledger.batches import BatchTree
from platekeeper.core.ledger.notes import checkpoint
from platekeeper.core.ledger.proofs import consistency, finished, inclusion, root, written
from platekeeper.verify import Fault, check_consistency, fingerprint, key_id, opened, read_checkpoint, root_of_inclusion

MOST = 256
LEAVES = [leaf_hash(bytes([number % 256, number // 256])) for number in range(MOST + 1)]
ROOTS = [tree_root(LEAVES[:size]) for size in range(MOST + 1)]
NODES: dict[tuple[int, int], bytes] = {}
for _number, _leaf in enumerate(LEAVES):
    NODES[0, _number] = _leaf
    for _level, _index in finished(_number + 1):
        NODES[_level, _index] = node_hash(NODES[_level - 1, 2 * _index], NODES[_level - 1, 2 * _index + 1])


def node(level: int, index: int) -> bytes:
    return NODES[level, index]


def fits(*, leaf: bytes, index: int, size: int, proof: list[bytes], expected: bytes) -> bool:
    """Say whether a proof leads from a leaf's hash to the root expected."""
    try:
        return root_of_inclusion(leaf, index=index, size=size, proof=proof) == expected
    except Fault:
        return False


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    """Return the audit path as RFC 6962, 2.1.1 defines it."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*_path(index, leaves[:split]), tree_root(leaves[split:])]
    return [*_path(index - split, leaves[split:]), tree_root(leaves[:split])]


def _proof(old: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """Return the consistency proof as RFC 6962, 2.1.2 defines it."""
    if old == len(leaves):
        return [] if whole else [tree_root(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= split:
        return [*_proof(old, leaves[:split], whole=whole), tree_root(leaves[split:])]
    return [*_proof(old - split, leaves[split:], whole=False), tree_root(leaves[:split])]


def test_a_batch_has_the_root_and_every_proof_of_its_tree() -> None:
    for size in range(68):
        tree = BatchTree(LEAVES[:size])
        assert tree.root == ROOTS[size]
        assert [tree.proof(index) for index in range(size)] == [_path(index, LEAVES[:size]) for index in range(size)]


def test_a_frontier_has_the_root_of_every_size() -> None:
    tree = Frontier()
    for size in range(MOST + 1):
        assert tree.root() == ROOTS[size]
        assert size == 0 or root(node, begin=0, end=size) == ROOTS[size]
        tree.append(LEAVES[size])


def test_every_inclusion_proof_of_every_tree_holds() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = inclusion(node, index=index, size=size)
            assert fits(leaf=LEAVES[index], index=index, size=size, proof=proof, expected=ROOTS[size])


def test_every_consistency_proof_of_every_tree_holds() -> None:
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            proof = consistency(node, old=old, new=new)
            check_consistency(old_size=old, old_root=ROOTS[old], new_size=new, new_root=ROOTS[new], proof=proof)


def test_proofs_are_those_of_the_definition() -> None:
    for size in range(1, 41):
        for number in range(size):
            assert inclusion(node, index=number, size=size) == _path(number, LEAVES[:size])
            assert consistency(node, old=number + 1, new=size) == _proof(number + 1, LEAVES[:size])


@settings(max_examples=300)
@given(st.data())
def test_no_other_leaf_place_size_or_proof_fits(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(node, index=index, size=size)
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index))
    good = {"leaf": LEAVES[index], "index": index, "size": size, "proof": proof, "expected": ROOTS[size]}
    at = data.draw(st.integers(0, len(proof) - 1))
    bad = [*proof[:at], hashlib.sha256(proof[at]).digest(), *proof[at + 1 :]]
    for wrong in (
        {"leaf": LEAVES[other]}, {"index": other}, {"proof": bad}, {"proof": proof[:-1]}, {"proof": [*proof, proof[0]]},
        {"expected": ROOTS[size - 1]}, {"index": size}, {"index": -1},
    ):  # fmt: skip
        assert not fits(**(good | wrong))  # type: ignore[arg-type]


@settings(max_examples=300)
@given(st.data())
def test_no_other_history_is_consistent(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency(node, old=old, new=new)
    good = {"old_size": old, "old_root": ROOTS[old], "new_size": new, "new_root": ROOTS[new], "proof": proof}
    swapped = hashlib.sha256(ROOTS[old]).digest()
    for wrong in (
        {"old_root": swapped}, {"new_root": swapped}, {"proof": proof[:-1]}, {"proof": [*proof, swapped]},
        {"proof": [swapped, *proof[1:]]}, {"old_size": new + 1}, {"old_size": 0},
    ):  # fmt: skip
        with pytest.raises(Fault):
            check_consistency(**(good | wrong))  # type: ignore[arg-type]


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
NOTE = checkpoint(origin="harbor-falls.example/ledger", size=5, root=ROOTS[5], public=PUBLIC, sign=KEY.sign)
TRUSTED = {"harbor-falls.example/ledger": [PUBLIC]}


def test_a_checkpoint_is_signed_and_read() -> None:
    found = opened(NOTE, TRUSTED)
    assert (found.origin, found.size, found.root) == ("harbor-falls.example/ledger", 5, ROOTS[5])
    lines = NOTE.split("\n")
    assert lines[:2] == ["harbor-falls.example/ledger", "5"]
    assert lines[3] == ""
    assert lines[4].startswith("\u2014 harbor-falls.example/ledger ")
    assert len(fingerprint(PUBLIC)) == 64


def test_the_key_id_is_that_of_the_format() -> None:
    # SHA-256(name || LF || 0x01 || public key)[:4], worked out by hand over an all-zero key
    assert key_id("a", bytes(32)) == hashlib.sha256(b"a\n\x01" + bytes(32)).digest()[:4]


@pytest.mark.parametrize("at", range(len(NOTE.encode())))
def test_no_byte_of_a_checkpoint_can_be_changed(at: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[at] ^= 1
    with pytest.raises((Fault, UnicodeDecodeError)):
        opened(bytes(changed).decode(), TRUSTED)


@pytest.mark.parametrize(
    "note", ["", "\n\n", "a\n5\n\n\u2014 a b\n", NOTE.replace("\n5\n", "\n05\n"), NOTE.replace("=", "", 1)]
)
def test_what_is_no_checkpoint(note: str) -> None:
    with pytest.raises(Fault):
        opened(note, TRUSTED)


def test_another_key_and_another_name_sign_nothing() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    for keys in ({}, {"harbor-falls.example/ledger": [other]}, {"elsewhere": [PUBLIC]}):
        with pytest.raises(Fault, match="no key that is trusted"):
            opened(NOTE, keys)


def test_a_signature_of_a_witness_beside_ours_does_no_harm() -> None:
    assert opened(NOTE + "\u2014 witness.example AAAA\n", TRUSTED).size == 5


def test_a_proof_is_written_in_the_format() -> None:
    proof = inclusion(node, index=2, size=5)
    text = written(index=2, proof=proof, note=NOTE)
    head, _, note = text.partition("\n\n")
    assert head.split("\n")[:2] == ["c2sp.org/tlog-proof@v1", "index 2"]
    assert len(head.split("\n")) == 2 + len(proof)
    assert read_checkpoint(note).size == 5
