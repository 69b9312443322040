"""Deliver an asset that is there, an older version for instance, without making anything; and take over a shared one."""

from __future__ import annotations

from pathlib import Path

from pressroom.delivery.names import fitted
from pressroom.delivery.place import place_of
from pressroom.domain.errors import Corrupt, Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import Right, Use
from pressroom.domain.media import Asset, MediaInfo
from pressroom.domain.money import micros
from pressroom.ledger.accounts import ensure_account
from pressroom.library.assets import add_asset, get_asset, input_asset, input_id
from pressroom.services.context import Context
from pressroom.services.shared_assets import see_asset
from pressroom.services.uses import record_use
from pressroom.storage.streams import make_folder


def deliver_asset(principal: Principal, context: Context, name: str, to: str) -> str:
    """Copy an asset's file to a folder or s3://BUCKET/FOLDER under its file name; returns where it lies.

    Raises Refused where another file has that name, Corrupt where the store has lost the media.
    """
    asset = see_asset(principal, context, name, Right.USE).asset
    place, file_name = place_of(to), fitted(asset.filename or asset.id)
    try:
        if isinstance(place, Path):
            make_folder(place)
            target = place / file_name
            if target.exists():
                raise Refused(f"there is a file {target} already", hint="choose another folder")
            context.store.get(asset.sha256, target)
            delivered = str(target)
        else:
            context.open_files(place.bucket).copy(context.store, asset.sha256, place.key(file_name), asset.mime)
            delivered = str(place / file_name)
    except KeyError as exc:
        raise Corrupt(f"the media of {asset.id} is no longer in the store", hint="run its campaign again") from exc
    record_use(principal, context, asset.id, Use.DOWNLOAD, details={"to": delivered})
    return delivered


def take_shared_asset(principal: Principal, context: Context, asset_id: str) -> Asset:
    """File what another account shares as the account's own, so that its campaigns can take it; the object is the same.

    It stays when the share ends, as a download does. Its owner sees the use.
    """
    principal.require(Scope.ASSETS_WRITE)
    shared = see_asset(principal, context, asset_id, Right.USE).asset
    settings = context.settings
    info = MediaInfo(
        shared.kind, shared.mime, shared.width, shared.height, shared.duration_seconds, shared.size_bytes, shared.sha256
    )
    with context.database.write() as conn:
        own = ensure_account(conn, principal.account, micros(settings.grant_credits), settings.plan)
        own_id = input_id(conn, own, shared.sha256)
        name = shared.filename or shared.name
        add_asset(conn, own, input_asset(own_id, shared.sha256, name, info, context.now(), principal.user))
        taken = get_asset(conn, own, own_id)
    record_use(principal, context, shared.id, Use.CAMPAIGN, key=f"taken:{principal.account}", details={"as": own_id})
    return taken
