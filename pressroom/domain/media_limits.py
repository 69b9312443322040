"""How large media may be that is opened."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class MediaLimits(BaseModel):
    """What may be opened: checked against declared sizes before anything is decoded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_pixels: int = Field(100_000_000, gt=0, description="Largest image or frame that is decoded, in pixels.")
    max_side: int = Field(20_000, gt=0, description="Longest side of an image or frame, in pixels.")
    max_bytes: int = Field(500_000_000, gt=0, description="Largest media file that is opened, in bytes.")
    max_frames: int = Field(36_000, gt=0, description="Most frames of an animation or video.")
    max_seconds: float = Field(1_200.0, gt=0, description="Longest video or audio, in seconds.")
    timeout_seconds: float = Field(300.0, gt=0, description="Longest run of one ffmpeg process, in seconds.")
