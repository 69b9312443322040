"""Provenance for real: XMP into the file, then a C2PA manifest signed in this process. Nothing goes over a network."""

from __future__ import annotations

import io
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from pressroom import __version__
from pressroom.domain.errors import Corrupt
from pressroom.domain.media import mime_of
from pressroom.provenance import manifest, xmp
from pressroom.provenance.carriers import BOXED, laid_out, with_xmp
from pressroom.provenance.certificates import Certificate
from pressroom.provenance.history import Ancestor, History
from pressroom.provenance.layout import Data, Layout, blank_binding, mapped
from pressroom.provenance.native import signed_store
from pressroom.provenance.reading import carries_manifest, rights_of, source_type_in

if TYPE_CHECKING:
    import c2pa

# What provenance may add to a file. Manifests of ancestors are embedded while they fit, else named by hash.
MOST_BYTES: Final = 16_000
# What containers need above manifest and XMP: a new directory of a TIFF (300), blocks and tail of a GIF (340).
_CONTAINER_BYTES: Final = 400
# Bounds of what a manifest has beside the certificates: by itself, and for each ancestor beside its own manifests.
_OWN_BYTES: Final = 3_000
_ANCESTOR_BYTES: Final = 1_000
_REMEMBERED: Final = 64
# The type whose manifests are largest.
_LARGEST: Final = mime_of("mov")
_NOBODY: Final = uuid.UUID("5f0c1ba1-6f0b-4c1e-9f7e-2d1d0c3b7a55")  # as good a name as any, for what is only measured
_OFFLINE: Final = {
    "verify_after_sign": False,
    "verify_trust": False,
    "ocsp_fetch": False,
    "remote_manifest_fetch": False,
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is remembered of an ancestor: its own manifests as an ingredient archive, and whose work it is."""

    archive: bytes | None
    rights: dict[str, tuple[str, ...]]
    source_type: str | None


class C2paSigner:
    """Signs with one certificate. Safe to use from several threads: each has native objects of its own."""

    def __init__(self, certificate: Callable[[], Certificate]) -> None:
        self._open = certificate
        self._lock = threading.Lock()
        self._own = threading.local()
        self._kept: dict[tuple[str, str, str], _Kept] = {}
        # How large the last manifest of a kind came out: the next one is laid out for as much, and again where it is not.
        self.store_bytes: dict[tuple[Any, ...], int] = {}

    @cached_property
    def certificate(self) -> Certificate:
        with self._lock:
            return self._open()

    def check(self) -> str:
        """Raises Refused when nothing could be signed."""
        return self.certificate.summary

    def draft(self, history: History) -> C2paDraft:
        """What is known before the files are made: their ancestry and how much all this will take."""
        relation = manifest.relationship(history)
        kept = [self.look_at(ancestor, relation) for ancestor in history.ancestors]
        pairs = zip(history.ancestors, kept, strict=True)
        ancestors = tuple(replace(ancestor, source_type=known.source_type) for ancestor, known in pairs)
        rights = xmp.together([known.rights for known in kept])
        return C2paDraft(self, replace(history, ancestors=ancestors), rights, [known.archive for known in kept])

    def builder(self, definition: Mapping[str, Any], *, verifying: bool = False) -> c2pa.Builder:
        """One that signs with this certificate. `verifying` makes it check the manifests of added ingredients."""
        import c2pa

        return c2pa.Builder(dict(definition), self._contexts()[verifying])

    def _contexts(self) -> tuple[Any, Any]:
        """This thread's context, and one that checks ingredients."""
        if not hasattr(self._own, "contexts"):
            self._own.contexts = (self._context(checked=False), self._context(checked=True))
        contexts: tuple[Any, Any] = self._own.contexts
        return contexts

    def _context(self, *, checked: bool) -> c2pa.Context:
        import c2pa

        found = self.certificate
        # No address of a time stamp authority: signing asks nobody.
        info = c2pa.C2paSignerInfo(found.algorithm, found.chain, found.key, None)
        settings = {
            "builder": {"thumbnail": {"enabled": False}, "generate_c2pa_archive": True},
            "verify": {**_OFFLINE, "verify_after_reading": checked},
        }
        return c2pa.Context(c2pa.Settings.from_dict(settings), c2pa.Signer.from_info(info))

    def remember(self, kind: tuple[Any, ...], store_bytes: int) -> None:
        with self._lock:
            while len(self.store_bytes) >= _REMEMBERED:
                self.store_bytes.pop(next(iter(self.store_bytes)))
            self.store_bytes[kind] = store_bytes

    def look_at(self, ancestor: Ancestor, relation: str) -> _Kept:
        """Read an ancestor once: a photo of twelve megapixels feeds dozens of nodes."""
        key = (ancestor.sha256, ancestor.asset_id, relation)
        found = self._kept.get(key)
        if found is None:
            source = ancestor.source_type or source_type_in(ancestor.path, ancestor.mime)
            found = _Kept(self._archive(ancestor, relation), rights_of(ancestor.path), source)
            with self._lock:
                while len(self._kept) >= _REMEMBERED:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[key] = found
        return found

    def _archive(self, ancestor: Ancestor, relation: str) -> bytes | None:
        """The ancestor's own manifests in the form that can be added again and again; None when it has none."""
        import c2pa

        if not carries_manifest(ancestor.path):
            return None
        out = io.BytesIO()
        # A damaged or foreign manifest is no reason to fail: the ancestor is then named by its hash.
        with suppress(c2pa.C2paError), ancestor.path.open("rb") as file:
            # What we signed ourselves is named by its hash in the store; what a user brings is verified here.
            builder = self.builder({}, verifying=ancestor.brought)
            label = label_of(ancestor)
            builder.add_ingredient(manifest.ingredient(label, ancestor, relation), ancestor.mime, file)
            builder.write_ingredient_archive(label, out)
        return out.getvalue() or None


def label_of(ancestor: Ancestor) -> str:
    return ancestor.asset_id


@dataclass
class C2paDraft:
    """The provenance of one node's files: what is the same for all of them."""

    signer: C2paSigner
    history: History
    rights: dict[str, tuple[str, ...]]
    archives: Sequence[bytes | None]
    _embedded: list[bytes | None] = field(init=False)

    def __post_init__(self) -> None:
        self._embedded = list(self.archives)
        while any(self._embedded) and self._most() > MOST_BYTES and self._measured() > MOST_BYTES:
            largest = max(range(len(self._embedded)), key=lambda number: len(self._embedded[number] or b""))
            self._embedded[largest] = None

    @cached_property
    def reserved_bytes(self) -> int:
        return self._measured()

    def attach(self, path: Path, mime: str, max_bytes: int | None = None) -> dict[str, Any]:
        """Add provenance to a finished file and say what was added, for its record.

        Never loses a file: where it cannot be signed, or would pass `max_bytes`, it stays as it was, or with XMP alone,
        and the record says why.
        """
        import c2pa

        before = path.stat().st_size
        record: dict[str, Any] = {"source_type": self.history.source_type, "state": "unsigned"}
        try:
            record |= self._attached(path, mime, max_bytes)
        except (c2pa.C2paError, Corrupt, OSError) as exc:
            record["reason"] = f"could not be signed: {exc}"
        return {**record, "added_bytes": path.stat().st_size - before}

    def _attached(self, path: Path, mime: str, max_bytes: int | None) -> dict[str, Any]:
        if not _can_sign(mime):
            return {"reason": f"{mime or 'this format'} has no place for a manifest"}
        name = uuid.uuid4()
        urn, packet, data = f"urn:c2pa:{name}", self._packet(name), mapped(path)
        # What a vendor signed stays in the file as the nearest ancestor.
        delivered = path if self.history.bought and carries_manifest(path) else None
        layout, signed = self._laid_out(data, mime, urn, packet, delivered)
        size = layout.size if layout else len(signed)
        if max_bytes is not None and size > max_bytes:
            return {"reason": f"with its manifest it would have {size:,} bytes, the limit is {max_bytes:,}"}
        with _replaced(path) as target:
            target.writelines(layout.pieces(signed) if layout else [signed])
        ancestry = "none" if not self.archives else "embedded" if all(self._embedded) else "referenced"
        return {"state": "signed", "manifest": urn, "ancestry": ancestry, "signer": self.signer.certificate.name}

    def _laid_out(
        self, data: Data, mime: str, urn: str, packet: bytes, delivered: Path | None
    ) -> tuple[Layout | None, bytes]:
        """The file's layout and the manifest for its gap; where c2pa puts manifests in by itself, None and the whole file."""
        layout = laid_out(data, mime, packet, self._size_of_store(mime, delivered))
        if layout is None:
            return None, self._signed_by_c2pa(urn, mime, with_xmp(data, mime, packet) or data[:], delivered)
        store = signed_store(self._builder(urn, mime, delivered, layout.binding()))
        if len(store) != layout.gap.store_bytes:
            layout = laid_out(data, mime, packet, len(store)) or layout
            store = signed_store(self._builder(urn, mime, delivered, layout.binding()))
        if delivered is None:
            self.signer.remember(self._likes_of(mime), len(store))
        return layout, store

    def _signed_by_c2pa(self, urn: str, mime: str, source: bytes, delivered: Path | None) -> bytes:
        out = io.BytesIO()
        self._builder(urn, mime, delivered).sign(mime, io.BytesIO(source), out)
        return out.getvalue()

    def _builder(
        self, urn: str, mime: str, delivered: Path | None = None, binding: Mapping[str, Any] | None = None
    ) -> c2pa.Builder:
        labels = [label_of(ancestor) for ancestor in self.history.ancestors]
        archives = list(self._embedded)
        if delivered is not None:
            looked_at = [self.signer.look_at(ancestor, manifest.INPUT).archive for ancestor in self.history.ancestors]
            archives = [new if old else None for new, old in zip(looked_at, archives, strict=True)]
        pairs = list(zip(labels, self.history.ancestors, archives, strict=True))
        referenced = {label: ancestor for label, ancestor, archive in pairs if archive is None}
        own = "delivered" if delivered else None
        definition = manifest.definition(
            self.history, urn, referenced, labels, mime=mime, delivered=own, binding=binding
        )
        builder = self.signer.builder(definition, verifying=delivered is not None)
        for _, _, archive in pairs:
            if archive is not None:
                builder.add_ingredient_from_archive(io.BytesIO(archive))
        if delivered is not None:
            with delivered.open("rb") as file:
                values = {"title": "as delivered", "relationship": manifest.PARENT, "label": own}
                builder.add_ingredient(values, mime, file)
        return builder

    def _packet(self, name: uuid.UUID) -> bytes:
        return xmp.packet(
            source_type=self.history.source_type,
            tool=f"{manifest.AGENT} {__version__}",
            instance_id=f"xmp.iid:{name}",
            origins=[ancestor.origin for ancestor in self.history.ancestors],
            rights=self.rights,
        )

    def _measured(self) -> int:
        """How many bytes provenance adds to a file of this node, whatever its format."""
        return self._size_of_store(_LARGEST) + len(self._packet(_NOBODY)) + _CONTAINER_BYTES

    def _most(self) -> int:
        """No less than is measured, told at once: signing to measure takes as long as a small picture does."""
        embedded = sum(len(archive or b"") for archive in self._embedded)
        own = _OWN_BYTES + len(self.signer.certificate.chain) + _ANCESTOR_BYTES * len(self.archives)
        return embedded + own + len(self._packet(_NOBODY)) + _CONTAINER_BYTES

    def _size_of_store(self, mime: str, delivered: Path | None = None) -> int:
        """Found by signing nothing: what is signed for a file differs in digests and names alone."""
        likes = self._likes_of(mime)
        known = None if delivered else self.signer.store_bytes.get(likes)
        if known is None:
            builder = self._builder(f"urn:c2pa:{_NOBODY}", mime, delivered, blank_binding(boxed=mime in BOXED))
            known = len(signed_store(builder))
            if delivered is None:
                self.signer.remember(likes, known)
        return known

    def _likes_of(self, mime: str) -> tuple[Any, ...]:
        """What manifests of one size have in common, up to a few bytes."""
        told = self.history
        mimes = (ancestor.mime for ancestor in told.ancestors)
        sizes = (len(archive or b"") for archive in self._embedded)
        return mime, told.operation, told.version, told.maker, told.source_type, *zip(mimes, sizes, strict=True)


def _can_sign(mime: str) -> bool:
    import c2pa

    return mime in c2pa.Builder.get_supported_mime_types()


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """A file to write in place of this one. Whole or not at all: a full disk leaves the file as it was."""
    temporary = path.with_name(f".{path.name}.signed")
    try:
        with temporary.open("wb") as file:
            yield file
        # Workspaces do not outlive a crash, and ext4 writes a file to the disk when it is renamed over another (2.5 ms).
        path.unlink()
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
