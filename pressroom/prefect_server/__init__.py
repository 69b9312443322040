"""The local Prefect server of one home folder: started once in the background, found again by every later command.

Nothing here imports Prefect, except `child`, which is the server's own process.
"""

from pressroom.prefect_server.environment import client_environment
from pressroom.prefect_server.lifecycle import PendingServer, ServerStatus, check, ensure_started, status, stop
from pressroom.prefect_server.record import ServerRecord

__all__ = [
    "PendingServer",
    "ServerRecord",
    "ServerStatus",
    "check",
    "client_environment",
    "ensure_started",
    "status",
    "stop",
]
