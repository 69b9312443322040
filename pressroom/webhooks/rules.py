"""How deliveries are tried: the rules of `delivering.yaml`."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field


class Rules(BaseModel):
    """Times are seconds unless they say otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    retry_after_seconds: tuple[float, ...]
    jitter: float = Field(ge=0, lt=1)
    answer_seconds: float = Field(gt=0)
    lease_seconds: float = Field(gt=0)
    rotation_hours: float = Field(gt=0)
    kept_days: float = Field(gt=0)
    events_at_once: int = Field(gt=0)
    deliveries_at_once: int = Field(gt=0)

    @property
    def most_attempts(self) -> int:
        return len(self.retry_after_seconds) + 1

    def pause(self, attempts: int) -> timedelta | None:
        """How long after so many attempts in vain the next one is; None where there is none."""
        if attempts >= self.most_attempts:
            return None
        seconds = self.retry_after_seconds[attempts - 1]
        return timedelta(seconds=seconds * (1 + self.jitter * random.random()))


@lru_cache(maxsize=1)
def rules() -> Rules:
    return Rules.model_validate(yaml.safe_load(Path(__file__).with_name("delivering.yaml").read_text(encoding="utf-8")))
