"""The words of the library: what an asset is for, where it stands, who said what of it, how it was used and shared."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What an asset is for."""

    PRODUCT = "product"
    MARKETING = "marketing"
    SOCIAL = "social"
    PRESENTATION = "presentation"
    EMAIL = "email"
    AGENT = "agent"
    OTHER = "other"


class AssetState(StrEnum):
    READY = "ready"
    PROCESSING = "processing"
    FAILED = "failed"
    ARCHIVED = "archived"  # kept, and shown only to who asks for it
    TRASHED = "trashed"  # kept for some days, then purged


class TagOrigin(StrEnum):
    """Who put a tag on an asset."""

    PERSON = "person"
    RULE = "rule"  # measured, or read off its record
    MODEL = "model"  # said by a model that was asked


class Use(StrEnum):
    """How an asset was used."""

    VIEW = "view"
    DOWNLOAD = "download"
    SHARE = "share"
    EMBED = "embed"
    AGENT = "agent"
    POST = "post"
    EMAIL = "email"
    PRESENTATION = "presentation"
    CAMPAIGN = "campaign"


class Right(StrEnum):
    """What who is shared with may do; each includes those before it."""

    VIEW = "view"  # words and preview
    USE = "use"  # the original, in campaigns too
    EDIT = "edit"  # words, tags, folder, trash


class Shared(StrEnum):
    """What can be shared."""

    ASSET = "asset"
    FOLDER = "folder"
    COLLECTION = "collection"


class RetentionAction(StrEnum):
    """What a retention rule does to what has become old."""

    ARCHIVE = "archive"
    TRASH = "trash"
    PURGE = "purge"
