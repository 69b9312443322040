"""What a server is made of."""

from __future__ import annotations

import subprocess
import sys


def test_a_server_that_makes_nothing_loads_no_pixel_libraries() -> None:
    heavy = {"PIL", "av", "cv2", "mcp", "onnxruntime", "prefect", "pyvips"}
    program = f"import sys, pressroom.serving.app; print(*sorted({heavy} & sys.modules.keys()))"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == []
