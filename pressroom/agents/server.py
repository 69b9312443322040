"""What an agent may do, as tools of the Model Context Protocol: look, plan, and run within what a person allows.

Each tool calls one service, for whoever the agent acts for. Descriptions say what a tool changes, what it costs, whether it may
be called again, and how it fails: agents choose by them.
"""

from __future__ import annotations

from typing import Final

from mcp.server import MCPServer

from pressroom import __version__
from pressroom.agents.backend import AgentBackend
from pressroom.agents.campaigns import add_campaigns
from pressroom.agents.looking import add_looking
from pressroom.agents.sharing import add_sharing

INSTRUCTIONS: Final = (
    "Pressroom plans, prices and makes media campaigns. Plan first (plan_campaign), then run by the plan's hash (run_plan): "
    "beyond the standing budget nothing is bought before a person approves. Media are named asset:ID; "
    "explain_problem explains codes."
)


def agent_server(backend: AgentBackend) -> MCPServer:
    """The tools of one home, for the principal that the backend says when one is called."""
    server: MCPServer = MCPServer(
        "pressroom", title="Pressroom", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    add_looking(server, backend)
    add_campaigns(server, backend)
    add_sharing(server, backend)
    return server
