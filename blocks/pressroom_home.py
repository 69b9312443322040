"""Where a worker keeps Pressroom's state and how it reaches it, stored on the Prefect server under a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.blocks.core import Block
from prefect.types import SecretDict
from pydantic import Field, SecretStr

from pressroom.settings import Settings, settings_for


class PressroomHome(Block):
    """Database, media store, keys and defaults of a home. A run that names this block needs no folder of settings."""

    _block_type_name = "Pressroom home"
    _block_type_slug = "pressroom-home"

    home: str = Field("", description="Folder of state on the worker; empty: the worker's own settings decide.")
    database_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL, e.g. postgresql+psycopg://user:password@host/name; empty: SQLite."
    )
    store: str = Field("", description="Media store: a folder, or s3://BUCKET; empty: a folder in the home.")
    store_endpoint: str = Field("", description="MinIO or S3 endpoint.")
    store_access_key: SecretStr = SecretStr("")
    store_secret_key: SecretStr = SecretStr("")
    store_region: str = ""
    public_media_url: str = Field("", description="Where deliveries in a bucket are read without a key; empty: links.")
    link_seconds: int | None = Field(None, gt=0, description="How long links open; empty: the worker's own setting.")
    database_connections: int = Field(
        0, ge=0, description="Most connections that a process has to the database; 0: as its nodes and orders need."
    )
    account: str = Field("", description="Account that pays where a run names none; empty: the worker's own.")
    defaults: dict[str, Any] = Field(
        default_factory=dict, description="Any other settings by their names, e.g. plan, max_workers, private_hosts."
    )
    # A dictionary of secrets is shown in full by the server's pages; this type is not.
    keys: SecretDict = Field(
        default=SecretDict({}), description="Vendors' keys by the names of their environment variables."
    )

    @classmethod
    def of(cls, settings: Settings, keys: Mapping[str, SecretStr], home: str) -> PressroomHome:
        """The block from which workers get these settings, with a folder of their own; `keys` are vendors' by their variables."""
        own = {name: getattr(settings, name) for name in _SETTINGS}
        others = settings.model_dump(mode="json", exclude={*_SETTINGS, *NOT_SHARED}, exclude_defaults=True)
        held = {name: key.get_secret_value() for name, key in keys.items()}
        return cls(**own, home=home, defaults=others, keys=SecretDict(held))

    def open(self, folder: Path, home: str = "") -> Settings:
        """The settings of work in `folder`: this block's over the worker's own, `home` over both."""
        given = {name: value for name in (*_SETTINGS, "home") if _is_set(value := getattr(self, name))}
        return settings_for(folder, **{**self.defaults, **given} | ({"home": home} if home else {}))

    def environment(self, worker: Mapping[str, str]) -> dict[str, str]:
        """The worker's environment with this block's keys in it."""
        return {**worker, **{name: str(key) for name, key in self.keys.get_secret_value().items()}}


_SETTINGS = (
    *("database_url", "store", "store_endpoint", "store_access_key", "store_secret_key", "store_region"),
    *("account", "public_media_url", "link_seconds", "database_connections"),
)
# Of this machine, of this command, or of servers only: a worker has its own.
NOT_SHARED = (
    *("sealing_key", "oidc_client_secret"),
    *("home", "cluster", "prefect_api_url", "debug", "token", "ffmpeg", "catalog"),
    *("signing_certificate", "signing_key", "signing_key_pem"),
)


def _is_set(value: Any) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
