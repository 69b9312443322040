"""Assets: add, find, lineage, collections."""

from __future__ import annotations

from pressroom.library.assets import add_asset, assets_of_node, get_asset, known
from pressroom.library.collections import (
    Collection,
    add_to_collection,
    collections_of,
    create_collection,
    delete_collection,
    edit_collection,
    order_collection,
    remove_from_collection,
)
from pressroom.library.editing import Edit, edit_assets, set_state
from pressroom.library.folders import folders_of, move_folder
from pressroom.library.lineage import Lineage, lineage
from pressroom.library.mirror import Mirror
from pressroom.library.opinions import opinions_of, set_favourite, set_rating
from pressroom.library.search import Filter, Found, Query, Sort, find
from pressroom.library.tags import add_tags, remove_tags, tag_counts, tags_of

__all__ = [
    "Collection",
    "Edit",
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
    "collections_of",
    "create_collection",
    "delete_collection",
    "edit_assets",
    "edit_collection",
    "find",
    "folders_of",
    "get_asset",
    "known",
    "lineage",
    "move_folder",
    "opinions_of",
    "order_collection",
    "remove_from_collection",
    "remove_tags",
    "set_favourite",
    "set_rating",
    "set_state",
    "tag_counts",
    "tags_of",
]
