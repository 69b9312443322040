"""Send a person from the agent's window to the page of a run that waits, where the person decides.

By address only, never by a form: what comes back through the agent's client may be the agent's own answer, and a person's word
is needed. Clients of the newer era answer by calling the tool again, older ones in between; the others are told the run's id.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from mcp.server.mcpserver import Context as Asking
from mcp.shared.exceptions import MCPError
from mcp.types import ElicitRequest, ElicitRequestURLParams, InputRequiredResult
from mcp.types.version import is_version_at_least

from pressroom.agents.backend import AgentBackend

INPUT_REQUIRED: Final = "input_required"
_APPROVE: Final = "approve"
_BY_CALLING_AGAIN: Final = "2026-07-28"  # the first version in which clients do


async def sent_to_a_person(
    backend: AgentBackend, asking: Asking[Any, Any], told: dict[str, Any]
) -> dict[str, Any] | InputRequiredResult:
    """What is told of the run, once the person was shown the way where the client can; nobody waits for the decision."""
    if told["status"] != INPUT_REQUIRED or not _opens_addresses(asking) or _was_asked(asking):
        return told
    address = f"{backend.pages()}/runs/{told['id']}"
    held = told["waits_for"]["held"]
    message = f"{told['campaign']} may cost {held} credits. Look at it, and approve or reject it: {address}"
    if is_version_at_least(asking.protocol_version or "", _BY_CALLING_AGAIN):
        request = ElicitRequest(params=ElicitRequestURLParams(message=message, url=address))
        return InputRequiredResult(input_requests={_APPROVE: request})
    with suppress(MCPError):  # it said that it could; the run waits all the same
        await asking.elicit_url(message, address, told["id"])
    return told


def _opens_addresses(asking: Asking[Any, Any]) -> bool:
    able = asking.client_capabilities
    return able is not None and able.elicitation is not None and able.elicitation.url is not None


def _was_asked(asking: Asking[Any, Any]) -> bool:
    return _APPROVE in (asking.input_responses or {})
