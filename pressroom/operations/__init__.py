"""Every operation, one file each. Adding one: its file here, one line below, its test, its row in docs/operations.md."""

from __future__ import annotations

from typing import Any

from pressroom.operation import Operation

ALL: tuple[Operation[Any], ...] = ()
OPERATIONS: dict[str, Operation[Any]] = {operation.name: operation for operation in ALL}
