"""`pressroom mcp`: the door for AI agents, over standard input and output."""

from __future__ import annotations

from pressroom.cli.console import border
from pressroom.cli.options import Account, customer


def mcp(account: Account = None) -> None:
    """Serve the Model Context Protocol on standard input and output, for an agent on this machine.

    It acts for the account with the rights of the token in PRESSROOM_TOKEN, without one as an agent that may read, plan and
    ask for runs. Nothing is bought before a person approves it.
    """
    from functools import partial

    from pressroom.agents.backend import AgentBackend
    from pressroom.agents.server import agent_server
    from pressroom.bootstrap import open_planning
    from pressroom.domain.identity import READING, Bearer, Principal, Scope
    from pressroom.prefect_server.crew import open_crew
    from pressroom.services.tokens import authenticate

    with border():
        owner, context = customer(account)
        secret = context.settings.token.get_secret_value()
        local = Principal(owner.account, "agent", READING | {Scope.AGENT}, Bearer(None, bound=True))
        crew = open_crew(context)
        crew.begin()
        agent_server(
            AgentBackend(
                context,
                crew,
                partial(open_planning, context.settings),
                lambda: authenticate(context, secret, context.now()) if secret else local,
            )
        ).run()
