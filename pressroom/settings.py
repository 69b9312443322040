"""Settings: environment variables (PRESSROOM_*) over pressroom.toml over the defaults, in one frozen value.

`pressroom.toml` is looked for in the campaign's folder and then in the current one. Unknown names are errors, so that a
typing mistake never silently means the default. Secrets are SecretStr and never shown.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from math import ceil
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import ACCOUNT_NAME_LENGTH, DEFAULT_ACCOUNT
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.printable import is_utf8
from pressroom.domain.processors import processors
from pressroom.domain.redaction import longest_first, secrets_of
from pressroom.domain.suggest import did_you_mean

ENV_PREFIX = "PRESSROOM_"
FILE_NAME = "pressroom.toml"
NOT_SETTINGS = ("PRESSROOM_TEST_",)  # servers for tests
# Prefect's own variables that hold a secret; the address may have a password in it.
PREFECT_SECRETS = ("PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING")
MOST_WORKERS = 4  # of a process that was told nothing: each takes the memory of a node
ORDERS_A_CONNECTION = 25  # an order's transactions take 20 ms of the second or more until its vendor has answered
PATHS = ("home", "store", "catalog", "signing_certificate", "signing_key")


_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*:/")


def _store_name(value: str) -> str:
    """A folder, or a bucket; people paste keys into its name, which would then be shown and logged."""
    if _ADDRESS.match(value) and (not value.startswith("s3://") or "@" in value or ":" in value[3:]):
        raise ValueError("is neither a folder nor s3://BUCKET; keys belong into store_access_key and store_secret_key")
    return value


def _endpoint(value: str) -> str:
    if "@" in value:
        raise ValueError("holds credentials; keys belong into store_access_key and store_secret_key")
    return value


def _vendor_url(value: str) -> str:
    if value and (not re.match(r"https?://[^/@]+(/|$)", value) or "?" in value or "#" in value):
        raise ValueError("is no address such as https://api.example.com/v1, without user name, password and query")
    return value.rstrip("/")


def _percents(value: str) -> str:
    if not re.fullmatch(r"([1-9]\d{0,2}(,[1-9]\d{0,2})*)?", value.replace(" ", "")):
        raise ValueError("is no list of percentages such as 80,90,100")
    return value.replace(" ", "")


def _issuer(value: str) -> str:
    """As it is written: providers sign with exactly this text."""
    _vendor_url(value)
    return value


VendorUrl = Annotated[str, AfterValidator(_vendor_url)]


def _cluster(address: str) -> str:
    if address and not re.fullmatch(r"(dask|ray)://[^\s/@:]+:\d{1,5}", address):
        raise ValueError(f"{address!r:.80} is no cluster, e.g. dask://scheduler:8786 or ray://head:10001")
    return address


def _catalog_file(value: str) -> str:
    if _ADDRESS.match(value):
        raise ValueError("is an address, but must be a file")
    return value


class Settings(BaseModel):
    """Everything that can be configured. `settings_for` builds it; nothing else reads the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(description="Folder of all state: database, media, logs, the local Prefect server.")
    database_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL; empty means SQLite in the home folder. May hold a password."
    )
    store: Annotated[str, AfterValidator(_store_name)] = Field(
        "", description="Media store: a folder, or s3://BUCKET; empty means `media` in the home folder."
    )
    store_endpoint: Annotated[str, AfterValidator(_endpoint)] = Field(
        "", description="MinIO or S3 endpoint, e.g. http://127.0.0.1:9000."
    )
    store_access_key: SecretStr = Field(SecretStr(""), description="Access key of the S3 store.")
    store_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 store.")
    store_region: str = Field("us-east-1", description="Region of the S3 store.")
    public_media_url: VendorUrl = Field(
        "",
        description="Address at which the bucket of deliveries can be read without a key, e.g. of a CDN; empty means signed "
        "links that expire.",
    )
    link_seconds: int = Field(
        604_800, gt=0, le=604_800, description="How long links to media in a bucket open; S3 signs for 7 days at most."
    )
    trash_days: int = Field(30, gt=0, le=3_650, description="How long assets lie in the trash before they are purged.")
    invitation_days: int = Field(
        7, gt=0, le=365, description="How long an invitation to what is shared can be taken up."
    )
    event_days: int = Field(90, gt=0, le=3_650, description="How long events are kept for who reads them later.")
    upload_days: int = Field(
        7,
        gt=0,
        le=365,
        description="How long an upload in parts waits for its next one, and its id stands for its asset.",
    )
    account: str = Field(
        DEFAULT_ACCOUNT, min_length=1, max_length=ACCOUNT_NAME_LENGTH, description="Account whose credits pay for runs."
    )
    grant_credits: float = Field(10, ge=0, le=1_000_000, description="Credits that a new account starts with.")
    plan: str = Field("free", description="Subscription of a new account (free, basic, pro, enterprise).")
    catalog: Annotated[str, AfterValidator(_catalog_file)] = Field(
        "", description="Extra catalog file (YAML): rows that add to or replace the shipped ones."
    )
    max_nodes: int = Field(10_000, gt=0, description="Most nodes that one campaign may expand to.")
    max_workers: int = Field(
        0,
        ge=0,
        le=64,
        description="Nodes that are computed at the same time in one process; 0 means one a processor, and at most 4.",
    )
    cluster: Annotated[str, AfterValidator(_cluster)] = Field(
        "",
        description="Cluster whose machines make the nodes of flow runs: dask://HOST:PORT or ray://HOST:PORT; empty means none.",
    )
    max_orders: int = Field(200, gt=0, le=400, description="Orders on their way to vendors at a time in one process.")
    database_connections: int = Field(
        0,
        ge=0,
        le=500,
        description="Most connections of one process to PostgreSQL; 0 means one a worker (4 at least), "
        "a twenty-fifth of max_orders, and 2.",
    )
    lease_seconds: float = Field(
        30.0, ge=1, le=3_600, description="A process that says nothing of its run for so many seconds has lost it."
    )
    rate_factor: float = Field(
        1.0, ge=0, le=1_000, description="So many times the API's usual numbers of requests are answered; 0 means all."
    )
    long_deployment: str = Field(
        "",
        description="Prefect deployment (FLOW/NAME, e.g. campaign/campaign) whose workers make generations that take longer than "
        "`long_seconds`; they share this server's database and store. Empty: the server makes them.",
    )
    long_seconds: float = Field(30.0, ge=0, description="What is expected to take longer is left to `long_deployment`.")
    run_deployment: str = Field(
        "",
        description="Prefect deployment (FLOW/NAME, e.g. campaign/campaign) whose workers make runs of campaigns and rows of "
        "batches that a server begins; they share its database and store. Empty: the server makes them.",
    )
    workers_home: str = Field(
        "",
        description="Prefect home block that workers of `long_deployment` and `run_deployment` open. Empty: their own settings.",
    )
    approval_seconds: int = Field(
        86_400, ge=60, description="A run that waits for a person is given up after so many seconds."
    )
    hold_seconds: int = Field(86_400, gt=0, description="After this many seconds an abandoned hold is released.")
    provenance: Literal["signed", "off"] = Field(
        "signed",
        description="Whether files say where they come from (XMP and a signed C2PA manifest).",
    )
    signing_certificate: str = Field(
        "",
        description="Certificate chain that signs C2PA manifests, a PEM file with the leaf first; empty means a "
        "development certificate of this home, which nobody trusts.",
    )
    signing_key: str = Field("", description="Private key of that certificate: a PEM file without a password.")
    signing_key_pem: SecretStr = Field(SecretStr(""), description="The private key itself, in place of `signing_key`.")
    ffmpeg: str = Field("", description="ffmpeg program to use; empty means the one that comes with imageio-ffmpeg.")
    prefect_api_url: SecretStr = Field(
        SecretStr(""),
        description="Prefect server to use; empty means PREFECT_API_URL or a local one. May hold `user:password@`.",
    )
    simulated_latency_seconds: float = Field(0.2, ge=0, description="How long the simulated vendor's jobs take.")
    simulated_faults: str = Field(
        "",
        description="Faults of the simulated vendors, for trying things out (comma list); the tutorial names them.",
    )
    private_hosts: str = Field(
        "",
        description="Hosts of a private network that media may be fetched from and vendors' APIs may be at, by http too, as "
        "host:port (comma list); nothing else that is not public is ever connected to.",
    )
    requests_per_minute: str = Field(
        "",
        description="Orders a minute that vendors take from you, in place of the catalog's (comma list): replicate=6.",
    )
    jobs_at_once: str = Field(
        "",
        description="Orders that vendors work on at a time for you, in place of the catalog's (comma list): wavespeed=300.",
    )
    replicate_url: VendorUrl = Field("", description="Base address of Replicate's API; empty means its own.")
    fal_url: VendorUrl = Field("", description="Base address of fal's API; empty means its own.")
    stability_url: VendorUrl = Field("", description="Base address of Stability AI's API; empty means its own.")
    runway_url: VendorUrl = Field("", description="Base address of Runway's API; empty means its own.")
    wavespeed_url: VendorUrl = Field("", description="Base address of WaveSpeed's API; empty means its own.")
    gemini_url: VendorUrl = Field("", description="Base address of Google Gemini's API; empty means its own.")
    openai_url: VendorUrl = Field("", description="Base address of OpenAI's API; empty means its own.")
    bfl_url: VendorUrl = Field("", description="Base address of Black Forest Labs's API; empty means its own.")
    huggingface_url: VendorUrl = Field("", description="Base address of Hugging Face's API; empty means its own.")
    elevenlabs_url: VendorUrl = Field("", description="Base address of ElevenLabs's API; empty means its own.")
    public_url: VendorUrl = Field(
        "",
        description="Address at which `pressroom serve` is reached from outside, e.g. https://press.example.com: vendors are "
        "told to call there, and Prefect's pages link to its pages; empty means that vendors are only asked.",
    )
    download_seconds: float = Field(120.0, gt=0, le=3_600, description="Longest time that fetching one URL may take.")
    budget_alerts: Annotated[str, AfterValidator(_percents)] = Field(
        "80,90,100", description="At how many percent of a run's or a month's budget somebody is told (comma list)."
    )
    low_balance_credits: float = Field(
        2, ge=0, description="An account with fewer credits left is told of; 0 tells of none."
    )
    log: Literal["off", "text", "json"] = Field(
        "off",
        description="Write what happens in runs to standard error, a line each: in words, or as JSON with its fields.",
    )
    telemetry: bool = Field(
        False,
        description="Send metrics and traces by OpenTelemetry (`pip install 'pressroom[otel]'`); its own variables say where to "
        "(OTEL_EXPORTER_OTLP_ENDPOINT).",
    )
    token: SecretStr = Field(SecretStr(""), description="API token with whose rights `pressroom mcp` acts.")
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] = Field(
        "",
        description="Address of the identity provider by which people sign in (OpenID Connect; `pip install 'pressroom[oidc]'`); "
        "empty means by passwords alone.",
    )
    oidc_client_id: str = Field("", description="What this installation is called at the identity provider.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Its secret there; empty for a public client, which PKCE alone protects."
    )
    oidc_name: str = Field("your organisation", max_length=60, description="The provider's name, for people.")
    oidc_account: str = Field(
        "",
        max_length=64,
        description="Account that people who are new here join when the provider vouches for their address; empty refuses them.",
    )
    oidc_domains: str = Field(
        "", description="Whose people do: the ends of their addresses (comma list, e.g. acme.com), * for everybody's."
    )
    oidc_role: Literal["viewer", "editor"] = Field("viewer", description="What they are there.")
    sealing_key: SecretStr = Field(
        SecretStr(""),
        description="What secrets of outgoing webhooks are sealed with in the database, 32 characters or more; empty means a key "
        "of this home. Servers with homes of their own share one. Of several (comma list) the first seals, and all open.",
    )
    debug: bool = Field(False, description="Show the whole traceback of an unexpected error.")
    limits: MediaLimits = Field(MediaLimits(), description="Limits on media that is opened; a table in pressroom.toml.")

    @property
    def sqlite_path(self) -> Path:
        return self.home / "pressroom.db"

    @property
    def connections(self) -> int:
        """Who computes has a transaction at a time; an order takes milliseconds of its seconds; poller and heartbeat one each."""
        return (
            self.database_connections
            or max(self.workers, MOST_WORKERS) + ceil(self.max_orders / ORDERS_A_CONNECTION) + 2
        )

    @property
    def workers(self) -> int:
        """Nodes that are computed at the same time: more than there are processors to do it take time from each other."""
        return self.max_workers or min(processors(), MOST_WORKERS)

    @property
    def budget_percents(self) -> tuple[int, ...]:
        return tuple(sorted(int(percent) for percent in self.budget_alerts.split(",") if percent))

    def takes_in(self, email: str) -> bool:
        """Whether somebody who is new here and has this address joins `oidc_account`."""
        domains = {domain.strip().lower() for domain in self.oidc_domains.split(",") if domain.strip()}
        return "*" in domains or email.rpartition("@")[2] in domains

    @property
    def url(self) -> str:
        return self.database_url.get_secret_value() or f"sqlite:///{self.sqlite_path}"


def settings_for(folder: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings for work in `folder` (the campaign's; default: the current one). Raises Invalid naming every bad value."""
    environ = os.environ if environ is None else environ
    folder = Path(os.path.realpath(folder or Path.cwd()))
    values: dict[str, Any] = {"home": folder / ".pressroom"}
    file = _settings_file(folder)
    if file is not None:
        values |= _from_file(file)
    own, limits = _from_environment(environ)
    values |= own
    if limits:
        # Single limits in the environment leave the file's other ones as they are.
        in_file = values.get("limits", {})
        values["limits"] = {**in_file, **limits} if isinstance(in_file, Mapping) else in_file
    values |= {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as exc:
        raise Invalid.of([_problem(error, file) for error in exc.errors()]) from exc
    # A relative path in the file is relative to the file; elsewhere to where the user stands.
    paths = {name: Path(value) for name in PATHS if (value := str(getattr(settings, name))) and "://" not in value}
    for name, path in paths.items():
        from_file = file is not None and name not in own and overrides.get(name) is None
        base = file.parent if file and from_file else Path.cwd()
        paths[name] = Path(os.path.realpath(base / _expanded(name, path)))
    if not is_utf8(str(paths["home"])):
        raise Invalid.of(
            [Problem("setting", f"setting 'home': {paths['home']} is a name that is not UTF-8", "rename it")]
        )
    return settings.model_copy(update={name: type(getattr(settings, name))(path) for name, path in paths.items()})


def _expanded(name: str, path: Path) -> Path:
    """With ~ as the user's folder. Raises Invalid where nobody knows which that is."""
    try:
        return path.expanduser()
    except RuntimeError as exc:
        message = f"setting {name!r}: nobody knows the home folder that {path.parts[0]} stands for"
        raise Invalid.of([Problem("setting", message, "write the whole path")]) from exc


def _settings_file(folder: Path) -> Path | None:
    """The one that counts. Raises Invalid for a folder that this user may not look into."""
    for path in (folder / FILE_NAME, Path.cwd() / FILE_NAME):
        try:
            if path.is_file():
                return path
        except OSError as exc:
            raise Invalid.of(
                [Problem("settings_file", f"cannot be looked for: {exc.strerror}", file=str(path))]
            ) from exc
    return None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise Invalid.of([Problem("settings_file", f"cannot be read: {exc.strerror}", file=str(path))]) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise Invalid.of([Problem("settings_file", f"not valid TOML: {exc}", file=str(path))]) from exc


def _from_environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings, and single limits. A name that is no setting stays in, so that validation names it."""
    values: dict[str, Any] = {}
    limits: dict[str, Any] = {}
    for name, value in environ.items():
        if not name.startswith(ENV_PREFIX) or name.startswith(NOT_SETTINGS) or value == "":
            continue
        field = name.removeprefix(ENV_PREFIX).lower()
        if field.startswith("limits_"):
            limits[field.removeprefix("limits_")] = value
        else:
            values[field] = value
    return values, limits


def _problem(error: Any, file: Path | None) -> Problem:
    name = ".".join(str(part) for part in error["loc"])
    where = f"setting {name!r} (in {FILE_NAME} or as {ENV_PREFIX}{name.upper().replace('.', '_')})"
    if error["type"] == "extra_forbidden":
        known = MediaLimits.model_fields if error["loc"][0] == "limits" else Settings.model_fields
        hint = did_you_mean(str(error["loc"][-1]), known, "settings")
        # Its value is not shown: it may be a secret under a misspelt name.
        return Problem("setting", f"{where} does not exist", hint, str(file or ""))
    message = str(error["msg"]).removeprefix("Value error, ")
    shown = f", got {error['input']!r}" if name in _SHOWN else ""
    return Problem("setting", f"{where}: {message}{shown}", file=str(file or ""))


def _is_shown(field: Any) -> bool:
    """Numbers, switches and choices; a text may be an address with a password in it."""
    return field.annotation not in (str, SecretStr, Path)


_SHOWN = frozenset(
    {name for name, field in Settings.model_fields.items() if _is_shown(field) and name != "limits"}
    | {f"limits.{name}" for name in MediaLimits.model_fields}
    | {"home"}
)
_SECRET = tuple(name for name, field in Settings.model_fields.items() if field.annotation is SecretStr)
_ADDRESSES = ("store", "store_endpoint", "catalog")


def secrets_in(settings: Settings) -> tuple[str, ...]:
    """Every secret of these settings, as written and as it stands in an address."""
    return _parts(
        [getattr(settings, name).get_secret_value() for name in _SECRET],
        [str(getattr(settings, name)) for name in _ADDRESSES],
    )


def secrets_around(folder: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every secret that the environment and the settings file of a folder hold, whether or not the settings are valid.

    For whoever prints: the last line of defence against an error of some library that repeats one.
    """
    try:
        in_file = _from_file(folder / FILE_NAME) if (folder / FILE_NAME).is_file() else {}
    except (Invalid, OSError):
        in_file = {}

    def given(name: str) -> tuple[str, str]:
        return str(in_file.get(name, "")), environ.get(f"{ENV_PREFIX}{name.upper()}", "")

    secrets = [text for name in _SECRET for text in given(name)] + [environ.get(name, "") for name in PREFECT_SECRETS]
    return _parts(secrets, [text for name in _ADDRESSES for text in given(name)])


def _parts(secrets: Iterable[str], addresses: Iterable[str]) -> tuple[str, ...]:
    """The secrets themselves, of those that are addresses only what is secret in them; and what is secret in the addresses."""
    parts = [part for text in secrets for part in (secrets_of(text) if _ADDRESS.match(text) else (text,))]
    return longest_first([*parts, *(part for text in addresses for part in secrets_of(text))])
