"""The certificate that signs: the user's, or a development one made on first use.

A development certificate shows that the mechanism works and that a file was not changed since; it proves nobody's
identity, says so in its name, and no viewer trusts it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pressroom.domain.errors import Refused

DEVELOPMENT_NAME: Final = "Pressroom development, not trusted"
_FILE: Final = "development.pem"
_VALID: Final = timedelta(days=5 * 365)
_CLOCK_SLACK: Final = timedelta(days=1)
_MOST_BYTES: Final = 100_000


@dataclass(frozen=True)
class Certificate:
    """A chain (leaf first), its private key, and what people want to know of it. The key is shown nowhere."""

    algorithm: str
    chain: bytes
    key: bytes = field(repr=False)
    name: str
    expires: datetime
    development: bool = False

    @property
    def summary(self) -> str:
        """`signs as NAME (ed25519), valid until 2031-11-25`."""
        return f"signs as {self.name!r} ({self.algorithm}), valid until {self.expires:%Y-%m-%d}"


def load(chain: Path, key: bytes, *, now: datetime) -> Certificate:
    """The user's certificate. Raises Refused, in the user's words, for one that cannot sign."""
    try:
        return _checked(_read(chain), key, chain, now)
    except OSError as exc:
        raise _useless(f"certificate {chain} cannot be read: {exc.strerror}") from exc


def _checked(pem: bytes, key: bytes, chain: Path, now: datetime) -> Certificate:
    from cryptography import x509

    try:
        leaf = x509.load_pem_x509_certificates(pem)[0]
    except ValueError as exc:
        raise _useless(f"certificate {chain} cannot be read: {exc}") from exc
    private, public = _key(key), leaf.public_key()
    if _spki(private.public_key()) != _spki(public):
        raise _useless(f"the signing key does not belong to certificate {chain}")
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        span = f"{leaf.not_valid_before_utc:%Y-%m-%d} to {leaf.not_valid_after_utc:%Y-%m-%d}"
        raise _useless(f"certificate {chain} is valid from {span} only")
    if leaf.issuer == leaf.subject:
        raise _useless(f"certificate {chain} is its own issuer; C2PA wants one that an authority has issued")
    return Certificate(_algorithm(private), pem, _pem(private), _common_name(leaf), leaf.not_valid_after_utc)


def key_text(path: Path | None, text: str) -> bytes:
    """The private key as PEM, from a setting or from a file. Raises Refused when there is none."""
    if text:
        return text.encode()
    if path is None:
        raise _useless("setting 'signing_certificate' needs 'signing_key' or 'signing_key_pem'")
    try:
        return _read(path)
    except OSError as exc:
        raise _useless(f"signing key {path} cannot be read: {exc.strerror}") from exc


def development(folder: Path, *, now: datetime) -> Certificate:
    """The development certificate of this home, made when there is none or when it has run out.

    Key and certificates are one file that only its owner may read; it appears whole, and where several processes make
    one at the same time all use the first.
    """
    path = folder / _FILE
    put: Callable[[Path, Path], Path] = _link
    try:
        return _stored(path, now)
    except FileNotFoundError:
        pass
    except Refused:
        put = Path.replace  # it has run out, or is damaged
    folder.mkdir(parents=True, exist_ok=True)
    made = _make(now)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".development-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(made)
        put(Path(temporary), path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return _stored(path, now)


def _stored(path: Path, now: datetime) -> Certificate:
    pem = _read(path)
    # The authority's certificate stays at home: nobody trusts it, and every file would carry it.
    leaf = b"-----BEGIN CERTIFICATE".join(pem.split(b"-----BEGIN CERTIFICATE")[:2])
    found = _checked(leaf, pem, path, now)
    return replace(found, chain=leaf[leaf.index(b"-----BEGIN CERTIFICATE") :], development=True)


def _link(temporary: Path, path: Path) -> Path:
    """Where another process was faster, its file stays."""
    with suppress(FileExistsError):
        path.hardlink_to(temporary)
    return path


def _make(now: datetime) -> bytes:
    """PEM of a new key, its certificate, and the authority that issued it and signs nothing else ever."""
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    authority, key = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    issuer = _issued(authority, authority, "Pressroom development authority", now, authority_of_others=True)
    leaf = _issued(key, authority, DEVELOPMENT_NAME, now, authority_of_others=False)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return bytes(private + leaf.public_bytes(Encoding.PEM) + issuer.public_bytes(Encoding.PEM))


def _issued(key: Any, issuer: Any, name: str, now: datetime, *, authority_of_others: bool) -> Any:
    """A certificate with the extensions that C2PA demands (specification 2.2, 14.5)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(common_name: str) -> x509.Name:
        organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, DEVELOPMENT_NAME)
        return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])

    issuer_key = x509.SubjectKeyIdentifier.from_public_key(issuer.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("Pressroom development authority"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(authority_of_others, 0 if authority_of_others else None), critical=True)
        .add_extension(_usage(authority_of_others), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), critical=False)
    )
    if not authority_of_others:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer, None)


def _usage(authority_of_others: bool) -> Any:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not authority_of_others,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority_of_others,
        crl_sign=authority_of_others,
        encipher_only=False,
        decipher_only=False,
    )


def _key(pem: bytes) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    begin = pem.find(b"-----BEGIN")
    end = pem.find(b"-----BEGIN CERTIFICATE", begin)
    try:
        return load_pem_private_key(pem[max(begin, 0) : end if end > begin else None], password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # What the library says may quote the key.
        raise _useless("the signing key is no PEM private key without a password") from None


def _algorithm(key: Any) -> str:
    """C2PA's name for what this key signs with."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    curves = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in curves:
        return curves[key.curve.name]
    raise _useless("C2PA signs with Ed25519, RSA or the curves P-256, P-384 and P-521; this key is of another kind")


def _pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _spki(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _common_name(leaf: Any) -> str:
    from cryptography.x509.oid import NameOID

    names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value if names else leaf.subject.rfc4514_string())


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _useless(message: str) -> Refused:
    return Refused(
        message, hint="set signing_certificate and signing_key, or unset both to sign with a development one"
    )
