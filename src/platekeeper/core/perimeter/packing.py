"""A network as bytes and back, so that a file of roads is parsed once."""

from __future__ import annotations

import zlib

import msgspec

from platekeeper.core.perimeter.roads import Network


def packed(network: Network) -> bytes:
    """Return a network as bytes."""
    return zlib.compress(msgspec.msgpack.encode(network), 6)


def unpacked(content: bytes) -> Network:
    """Return the network that our own bytes hold. Raises `msgspec.ValidationError` or `zlib.error` for others."""
    return msgspec.msgpack.decode(zlib.decompress(content), type=Network)
