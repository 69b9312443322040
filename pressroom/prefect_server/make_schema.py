"""Write schema.sql for the installed Prefect: `python -m pressroom.prefect_server.make_schema`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pressroom.prefect_server import database


def migrated(prefect_home: Path) -> Path:
    """A database in the empty folder `prefect_home` as Prefect's own migrations make it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {"PREFECT_HOME": str(prefect_home), "DO_NOT_TRACK": "1"}
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"]
    subprocess.run(command, env=environment, cwd=prefect_home, check=True, stdout=subprocess.DEVNULL)
    return prefect_home / "prefect.db"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database.SCHEMA_FILE.write_text(database.dump(migrated(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
