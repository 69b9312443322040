"""Draw the logo of the example brand: a frond in a ring. Shapes only, so that it looks the same without any font.

python deployments/campaigns/make_logo.py deployments/campaigns/product-launch/logo.svg
"""

from __future__ import annotations

import sys
from pathlib import Path

from sample_label import GOLD, fern

SIZE = 640


def main() -> None:
    middle = SIZE / 2
    ring = f'<circle cx="{middle}" cy="{middle}" r="{middle - 20}" fill="#f4ecdd" stroke="{GOLD}" stroke-width="14"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}">'
    body = f"<title>Varn &amp; Vale</title>{ring}{fern(middle, SIZE * 0.82, SIZE * 0.62)}"
    Path(sys.argv[1] if len(sys.argv) > 1 else "logo.svg").write_text(f"{head}{body}</svg>\n", encoding="utf-8")


if __name__ == "__main__":
    main()
