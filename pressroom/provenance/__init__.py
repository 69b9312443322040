"""Where a file comes from, told inside the file: XMP with IPTC's digital source type, and a signed C2PA manifest."""

from __future__ import annotations

from pressroom.provenance.history import Ancestor, History
from pressroom.provenance.unsigned import NoProvenance

__all__ = ["Ancestor", "History", "NoProvenance"]
