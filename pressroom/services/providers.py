"""The vendors of a home: how each stands, and their keys: tried at the vendor, kept, removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import SecretStr

from pressroom.catalog.load import Catalog
from pressroom.catalog.models import Model, ProviderRow
from pressroom.database.plan_reader import LastError, PlanReader
from pressroom.domain.errors import Invalid, Permanent, PressroomError, Refused, Retryable
from pressroom.domain.identity import Principal
from pressroom.domain.redaction import harmless
from pressroom.domain.suggest import did_you_mean
from pressroom.keys.vendor_keys import MAX_KEY_BYTES, Keys
from pressroom.planning.health import ailing_vendors, looked_back_to
from pressroom.providers.base import Trouble, Vendor
from pressroom.providers.http_vendor import HttpVendor

WHOSE: Final = "setting vendors' keys"


@dataclass(frozen=True, slots=True)
class ProvidersContext:
    """What this needs of one home; pressroom.bootstrap builds it. `open_vendor` builds an adapter by name, with these keys."""

    catalog: Catalog
    keys: Keys
    open_vendor: Callable[[str, Keys], Vendor | None]
    reader: Callable[[str], AbstractContextManager[PlanReader]]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Standing:
    """A vendor as it stands here. `ails` is why it is passed over, else empty; `tried` says that it had orders lately.

    `key` is a name and where the key under it is, `billing_key` the same for what may read its bills.
    """

    row: ProviderRow
    key: tuple[str, str] | None
    billing_key: tuple[str, str] | None
    models: tuple[Model, ...]
    ails: str
    tried: bool
    last_error: LastError | None

    @property
    def configured(self) -> bool:
        return self.key is not None or not self.row.keys

    @property
    def cheapest(self) -> Model | None:
        """The model that something costs least with, by its lowest price."""
        priced = [model for model in self.models if _least_usd(model) is not None]
        return min(priced, key=lambda model: _least_usd(model) or 0, default=None)

    @property
    def usd_from(self) -> int | None:
        """In micro-USD, for one unit of the cheapest model."""
        return None if self.cheapest is None else _least_usd(self.cheapest)


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether a vendor takes the key that there is: `said` is whose it is, where it tells, or why not."""

    provider: str
    works: bool
    said: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A key that was kept: under which name and where, what the vendor said, and what of the environment comes before it."""

    provider: str
    name: str
    place: str
    said: str
    before: str = ""


def list_providers(principal: Principal, context: ProvidersContext) -> list[Standing]:
    """Every vendor, those that can be bought from first; health and errors are those of the account's own orders."""
    catalog, now = context.catalog, context.now()
    with context.reader(principal.account) as reader:
        orders = reader.recent_orders(looked_back_to(catalog.providers.values(), now), now)
        errors = reader.last_errors()
    tried = {order.provider for order in orders}
    ailing = ailing_vendors(orders, catalog.providers, now)
    found = [
        Standing(
            row,
            context.keys.origin(row.keys),
            context.keys.origin(row.billing_keys),
            tuple(model for model in catalog.models.values() if model.provider == row.name),
            ailing.get(row.name, ""),
            row.name in tried,
            errors.get(row.name),
        )
        for row in catalog.providers.values()
        if row.sells
    ]
    return sorted(found, key=lambda each: (not each.configured, each.row.name))


def try_keys(principal: Principal, context: ProvidersContext, name: str = "") -> list[Tried]:
    """Ask one vendor, or all that have a key, whether it is taken: the cheapest harmless call of each, nothing is bought."""
    principal.require_operator(WHOSE)
    rows = [_with_keys(context, name)] if name else [row for row in context.catalog.providers.values() if row.keys]
    known = [row for row in rows if context.keys.origin(row.keys) is not None]
    if name and not known:
        raise Refused(f"there is no key of {rows[0].title}", hint=f"pressroom providers set {name}")
    return [_tried(row, context) for row in known]


def set_key(
    principal: Principal,
    context: ProvidersContext,
    name: str,
    key: SecretStr,
    *,
    test: bool = True,
    billing: bool = False,
    keep: Callable[[str, SecretStr], str] | None = None,
) -> Kept:
    """Keep a vendor's key in this home, after the vendor has taken it unless `test` is off.

    `billing` is the key that may read what was charged. `keep`, where given, keeps it elsewhere: it gets name and key, and
    returns where that is.

    Raises Invalid for what is no key, Refused where the vendor refuses it, Retryable where it cannot be asked: none is kept then.
    """
    principal.require_operator(WHOSE)
    row = _with_keys(context, name)
    names = row.billing_keys if billing else row.keys
    if not names:
        raise Invalid(f"{row.title} has no other key for its bills", hint=f"pressroom providers set {name}")
    key = _well_formed(key)
    said = _accepted(row, context, key) if test else "not tried"
    if keep is not None:
        return Kept(row.name, names[0], keep(names[0], key), said)
    place = context.keys.kept.keep(names[0], key)
    first = context.keys.origin(names)
    before = first[0] if first is not None and first[1] == "environment" else ""
    return Kept(row.name, names[0], place.value, said, before)


def remove_key(principal: Principal, context: ProvidersContext, name: str) -> str:
    """Forget the keys that were kept; returns the name in the environment that still has one, else empty.

    Raises Invalid where none was kept.
    """
    principal.require_operator(WHOSE)
    row = _with_keys(context, name)
    removed = [kept for kept in (*row.keys, *row.billing_keys) if context.keys.kept.remove(kept)]
    left = context.keys.origin(row.keys)
    if not removed:
        where = f"the one in use is that of {left[0]} in the environment: unset it there" if left else ""
        raise Invalid(f"no key of {row.title} is kept in this home", hint=where or "pressroom providers lists them")
    return "" if left is None else left[0]


def _with_keys(context: ProvidersContext, name: str) -> ProviderRow:
    providers = {each: row for each, row in context.catalog.providers.items() if row.keys}
    if name not in providers:
        known = context.catalog.providers.get(name)
        what = f"{known.title} needs no key" if known else f"there is no vendor {name!r}"
        raise Invalid(what, hint=did_you_mean(name, providers, "vendors with keys"))
    return providers[name]


def _well_formed(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not text:
        raise Invalid("no key was given", hint="paste it, or pipe it: pressroom providers set NAME < file")
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > MAX_KEY_BYTES:
        raise Invalid("this is no key: it holds blanks, line ends or letters that no key has", hint="copy it once more")
    return SecretStr(text)


def _accepted(row: ProviderRow, context: ProvidersContext, key: SecretStr) -> str:
    """What the vendor says to a key that it takes; an account without credit has a good one too."""
    secret = key.get_secret_value()
    try:
        return harmless(_probed(row, context, context.keys.with_key(row.keys[0], key)), [secret])
    except Permanent as exc:
        if exc.fields.get("trouble") is Trouble.OUT_OF_CREDIT:
            return harmless(exc.message, [secret])
        hint = "nothing was kept: copy the key once more from the vendor's pages"
        raise Refused(harmless(exc.message, [secret]), hint=hint) from None
    except Retryable as exc:
        hint = "nothing was kept: try again, or keep it untried with --no-test"
        raise Retryable(harmless(exc.message, [secret]), hint=hint) from None


def _tried(row: ProviderRow, context: ProvidersContext) -> Tried:
    try:
        return Tried(row.name, True, _probed(row, context, context.keys))
    except PressroomError as exc:
        return Tried(row.name, False, str(exc))


def _probed(row: ProviderRow, context: ProvidersContext, keys: Keys) -> str:
    vendor = context.open_vendor(row.name, keys)
    if not isinstance(vendor, HttpVendor):
        raise Permanent(f"this version has no adapter for {row.title}", hint="use a version that has one")
    return vendor.probe()


def _least_usd(model: Model) -> int | None:
    known: Iterable[int] = (price.usd for price in model.prices if price.usd is not None)
    return min(known, default=None)
