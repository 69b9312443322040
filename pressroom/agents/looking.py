"""The tools that look at the library, at the catalog, and at what errors mean. They change nothing and cost nothing."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server import MCPServer
from pydantic import Field

from pressroom.agents.backend import AgentBackend
from pressroom.agents.calling import READS, Few, Id, done
from pressroom.catalog.search import models_of
from pressroom.domain.identity import Principal, Scope
from pressroom.library.search_words import query_of
from pressroom.services.explain import explain_problem
from pressroom.services.finding import search_assets
from pressroom.services.library import find_similar, show_asset


def add_looking(server: MCPServer, backend: AgentBackend) -> None:
    """The tools that look at the library and the catalog."""

    @server.tool(name="search_assets", annotations=READS)
    async def search(
        text: Annotated[str, Field(description='Words that all occur; "a phrase", -without, begin*. Empty: all.')] = "",
        filters: Annotated[
            dict[str, str] | None, Field(description="More: kind, tag, campaign, format, orientation, created, ...")
        ] = None,
        limit: Few = 10,
    ) -> dict[str, Any]:
        """Find assets of the library by words and filters. Reads only, costs nothing. Fails for a filter that there is not."""
        given = [*(filters or {}).items(), ("limit", str(limit)), *([("text", text)] if text else [])]
        return await done(
            backend,
            Scope.ASSETS_READ,
            lambda principal: search_assets(principal, backend.context, query_of(given)).as_dict(principal.account),
        )

    @server.tool(name="get_asset", annotations=READS)
    async def asset(asset_id: Id) -> dict[str, Any]:
        """Everything recorded of one asset. Reads only, costs nothing. Fails for an asset that the account has not."""
        return await done(
            backend,
            Scope.ASSETS_READ,
            lambda principal: show_asset(principal, backend.context, asset_id).as_dict(principal.account),
        )

    @server.tool(name="find_similar", annotations=READS)
    async def similar(asset_id: Id, limit: Few = 10) -> list[dict[str, Any]]:
        """Pictures of the library that look like an asset, the nearest first. Reads only, costs nothing. Fails for no asset."""

        def found(principal: Principal) -> list[dict[str, Any]]:
            own = show_asset(principal, backend.context, asset_id).id
            answer = find_similar(principal, backend.context, own, limit=limit).answer
            return [
                {"asset": each.asset.id, "alike": each.match.cosine, "why": each.match.why}
                for each in (*answer.duplicates, *answer.nearest)
            ]

        return await done(backend, Scope.ASSETS_READ, found)

    @server.tool(name="list_models", annotations=READS)
    async def models(
        words: Annotated[str, Field(description="An operation, or words of a name: upscale, image_to_video.")] = "",
    ) -> list[dict[str, Any]]:
        """What can be bought or computed, with tier and prices. Reads only, costs nothing. Fails where nothing fits the words."""
        kept = {"name", "operation", "tier", "prices"}
        return await done(
            backend,
            Scope.RUNS_READ,
            lambda principal: [
                {"name": row.name, **row.model_dump(mode="json", include=kept)}
                for row in models_of(backend.context.catalog, words)
            ],
        )

    @server.tool(name="explain_problem", annotations=READS)
    async def explain(
        problem: Annotated[
            str,
            Field(
                min_length=1, max_length=10_000, description="A code, such as cap_day, or the text with codes in it."
            ),
        ],
    ) -> list[dict[str, str]]:
        """What errors mean and who must do what about them. Reads only, costs nothing. Fails for what names no known code."""
        return await done(backend, Scope.AGENT, lambda _: [each.as_dict() for each in explain_problem(problem)])
