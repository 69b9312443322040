"""The visible list of vendors is looked through by every plan, so it costs no import that a plan can do without."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("PIL", "numpy", "cv2", "pyvips", "httpx", "httpcore", "fastapi", "sqlalchemy", "prefect")


def test_the_list_imports_no_pixels_no_client_and_no_framework() -> None:
    code = f"import sys, pressroom.providers.registry; print([name for name in {HEAVY} if name in sys.modules])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
