"""The tool that shares what the library has, with a person or by a link."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from mcp.server import MCPServer
from pydantic import Field

from pressroom.agents.backend import AgentBackend
from pressroom.agents.calling import SHARES, done
from pressroom.domain.identity import Principal, Scope
from pressroom.services.public_links import create_link
from pressroom.services.sharing import share

_DAYS: Final = 7


def add_sharing(server: MCPServer, backend: AgentBackend) -> None:
    @server.tool(name="share", annotations=SHARES)
    async def shared(
        name: Annotated[
            str, Field(max_length=1_000, description="An asset's id, a folder's path or a collection's name.")
        ],
        kind: Literal["asset", "folder", "collection"] = "asset",
        email: Annotated[str, Field(max_length=254, description="With whom; empty: whoever has the link.")] = "",
        right: Annotated[Literal["view", "use"], Field(description="use: the original too.")] = "view",
        days: Annotated[int, Field(ge=1, le=365, description="How long a link opens.")] = _DAYS,
    ) -> dict[str, Any]:
        """Let somebody outside see an asset, a folder or a collection: a person by address, or whoever has a link that ends.

        Costs nothing. It takes the scope assets:write. Sharing again with the same person changes the right; each call without an
        address makes another link, whose secret is in this answer alone and opens at /public/SECRET. A person takes both back.
        Fails for what the account does not have.
        """

        def given(principal: Principal) -> dict[str, Any]:
            if email:
                return share(principal, backend.context, kind, name, email, right).as_dict()
            ends = backend.context.now() + timedelta(days=days)
            return create_link(principal, backend.context, kind, name, right=right, expires_at=ends).as_dict()

        return await done(backend, Scope.ASSETS_WRITE, given)
