"""alembic's environment: it works on the connection that `pressroom.database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from pressroom.database.migrate import OPTIONS

context.configure(connection=context.config.attributes["connection"], **OPTIONS)
context.run_migrations()
