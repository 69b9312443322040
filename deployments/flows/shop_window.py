"""A Prefect flow of one's own: a product in every scene that the caller wants, lettered and cut for a feed.

    python deployments/flows/shop_window.py          one run of the flow, here
    prefect deployment run …                         once it is deployed, like any flow of yours

The scenes, the loop and what becomes of the files are Python; what is made, priced, held and bought is one campaign.
"""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from pressroom.flows import BrandSpec, campaign_run, overlay, remove_background, replace_background, resize

PHOTO = Path(__file__).parents[1] / "campaigns" / "product-launch" / "product.jpg"
BRAND = BrandSpec(name="Varn & Vale", colors={"primary": "#1f3b2d", "background": "#f5ead8", "text": "#191d1a"})


@flow
def shop_window(
    photo: Path = PHOTO,
    headline: str = "The forest, bottled",
    scenes: tuple[str, ...] = ("podium", "window"),
    out: Path = Path("out"),
) -> list[Path]:
    """The files for the feed, one for each scene. Nothing is bought that costs more than 5 credits."""
    with campaign_run("shop-window", budget=5, brand=BRAND, out=out) as window:
        cutout = remove_background(image=photo, trim=True)
        posts = []
        for scene in scenes:
            staged = replace_background.with_options(name=scene)(image=cutout, scene=scene, width=1080, height=1350)
            poster = overlay(image=staged, headline=headline, position="top")
            posts.append(resize.with_options(alt_text=headline)(image=poster, placements=["instagram.feed_portrait"]))
    result = window.run()
    files = [file for post in posts for file in result.files(post)]
    create_markdown_artifact("\n".join(f"- {file.name}" for file in files), key="shop-window")
    return files


if __name__ == "__main__":
    shop_window()
