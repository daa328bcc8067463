"""Where map tiles may come from, for the Content-Security-Policy."""

from __future__ import annotations

from urllib.parse import urlsplit


def tile_sources(template: str) -> list[str]:
    """Return the one origin of a tile address such as https://tiles.example.org/{z}/{x}/{y}.png; none for none.

    Raises ValueError for an address without scheme and host, or with a host that is a pattern.
    """
    if not template:
        return []
    address = urlsplit(template)
    if address.scheme not in {"http", "https"} or not address.hostname or "{" in address.netloc:
        raise ValueError("PLATEKEEPER_MAP_TILES is an address such as https://tiles.example.org/{z}/{x}/{y}.png.")
    return [f"{address.scheme}://{address.netloc}"]
