"""What a real MinIO does with a store: its set-up, the least rights, links, broken connections and clear errors."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from minio import Minio, MinioAdmin
from minio.credentials import StaticProvider
from minio.deleteobjects import DeleteObject

from pressroom.domain.errors import Refused, Retryable
from pressroom.storage.s3 import PART_BYTES, S3Store
from tests.servers import start_minio, stop
from tests.support.desks import Desk, set_up
from tests.support.relays import relay_to

ENDPOINT = os.environ.get("PRESSROOM_TEST_S3_ENDPOINT", "")
ACCESS_KEY = os.environ.get("PRESSROOM_TEST_S3_ACCESS_KEY", "")
SECRET_KEY = os.environ.get("PRESSROOM_TEST_S3_SECRET_KEY", "")
pytestmark = pytest.mark.skipif(
    not ENDPOINT,
    reason="NO S3 SERVER: PRESSROOM_TEST_S3_ENDPOINT is not set; run the tests under `python tests/servers.py`",
)
KEYS = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
MEGABYTE = 1_048_576
LARGE = 4 * PART_BYTES + MEGABYTE  # five parts


@pytest.fixture
def bucket() -> Iterator[str]:
    """The name of a bucket of this test's own, which is removed with everything in it."""
    name = f"pressroom-{secrets.token_hex(8)}"
    yield name
    client = client_of()
    if client.bucket_exists(name):
        versions = client.list_objects(name, recursive=True, include_version=True)
        list(client.remove_objects(name, [DeleteObject(str(each.object_name), each.version_id) for each in versions]))
        client.remove_bucket(name)


@pytest.fixture
def store(bucket: str) -> S3Store:
    """A store in a bucket that is set up."""
    opened = S3Store(bucket, ENDPOINT, **KEYS)
    opened.set_up()
    return opened


def client_of() -> Minio:
    return Minio(ENDPOINT.split("//")[1], ACCESS_KEY, SECRET_KEY, secure=False)


def versions(bucket: str) -> list[str]:
    return [str(each.object_name) for each in client_of().list_objects(bucket, recursive=True, include_version=True)]


def test_a_bucket_is_set_up_once_and_says_so(bucket: str) -> None:
    store = S3Store(bucket, ENDPOINT, **KEYS)

    first, again = store.set_up(), store.set_up()

    assert first[0].endswith("created")
    assert again == [first[0].replace("created", "was there"), *first[1:]]
    assert first[1:] == [
        "versioning on",
        "versions that were replaced or deleted go after 30 days",
        "uploads that were broken off are cleared away by the server itself (MinIO: after a day)",
        "not encrypted: this server has no keys for it",
    ]
    assert store.describe() == [
        "versioning on",
        "versions that were replaced or deleted go after 30 days",
        "not encrypted by the server",
    ]


def test_a_bucket_that_was_never_set_up_is_described(bucket: str) -> None:
    client_of().make_bucket(bucket)

    assert S3Store(bucket, ENDPOINT, **KEYS).describe() == [
        "versioning off: what is overwritten or deleted is gone",
        "versions that were replaced or deleted are kept for ever",
        "not encrypted by the server",
    ]


@pytest.fixture
def least(store: S3Store, bucket: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The keys of a user who has the rights of the printed policy, and no others."""
    user, secret = f"u{secrets.token_hex(8)}", secrets.token_hex(16)
    keys = StaticProvider(ACCESS_KEY, SECRET_KEY)
    admin = MinioAdmin(endpoint=ENDPOINT.split("//")[1], credentials=keys, secure=False)
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(store.policy()))
    admin.policy_add(bucket, policy_file=str(file))
    admin.user_add(user, secret)
    admin.attach_policy([bucket], user=user)
    yield {"access_key": user, "secret_key": secret}
    admin.user_remove(user)
    admin.policy_remove(bucket)


def test_the_printed_policy_is_all_that_a_store_needs(least: dict[str, str], bucket: str, tmp_path: Path) -> None:
    store = S3Store(bucket, ENDPOINT, **least)

    name = store.put(BytesIO(bytes(LARGE)))
    store.get(name, tmp_path / "back")
    store.delete(name)

    assert not store.has(name)
    assert store.check().endswith("written and read back")
    assert store.describe()[0] == "versioning on"
    with pytest.raises(Refused, match="pressroom store policy"):
        store.set_up()
    with pytest.raises(Refused, match="AccessDenied"):
        S3Store(f"{bucket}-other", ENDPOINT, **least).put(BytesIO(b"x"))


def test_a_link_opens_without_a_key_and_for_its_time_only(store: S3Store) -> None:
    name = store.put(BytesIO(b"a picture"), "image/png")

    link = store.link(name, 60)

    with urllib.request.urlopen(link) as answer:
        assert (answer.read(), answer.headers["content-type"]) == (b"a picture", "image/png")
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["60"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))
    assert parse_qs(urlsplit(store.link(name, 10**9)).query)["X-Amz-Expires"] == ["604800"]
    assert SECRET_KEY not in link


def test_the_same_bytes_at_the_same_moment_are_one_version(store: S3Store, bucket: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: store.put(BytesIO(b"the same")), range(8)))

    assert [key.split("/")[-1] for key in versions(bucket)] == list(names)


def test_the_server_checks_what_arrives_and_keeps_its_checksum(store: S3Store, bucket: str) -> None:
    name = store.put(BytesIO(b"whole"))

    key, asked = f"objects/{name[:2]}/{name}", {"x-amz-checksum-mode": "ENABLED"}
    kept = client_of()._execute("HEAD", bucket, key, headers=asked).headers["x-amz-checksum-sha256"]
    assert base64.b64decode(kept).hex() == name


def test_an_upload_goes_on_where_a_broken_connection_ended_it(store: S3Store, bucket: str, tmp_path: Path) -> None:
    content = secrets.token_bytes(LARGE)
    with relay_to(ENDPOINT) as relay:
        through = S3Store(bucket, relay.endpoint, **KEYS)
        relay.cut_sent, relay.stays_down = 3 * PART_BYTES + MEGABYTE, True
        with pytest.raises(Retryable, match="cannot be reached"):
            through.put(BytesIO(content))
        relay.cut_sent, relay.sent_bytes = None, 0

        name = through.put(BytesIO(content))

    assert relay.sent_bytes < LARGE - 2 * PART_BYTES
    store.get(name, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content
    assert list(client_of()._list_multipart_uploads(bucket, prefix=f"objects/{name[:2]}/{name}").uploads) == []


def test_an_upload_that_the_server_dropped_is_sent_once_more(
    store: S3Store, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, send, dropped = secrets.token_bytes(PART_BYTES + MEGABYTE), Minio._upload_part, []

    def sent(client: Minio, bucket_name: str, key: str, *rest: Any, **more: Any) -> Any:
        name = send(client, bucket_name, key, *rest, **more)
        if not dropped:
            for each in client_of()._list_multipart_uploads(bucket, prefix=key).uploads:
                client_of()._abort_multipart_upload(bucket, key, str(each.upload_id))
                dropped.append(key)
        return name

    monkeypatch.setattr(Minio, "_upload_part", sent)

    store.put(BytesIO(data))

    assert len(dropped) == 1
    assert client_of().get_object(bucket, dropped[0]).read() == data


def test_a_download_goes_on_where_a_broken_connection_ended_it(store: S3Store, bucket: str, tmp_path: Path) -> None:
    name = store.put(BytesIO(content := secrets.token_bytes(LARGE)))
    with relay_to(ENDPOINT) as relay:
        relay.cut_received = LARGE // 2
        S3Store(bucket, relay.endpoint, **KEYS).get(name, tmp_path / "back")

    assert (tmp_path / "back").read_bytes() == content
    assert relay.received_bytes < LARGE + 2 * MEGABYTE


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"access_key": "nobody", "secret_key": SECRET_KEY}, "InvalidAccessKeyId.*check store_access_key"),
        ({"access_key": ACCESS_KEY, "secret_key": "wrong-secret"}, "SignatureDoesNotMatch.*and store_secret_key"),
    ],
)
@pytest.mark.parametrize("call", ["put", "has", "set_up"])
def test_wrong_keys_are_told_apart_from_missing_rights(
    store: S3Store, bucket: str, keys: dict[str, str], words: str, call: str
) -> None:
    wrong = S3Store(bucket, ENDPOINT, **keys)
    arguments: dict[str, list[Any]] = {"put": [BytesIO(b"x")], "has": ["0" * 64], "set_up": []}

    with pytest.raises(Refused, match=words) as caught:
        getattr(wrong, call)(*arguments[call])

    assert keys["secret_key"] not in str(caught.value)


def test_a_clock_that_is_off_is_told(bucket: str, store: S3Store) -> None:
    """A process of its own, since the clock of this machine is not ours to set."""
    code = f"""
import datetime, io, minio.time
real = minio.time.utcnow
minio.time.utcnow = lambda: real() - datetime.timedelta(hours=1)
from pressroom.storage.s3 import S3Store
try:
    S3Store({bucket!r}, {ENDPOINT!r}, access_key={ACCESS_KEY!r}, secret_key={SECRET_KEY!r}).put(io.BytesIO(b"late"))
except Exception as exc:
    print(type(exc).__name__, exc)
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("Refused")
    assert "RequestTimeTooSkewed" in done.stdout
    assert "set this machine's clock: it is more than 15 minutes off the server's" in done.stdout


def test_a_full_disk_of_the_server_is_told() -> None:
    with tempfile.TemporaryDirectory(prefix="pressroom-") as name:
        disk = Path(name) / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], check=False).returncode:
            pytest.skip("NO SMALL DISK: this user may not mount one")
        server = start_minio(disk / "minio")
        assert server is not None
        try:
            keys = {
                f"{kind}_key": server.variables[f"PRESSROOM_TEST_S3_{kind.upper()}_KEY"]
                for kind in ("access", "secret")
            }
            small = S3Store("full", server.variables["PRESSROOM_TEST_S3_ENDPOINT"], **keys)
            with pytest.raises(
                Refused,
                match=r"(XMinioStorageFull|no space left|NoSuchUpload).*make room on the server or raise the quota",
            ):
                fill(small)
        finally:
            stop(server)
            subprocess.run(["umount", disk], check=True)


def fill(store: S3Store) -> None:
    for _ in range(8):
        store.put(BytesIO(secrets.token_bytes(12 * MEGABYTE)))


@pytest.fixture
def desk(tmp_path: Path, bucket: str) -> Desk:
    """A home whose store is the bucket."""
    variables = {
        "PRESSROOM_STORE": f"s3://{bucket}",
        "PRESSROOM_STORE_ENDPOINT": ENDPOINT,
        "PRESSROOM_STORE_ACCESS_KEY": ACCESS_KEY,
        "PRESSROOM_STORE_SECRET_KEY": SECRET_KEY,
    }
    return replace(set_up(tmp_path), environment=variables)


def test_a_bucket_is_set_up_and_looked_at_from_the_command_line(desk: Desk, bucket: str) -> None:
    made, looked = desk.pressroom("store", "setup"), desk.pressroom("store", "check", "--json")
    policy = desk.pressroom("store", "policy")

    assert made.code == 0, made.err
    assert made.out.splitlines()[1] == "versioning on"
    assert looked.json["store"][0].endswith("written and read back")
    assert policy.json["Statement"][0]["Resource"] == [f"arn:aws:s3:::{bucket}/*"]


def test_a_link_to_an_asset_opens_for_anybody(store: S3Store, desk: Desk) -> None:
    photo = desk.folder / "photo.png"
    asset = desk.pressroom("assets", "add", photo, "--json").json

    link = desk.pressroom("assets", "link", asset["id"], "--seconds", "60").out.strip()

    with urllib.request.urlopen(link) as answer:
        assert answer.read() == photo.read_bytes()
    other = desk.pressroom("assets", "link", asset["id"], "--account", "other")
    assert (other.code, asset["sha256"] in other.err) == (2, False)


def test_a_folder_is_tried_and_needs_no_setting_up(desk: Desk) -> None:
    tried = desk.pressroom("store", "check", PRESSROOM_STORE="media")
    refused = desk.pressroom("store", "setup", PRESSROOM_STORE="media")

    assert tried.code == 0
    assert "written and read back" in tried.out
    assert refused.code == 2
    assert "the store is a folder, which needs no setting up" in refused.err
