"""Where LPRs stand so that nobody leaves a ring around a scene unread (V.e): roads as a graph, and its smallest cut.

A file of roads (`osm`, `geojson`) becomes a `Network`; `propose` finds the places; `Snapper` says which road a place is on.
"""

from platekeeper.core.perimeter.cutting import Plan, Post, propose
from platekeeper.core.perimeter.files import parse_roads
from platekeeper.core.perimeter.packing import packed, unpacked
from platekeeper.core.perimeter.roads import Network, Road, RoadsError
from platekeeper.core.perimeter.snapping import Snapper

__all__ = ["Network", "Plan", "Post", "Road", "RoadsError", "Snapper", "packed", "parse_roads", "propose", "unpacked"]
