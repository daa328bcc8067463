"""Proofs out of a Merkle tree (RFC 6962, section 2.1), from stored nodes: a logarithm of them, however large the tree."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

from platekeeper.core.ledger import node_hash

Node = Callable[[int, int], bytes]
"""The hash of the whole subtree of 2^level leaves that begins at leaf `index` * 2^level: (level, index) -> hash."""
HEADING = "c2sp.org/tlog-proof@v1"


def finished(size: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the subtrees that the leaf at `size` - 1 completes, the smallest first."""
    level, index = 0, size - 1
    while index & 1:
        level, index = level + 1, index >> 1
        yield level, index


def cover(*, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the whole subtrees side by side over the leaves from `begin` up to, not with, `end`."""
    while begin < end:
        level = _largest(begin, end)
        yield level, begin >> level
        begin += 1 << level


def root(node: Node, *, begin: int, end: int) -> bytes:
    """Return the root over the leaves from `begin` up to, not with, `end`; `begin` is where such a subtree may stand."""
    peaks = [node(level, index) for level, index in cover(begin=begin, end=end)]
    found = peaks.pop()
    while peaks:
        found = node_hash(peaks.pop(), found)
    return found


def inclusion(node: Node, *, index: int, size: int) -> list[bytes]:
    """Return the proof that a leaf stands in the tree of `size` leaves (RFC 6962, section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    path, begin, end = [], 0, size
    while end - begin > 1:
        split = begin + (1 << (end - begin - 1).bit_length() - 1)
        if index < split:
            path.append(root(node, begin=split, end=end))
            end = split
        else:
            path.append(root(node, begin=begin, end=split))
            begin = split
    return path[::-1]


def consistency(node: Node, *, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `new` leaves begins with that of `old` (RFC 6962, section 2.1.2)."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} cannot follow one of {old}")
    path, begin, end, whole = [], 0, new, True
    while old != end:
        split = begin + (1 << (end - begin - 1).bit_length() - 1)
        if old <= split:
            path.append(root(node, begin=split, end=end))
            end = split
        else:
            path.append(root(node, begin=begin, end=split))
            begin, whole = split, False
    if not whole:
        path.append(root(node, begin=begin, end=end))
    return path[::-1]


def written(*, index: int, proof: list[bytes], note: str) -> str:
    """Return a proof in the C2SP `tlog-proof` format: it names the leaf's place and carries the checkpoint."""
    hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
    return f"{HEADING}\nindex {index}\n{hashes}\n{note}"


def _largest(begin: int, end: int) -> int:
    """Return the level of the largest subtree that may begin at `begin` and ends by `end`."""
    fit = (end - begin).bit_length() - 1
    return fit if begin == 0 else min(fit, (begin & -begin).bit_length() - 1)
