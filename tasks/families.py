"""The task of each operation family: the visible list that the flow chooses from."""

from __future__ import annotations

from typing import Any

from prefect.tasks import Task

from tasks.export import make_export
from tasks.image import make_image
from tasks.video import make_video

FAMILIES: dict[str, Task[..., Any]] = {"image": make_image, "video": make_video, "export": make_export}
