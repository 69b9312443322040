"""Assets: add, find, lineage, collections."""

from __future__ import annotations

from pressroom.library.assets import add_asset, assets_of_node, describe, get_asset, known
from pressroom.library.collections import (
    Collection,
    add_to_collection,
    collections,
    create_collection,
    delete_collection,
    remove_from_collection,
)
from pressroom.library.lineage import Lineage, lineage
from pressroom.library.mirror import Mirror
from pressroom.library.opinions import opinions_of, set_favourite, set_rating
from pressroom.library.search import Filter, Found, Query, Sort, find
from pressroom.library.tags import add_tags, remove_tags, tag_counts

__all__ = [
    "Collection",
    "Filter",
    "Found",
    "Lineage",
    "Mirror",
    "Query",
    "Sort",
    "add_asset",
    "add_tags",
    "add_to_collection",
    "assets_of_node",
    "collections",
    "create_collection",
    "delete_collection",
    "describe",
    "find",
    "get_asset",
    "known",
    "lineage",
    "opinions_of",
    "remove_from_collection",
    "remove_tags",
    "set_favourite",
    "set_rating",
    "tag_counts",
]
