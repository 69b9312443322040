"""Who works on the runs that a server begins: its own threads, and where the settings name a deployment its workers."""

from __future__ import annotations

from functools import partial

from pressroom.domain.errors import Invalid, Problem
from pressroom.prefect_server.api import PrefectServer
from pressroom.prefect_server.configured import configured
from pressroom.prefect_server.deployment import PrefectDeployment
from pressroom.prefect_server.flow_runs import restart
from pressroom.services.context import Context
from pressroom.services.crew import Crew
from pressroom.services.elsewhere import Elsewhere


def open_crew(context: Context) -> Crew:
    """Raises Invalid where a deployment is named and no Prefect server."""
    settings = context.settings
    used = [name for name in ("run_deployment", "long_deployment") if getattr(settings, name)]
    if not used:
        return Crew(context, settings.workers)
    url, credentials = configured(settings)
    if not url:
        problem = Problem("setting", f"setting {used[0]!r} needs a Prefect server", "set prefect_api_url too")
        raise Invalid.of([problem])
    server = PrefectServer(url, credentials)
    runs, long = (
        PrefectDeployment(server, name) if name else None
        for name in (settings.run_deployment, settings.long_deployment)
    )
    elsewhere = Elsewhere(context, campaigns=runs, generations=long, restart=partial(restart, server))
    return Crew(context, settings.workers, elsewhere)
