"""The certificate that signs: made once, kept private, refused in plain words when it cannot sign."""

from __future__ import annotations

import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pressroom.domain.errors import Refused
from pressroom.provenance.certificates import DEVELOPMENT_NAME, development, key_text, load
from pressroom.provenance.history import History
from pressroom.provenance.reading import describe
from pressroom.provenance.signer import C2paSigner

NOW = datetime.now(UTC)


def _make_one(folder: str) -> bytes:
    return development(Path(folder), now=NOW).chain


def issued(folder: Path, key: Any, *, days: int = 30, own: bool = False) -> tuple[Path, bytes]:
    """A certificate of an authority of the test's, and the key's PEM."""
    authority = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme"), x509.NameAttribute(NameOID.COMMON_NAME, "A")]
    )
    issuer = name if own else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority")])
    start = NOW - timedelta(days=60)
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    leaf = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority_key, critical=False)
        .sign(authority, hashes.SHA256())
    )
    path = folder / "chain.pem"
    path.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return path, pem


class TestDevelopment:
    def test_it_is_made_once_and_says_what_it_is(self, tmp_path: Path) -> None:
        first = development(tmp_path / "signing", now=NOW)
        second = development(tmp_path / "signing", now=NOW)

        assert first == second
        assert first.name == DEVELOPMENT_NAME == "Pressroom development, not trusted"
        assert first.development
        assert first.summary.startswith("signs as 'Pressroom development, not trusted' (ed25519), valid until ")

    def test_only_its_owner_may_read_it_and_its_key_is_shown_nowhere(self, tmp_path: Path) -> None:
        found = development(tmp_path / "signing", now=NOW)

        files = list((tmp_path / "signing").iterdir())
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600]
        assert b"PRIVATE KEY" in found.key
        assert "PRIVATE KEY" not in repr(found) + found.summary

    def test_processes_that_start_together_use_the_same(self, tmp_path: Path) -> None:
        with ProcessPoolExecutor(4) as pool:
            chains = set(pool.map(_make_one, [str(tmp_path / "signing")] * 8))

        assert len(chains) == 1

    def test_one_that_has_run_out_is_made_anew(self, tmp_path: Path) -> None:
        old = development(tmp_path, now=NOW - timedelta(days=6 * 365))

        new = development(tmp_path, now=NOW)

        assert new.chain != old.chain
        assert new.expires > NOW

    def test_one_that_is_damaged_is_made_anew(self, tmp_path: Path) -> None:
        (tmp_path / "development.pem").write_text("-----BEGIN nothing")

        assert development(tmp_path, now=NOW).expires > NOW


class TestConfigured:
    @pytest.mark.parametrize(
        ("make", "algorithm"),
        [
            (ed25519.Ed25519PrivateKey.generate, "ed25519"),
            (lambda: ec.generate_private_key(ec.SECP256R1()), "es256"),
            (lambda: ec.generate_private_key(ec.SECP384R1()), "es384"),
            (lambda: rsa.generate_private_key(65537, 2048), "ps256"),
        ],
    )
    def test_it_signs_with_what_its_key_is_for(
        self, tmp_path: Path, samples: dict[str, Path], make: Any, algorithm: str
    ) -> None:
        chain, key = issued(tmp_path, make())
        target = tmp_path / "signed.jpg"
        target.write_bytes(samples["plain.jpg"].read_bytes())

        found = load(chain, key, now=NOW)
        C2paSigner(lambda: found).draft(History("crop", 1, "local/x", "0" * 64)).attach(target, "image/jpeg")

        assert found.algorithm == algorithm
        assert not found.development
        described = describe(target, "image/jpeg")
        assert (described.state, described.signer) == ("valid", "A")

    def test_one_that_has_expired_is_refused(self, tmp_path: Path) -> None:
        chain, key = issued(tmp_path, ed25519.Ed25519PrivateKey.generate(), days=-1)

        with pytest.raises(Refused, match=r"is valid from .* to .* only"):
            load(chain, key, now=NOW)

    def test_another_certificates_key_is_refused(self, tmp_path: Path) -> None:
        chain, _ = issued(tmp_path, ed25519.Ed25519PrivateKey.generate())
        _, key = issued(tmp_path / "..", ed25519.Ed25519PrivateKey.generate())
        issued(tmp_path, ed25519.Ed25519PrivateKey.generate())

        with pytest.raises(Refused, match="does not belong"):
            load(chain, key, now=NOW)

    def test_one_that_issued_itself_is_refused(self, tmp_path: Path) -> None:
        chain, key = issued(tmp_path, ed25519.Ed25519PrivateKey.generate(), own=True)

        with pytest.raises(Refused, match="its own issuer"):
            load(chain, key, now=NOW)

    def test_what_is_no_key_is_refused_without_being_quoted(self, tmp_path: Path) -> None:
        chain, _ = issued(tmp_path, ed25519.Ed25519PrivateKey.generate())

        with pytest.raises(Refused, match="no PEM private key") as caught:
            load(chain, b"-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n", now=NOW)

        assert "hush" not in f"{caught.value!r} {caught.value} {caught.value.__cause__}"

    def test_what_is_missing_is_named(self, tmp_path: Path) -> None:
        chain, key = issued(tmp_path, ed25519.Ed25519PrivateKey.generate())

        with pytest.raises(Refused, match=r"nowhere\.pem cannot be read"):
            load(tmp_path / "nowhere.pem", key, now=NOW)
        with pytest.raises(Refused, match="needs 'signing_key'"):
            key_text(None, "")
        with pytest.raises(Refused, match=r"signing key .* cannot be read"):
            key_text(tmp_path / "nowhere.key", "")
        chain.write_text("no certificate")
        with pytest.raises(Refused, match="cannot be read"):
            load(chain, key, now=NOW)
