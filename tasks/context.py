"""What a task opens: the adapters of the home that its run belongs to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from prefect.types import SecretDict
from pydantic import BaseModel, ConfigDict, SecretStr

from blocks.pressroom_home import PressroomHome
from pressroom.bootstrap import keys_for, open_context
from pressroom.domain.errors import Invalid, Retryable, in_one_line
from pressroom.keys.vendor_keys import Keys
from pressroom.prefect_server.events import PrefectEvents
from pressroom.services.context import Context
from pressroom.services.run_node import RunningRun
from pressroom.services.take_up_run import read_run
from pressroom.settings import Settings, settings_for
from tasks.events import tell_prefect


class HomeRef(BaseModel):
    """Names the settings to open: a campaign's folder, the home folder where it is not that folder's own, or a block.

    Only names travel between tasks; what a block holds is read where it is used.
    """

    model_config = ConfigDict(frozen=True)

    folder: str
    home: str = ""
    block: str = ""

    def settings(self) -> Settings:
        return _opened(self)[0]

    def vendor_keys(self) -> Keys | None:
        """Vendors' keys, where the block has some; None leaves it to the home."""
        return _opened(self)[1]

    def open(self) -> Context:
        context = open_context(*_opened(self))
        context.events.subscribe(tell_prefect, instead_of=PrefectEvents)
        return context


@lru_cache(maxsize=8)
def _opened(ref: HomeRef) -> tuple[Settings, Keys | None]:
    # A process asks for the same home once a node; reading its settings again would cost more than the node's own records.
    folder = Path(ref.folder)
    if not ref.block:
        return settings_for(folder, home=ref.home or None), None
    block = _load(ref.block)
    settings = block.open(folder, ref.home)
    return settings, keys_for(settings, block.environment(os.environ))


def _load(name: str) -> PressroomHome:
    try:
        # Asked for in this thread also where a flow's event loop runs in it.
        found: PressroomHome = PressroomHome.load(name, _sync=True)  # type: ignore[call-arg]
    except ValueError as exc:
        hint = f"`pressroom home register {name}` makes it from the settings where it is run"
        raise Invalid(f"there is no Pressroom home block {name!r} on the Prefect server", hint=hint) from exc
    except Exception as exc:  # whatever the server or the way to it has
        raise Retryable(f"the Prefect server does not give the home block {name!r}: {in_one_line(exc)}") from exc
    return found


def keep_in_block(block: str, name: str, key: SecretStr) -> str:
    """Put a vendor's key into a block, for the workers whose runs name it; returns where it is now."""
    home = _load(block)
    home.keys = SecretDict({**home.keys.get_secret_value(), name: key.get_secret_value()})
    home.save(block, overwrite=True, _sync=True)  # type: ignore[call-arg]
    return f"the Prefect block {block!r}"


def register_home(name: str, settings: Settings, keys: Mapping[str, SecretStr], folder: str) -> None:
    """Keep the settings and keys as the block of this name; workers keep what is their own in `folder`."""
    PressroomHome.of(settings, keys, folder).save(name, overwrite=True, _sync=True)  # type: ignore[call-arg]


@lru_cache(maxsize=4)
def open_run(context: Context, run_id: str, lease: int) -> RunningRun:
    """The run's plan, read once in a process: tasks of the same run share it."""
    return read_run(context, run_id, lease)
