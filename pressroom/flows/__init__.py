"""Campaigns in Python, for flows of one's own: `from pressroom.flows import campaign_run, generate_image`.

Every operation is here by its name; `__init__.pyi` has their signatures (`python docs/generate.py` writes it).
"""

from __future__ import annotations

from pressroom.campaign.models import BrandSpec, Budget, Policy
from pressroom.flows.campaign_run import CampaignResult, CampaignRun, Media, StepHandle, campaign_run, each
from pressroom.flows.operations import OperationTask, StepOptions
from pressroom.operations import OPERATIONS

__all__ = [
    "BrandSpec",
    "Budget",
    "CampaignResult",
    "CampaignRun",
    "Media",
    "OperationTask",
    "Policy",
    "StepHandle",
    "StepOptions",
    "campaign_run",
    "each",
]
__all__ += OPERATIONS
globals().update({name: OperationTask(operation) for name, operation in OPERATIONS.items()})
