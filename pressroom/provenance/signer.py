"""Provenance for real: XMP into the file, then a C2PA manifest signed in this process. Nothing goes over a network."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from pressroom import __version__
from pressroom.errors import Corrupt
from pressroom.provenance import manifest, xmp
from pressroom.provenance.carriers import APPENDED, tail_with_xmp, with_xmp
from pressroom.provenance.certificates import Certificate
from pressroom.provenance.history import Ancestor, History
from pressroom.provenance.reading import carries_manifest, rights_of, source_type_in

if TYPE_CHECKING:
    import c2pa

# What provenance may add to a file. Manifests of ancestors are embedded while they fit, else named by hash.
MOST_BYTES: Final = 16_000
# What other containers need above the PNG that is measured: ISO media hashes (150), GIF blocks (60) and its XMP tail (290).
_CONTAINER_BYTES: Final = 512
_REMEMBERED: Final = 64
# The smallest PNG: one black pixel.
_DOT: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)
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

    def sign(self, builder: c2pa.Builder, mime: str, source: BinaryIO, target: BinaryIO) -> None:
        builder.sign(self._native()[0], mime, source, target)

    def builder(self, definition: Mapping[str, Any], *, verifying: bool = False) -> c2pa.Builder:
        """`verifying` makes it check the manifests of added ingredients and record what it finds."""
        import c2pa

        return c2pa.Builder(dict(definition), self._native()[2 if verifying else 1])

    def _native(self) -> tuple[Any, Any, Any]:
        """This thread's signer, its context, and one that checks ingredients."""
        if not hasattr(self._own, "objects"):
            import c2pa

            found = self.certificate
            # No address of a time stamp authority: signing asks nobody.
            info = c2pa.C2paSignerInfo(found.algorithm, found.chain, found.key, None)
            contexts = [
                c2pa.Context(
                    c2pa.Settings.from_dict(
                        {
                            "builder": {"thumbnail": {"enabled": False}, "generate_c2pa_archive": True},
                            "verify": {**_OFFLINE, "verify_after_reading": checked},
                        }
                    )
                )
                for checked in (False, True)
            ]
            self._own.objects = (c2pa.Signer.from_info(info), *contexts)
        objects: tuple[Any, Any, Any] = self._own.objects
        return objects

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
    reserved_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        self._embedded = list(self.archives)
        size = self._measured()
        while size > MOST_BYTES and any(self._embedded):
            largest = max(range(len(self._embedded)), key=lambda number: len(self._embedded[number] or b""))
            self._embedded[largest] = None
            size = self._measured()
        self.reserved_bytes = size

    def attach(self, path: Path, mime: str, max_bytes: int | None = None) -> dict[str, Any]:
        """Add provenance to a finished file and say what was added, for its record.

        Never loses a file: where it cannot be signed, or would pass `max_bytes`, it stays as it was, or with XMP alone,
        and the record says why.
        """
        import c2pa

        before = path.stat().st_size
        record: dict[str, Any] = {"source_type": self.history.source_type, "state": "unsigned"}
        try:
            if mime in APPENDED:
                record |= self._sign_film(path, mime, max_bytes)
            else:
                record |= self._sign_still(path, mime, max_bytes)
        except (c2pa.C2paError, Corrupt, OSError) as exc:
            record["reason"] = f"could not be signed: {exc}"
        return {**record, "added_bytes": path.stat().st_size - before}

    def _sign_still(self, path: Path, mime: str, max_bytes: int | None) -> dict[str, Any]:
        data = path.read_bytes()
        marked = with_xmp(data, mime, self._packet(data, self.rights))
        source = data if marked is None else marked
        if not _can_sign(mime):
            if marked is not None and _fits(len(marked), max_bytes):
                _write(path, marked)
            return {"reason": f"{mime or 'this format'} has no place for a manifest"}
        out = io.BytesIO()
        found = self._signed(mime, io.BytesIO(source), out, path)
        signed = out.getbuffer()
        if not _fits(len(signed), max_bytes):
            return _too_large(len(signed), max_bytes)
        _write(path, signed)
        return found

    def _sign_film(self, path: Path, mime: str, max_bytes: int | None) -> dict[str, Any]:
        """Streams, because clips are large."""
        size = path.stat().st_size
        with path.open("rb") as file:
            identity = file.read(65_536)
        target = path.with_name(f".{path.name}.signed")
        try:
            with path.open("ab") as file:
                file.write(tail_with_xmp(self._packet(identity, self.rights)))
            with path.open("rb") as source, target.open("w+b") as out:
                found = self._signed(mime, source, out, path)
            if not _fits(target.stat().st_size, max_bytes):
                os.truncate(path, size)
                return _too_large(target.stat().st_size, max_bytes)
            _put(target, path)
            return found
        except BaseException:
            os.truncate(path, size)
            raise
        finally:
            target.unlink(missing_ok=True)

    def _signed(self, mime: str, source: BinaryIO, target: BinaryIO, path: Path) -> dict[str, Any]:
        """Write the signed file. What a vendor signed stays in it as the nearest ancestor."""
        urn = f"urn:c2pa:{uuid.uuid4()}"
        delivered = path if self.history.bought and carries_manifest(path) else None
        self.signer.sign(self._builder(urn, delivered, mime), mime, source, target)
        ancestry = "none" if not self.archives else "embedded" if all(self._embedded) else "referenced"
        return {"state": "signed", "manifest": urn, "ancestry": ancestry, "signer": self.signer.certificate.name}

    def _builder(self, urn: str, delivered: Path | None = None, mime: str = "") -> c2pa.Builder:
        labels = [label_of(ancestor) for ancestor in self.history.ancestors]
        archives = list(self._embedded)
        if delivered is not None:
            looked_at = [self.signer.look_at(ancestor, manifest.INPUT).archive for ancestor in self.history.ancestors]
            archives = [new if old else None for new, old in zip(looked_at, archives, strict=True)]
        pairs = list(zip(labels, self.history.ancestors, archives, strict=True))
        referenced = {label: ancestor for label, ancestor, archive in pairs if archive is None}
        own = "delivered" if delivered else None
        builder = self.signer.builder(
            manifest.definition(self.history, urn, referenced, labels, delivered=own), verifying=delivered is not None
        )
        for _, _, archive in pairs:
            if archive is not None:
                builder.add_ingredient_from_archive(io.BytesIO(archive))
        if delivered is not None:
            with delivered.open("rb") as file:
                values = {"title": "as delivered", "relationship": manifest.PARENT, "label": own}
                builder.add_ingredient(values, mime, file)
        return builder

    def _packet(self, data: bytes, rights: dict[str, tuple[str, ...]]) -> bytes:
        # Named by what it is, so that the same file gets the same name wherever it is made.
        name = uuid.UUID(bytes=hashlib.sha256(data).digest()[:16])
        return xmp.packet(
            source_type=self.history.source_type,
            tool=f"{manifest.AGENT} {__version__}",
            instance_id=f"xmp.iid:{name}",
            origins=[ancestor.origin for ancestor in self.history.ancestors],
            rights=rights,
        )

    def _measured(self) -> int:
        """How many bytes provenance adds to a file of this node: signing a dot tells, to within the container's part."""
        out = io.BytesIO()
        packet = self._packet(_DOT, self.rights)
        source = with_xmp(_DOT, "image/png", packet) or _DOT
        self.signer.sign(self._builder(f"urn:c2pa:{uuid.uuid4()}"), "image/png", io.BytesIO(source), out)
        return len(out.getbuffer()) - len(_DOT) + _CONTAINER_BYTES


def _can_sign(mime: str) -> bool:
    import c2pa

    return mime in c2pa.Builder.get_supported_mime_types()


def _fits(size: int, max_bytes: int | None) -> bool:
    return max_bytes is None or size <= max_bytes


def _too_large(size: int, max_bytes: int | None) -> dict[str, Any]:
    return {"reason": f"with its manifest it would have {size:,} bytes, the limit is {max_bytes:,}"}


def _write(path: Path, data: bytes | memoryview) -> None:
    """Whole or not at all: a full disk leaves the file as it was."""
    temporary = path.with_name(f".{path.name}.signed")
    try:
        temporary.write_bytes(data)
        _put(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _put(temporary: Path, path: Path) -> None:
    # Workspaces do not outlive a crash, and ext4 writes a file to the disk when it is renamed over another (2.5 ms).
    path.unlink()
    temporary.rename(path)
