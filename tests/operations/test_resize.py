"""resize: every placement gets a file of exactly its size, in its formats, under its limits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from pressroom.domain.errors import Corrupt, Permanent, Refused
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.operations.resize import OPERATION, ResizeParams
from tests.support.media import (
    all_placements,
    noise,
    png_bomb,
    product,
    red_middle,
    workspace,
)
from tests.support.resizing import problems, resized

IMAGE, VIDEO = MediaInfo(Kind.IMAGE), MediaInfo(Kind.VIDEO, duration_seconds=4.0)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    product().save(path)
    return path


@pytest.fixture(scope="module")
def everywhere(photo: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    return resized(tmp_path_factory.mktemp("all"), photo, placements=["*.*"])


class TestPictures:
    def test_every_image_placement_gets_exactly_what_it_asks_for(self, everywhere: list[Made]) -> None:
        wanted = [row for row in all_placements().values() if row.kind is Kind.IMAGE]

        assert [made.placement for made in everywhere] == [row.name for row in wanted]
        for made, row in zip(everywhere, wanted, strict=True):
            with Image.open(made.path) as image:
                image.load()
                assert image.size == (row.width, row.height), row.name
                assert (image.format or "").lower() in row.formats, row.name
                assert made.mime == Image.MIME[image.format or ""]
            assert row.byte_limit is None or made.path.stat().st_size <= row.byte_limit, row.name

    def test_what_is_expected_is_what_is_made(self, everywhere: list[Made]) -> None:
        params = ResizeParams(image="image", placements=["*.*"])

        expected = OPERATION.expect(params, {"image": IMAGE}, all_placements())

        assert [label for label, _ in expected.outputs] == [made.label for made in everywhere]
        sizes = [Image.open(made.path).size for made in everywhere]
        assert [(info.width, info.height) for _, info in expected.outputs] == sizes
        assert expected.units["image"] == len(everywhere)
        assert expected.units["megapixel"] == pytest.approx(sum(w * h for w, h in sizes) / 1e6)

    def test_identical_renditions_are_made_once(self, everywhere: list[Made]) -> None:
        by_bytes = defaultdict(set)
        for made in everywhere:
            by_bytes[made.path.read_bytes()].add(made.path)

        assert all(len(paths) == 1 for paths in by_bytes.values())
        assert len({made.path for made in everywhere}) < len(everywhere)

    def test_the_same_master_gives_the_same_bytes(self, tmp_path: Path, photo: Path) -> None:
        names = ["instagram.feed_square", "pinterest.pin_image", "x.post_gif"]

        one, two = (resized(tmp_path / name, photo, placements=names) for name in ("one", "two"))

        assert [made.path.read_bytes() for made in one] == [made.path.read_bytes() for made in two]

    @pytest.mark.parametrize("at", [(0.2, 0.5), (0.5, 0.5), (0.8, 0.5)])
    def test_a_crop_keeps_the_product_wherever_it_is(self, tmp_path: Path, at: tuple[float, float]) -> None:
        product(at=at).save(tmp_path / "photo.png")

        made = resized(tmp_path / "out", tmp_path / "photo.png", placements=["instagram.feed_square"])[0]

        assert made.details["mode"] == "crop"
        assert made.details["focal_point"]["source"] == "detail"
        image = Image.open(made.path)
        red = sum(1 for pixel in image.resize((100, 100)).get_flattened_data() if pixel[0] > 150 and pixel[1] < 100)
        assert red / 100**2 == pytest.approx(3.1416 * 0.16**2, rel=0.06)  # nothing of the disc is cut

    def test_a_given_focal_point_is_what_a_crop_is_centred_on(self, tmp_path: Path, photo: Path) -> None:
        point = {"x": 0.45, "y": 0.5}

        made = resized(tmp_path, photo, width=200, height=200, mode="crop", focal_point=point)[0]

        assert made.details["focal_point"] == {"x": 0.45, "y": 0.5, "source": "given"}
        # The disc at 0.5 of 600 is 30 pixels right of the point; the crop is 400 wide.
        assert red_middle(Image.open(made.path))[0] == pytest.approx(0.5 + 30 / 400, abs=0.01)

    def test_a_supplied_subject_stays_whole_and_is_on_record(self, tmp_path: Path) -> None:
        product(1200, 600, at=(0.85, 0.5)).save(tmp_path / "photo.png")
        boxes = [{"left": 0.05, "top": 0.4, "right": 0.2, "bottom": 0.6}]

        crop, whole = resized(
            tmp_path / "out",
            tmp_path / "photo.png",
            placements=["instagram.story_image", "instagram.feed_square"],
            subject=[*boxes, {"left": 0.5, "top": 0.1, "right": 0.6, "bottom": 0.9}],
        )
        tall = resized(tmp_path / "tall", tmp_path / "photo.png", width=300, height=600, subject=boxes[0])[0]

        assert tall.details["mode"] == "crop"
        assert tall.details["focal_point"] == {"x": 0.125, "y": 0.5, "source": "subject", "boxes": boxes}
        assert (crop.details["mode"], whole.details["mode"]) == ("fit", "fit")  # the two are too far apart

    def test_a_cut_out_is_centred_on_its_alpha_and_stays_transparent(self, tmp_path: Path) -> None:
        cut = Image.new("RGBA", (400, 400))
        cut.paste(product(200, 200), (20, 100))
        cut.save(tmp_path / "cut.png")

        blog, feed = resized(
            tmp_path / "out", tmp_path / "cut.png", placements=["blog.header", "instagram.feed_square"]
        )

        assert blog.mime == "image/png"
        assert Image.open(blog.path).getpixel((2, 2))[3] == 0
        assert feed.mime == "image/jpeg"  # no transparency there: the brand's background lies below
        assert Image.open(feed.path).getpixel((1070, 10)) == pytest.approx((0x20, 0x40, 0x60), abs=6)
        assert feed.details["focal_point"]["x"] == pytest.approx(0.3, abs=0.01)

    def test_auto_shows_a_headline_whole_that_a_crop_would_cut(self, tmp_path: Path) -> None:
        poster = Image.new("RGB", (1200, 600), "#dddddd")
        for left in range(40, 1160, 40):
            poster.paste((10, 10, 10), (left, 250, left + 22, 330))
        poster.save(tmp_path / "poster.png")

        made = resized(tmp_path / "out", tmp_path / "poster.png", placements=["instagram.story_image"])[0]

        assert made.details["mode"] == "fit"

    @pytest.mark.parametrize(("background", "color"), [("#ff8000", (255, 128, 0)), ("brand", (0x20, 0x40, 0x60))])
    def test_fit_pads_with_the_asked_colour(
        self, tmp_path: Path, photo: Path, background: str, color: tuple[int, int, int]
    ) -> None:
        made = resized(tmp_path, photo, width=300, height=300, mode="fit", background=background, format="png")[0]

        image = Image.open(made.path).convert("RGB")
        assert image.getpixel((150, 5)) == color
        assert red_middle(image) == pytest.approx((0.5, 0.5), abs=0.01)

    def test_fit_on_a_blurred_copy_uses_the_pictures_own_colours(self, tmp_path: Path, photo: Path) -> None:
        made = resized(tmp_path, photo, width=300, height=400, mode="fit", format="png")[0]

        red, green, blue = Image.open(made.path).convert("RGB").getpixel((10, 10))
        assert max(red, green, blue) - min(red, green, blue) < 12
        assert 110 < green < 190

    def test_a_blurred_ground_is_smooth_down_to_single_levels(self, tmp_path: Path) -> None:
        """Enlarged in whole levels it would show tiles: long runs of equal pixels, then a step."""
        slope = np.linspace(90, 130, 400)[None, :, None].repeat(300, 0).repeat(3, 2)
        Image.fromarray(slope.astype(np.uint8)).save(tmp_path / "slope.png")

        made = resized(tmp_path, tmp_path / "slope.png", width=600, height=1200, mode="fit", format="png")[0]

        row = np.asarray(Image.open(made.path).convert("L"))[20:120, 150:450].mean(axis=0)
        curve = np.polyval(np.polyfit(np.arange(300), row, 3), np.arange(300))
        assert np.sqrt(np.mean((row - curve) ** 2)) < 0.15  # rounding alone leaves 0.29

    def test_enlarging_is_allowed_and_said(self, tmp_path: Path, photo: Path) -> None:
        large, small = resized(tmp_path, photo, placements=["website.banner", "x.profile"])

        assert large.details["scale"] == pytest.approx(3.2)
        assert "enlarged 3.20 times" in large.details["warning"]
        assert "warning" not in small.details

    def test_orientation_is_applied_first(self, tmp_path: Path) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        product(600, 400, at=(0.25, 0.5)).save(tmp_path / "turned.jpg", exif=exif, quality=95)

        made = resized(tmp_path / "out", tmp_path / "turned.jpg", width=200, height=300)[0]

        assert red_middle(Image.open(made.path)) == pytest.approx((0.5, 0.25), abs=0.02)

    def test_noise_stays_under_every_limit(self, tmp_path: Path) -> None:
        noise(1280, 720).save(tmp_path / "noise.png")
        names = ["youtube.thumbnail", "x.profile", "facebook.link_image"]

        made = resized(tmp_path / "out", tmp_path / "noise.png", placements=names, max_bytes=150_000)

        assert all(file.path.stat().st_size <= 150_000 for file in made)
        assert made[0].details["quality"] < 90

    def test_what_is_added_afterwards_still_fits_under_the_limit(self, tmp_path: Path) -> None:
        noise(640, 480).save(tmp_path / "noise.png")
        work = replace(workspace(tmp_path / "out", image=tmp_path / "noise.png"), reserve=lambda: 5_000)
        params = ResizeParams(image="image", placements=["facebook.feed"], max_bytes=100_000)

        made = OPERATION.run(params, work) if OPERATION.run else []

        assert 90_000 < made[0].path.stat().st_size <= 95_000

    def test_a_limit_that_cannot_be_met_is_refused(self, tmp_path: Path) -> None:
        noise(400, 400).save(tmp_path / "noise.png")

        with pytest.raises(Refused, match="the limit is 2,000"):
            resized(tmp_path / "out", tmp_path / "noise.png", width=400, height=400, max_bytes=2_000)

    def test_drawings_become_png_and_photographs_jpeg_where_both_are_taken(self, tmp_path: Path, photo: Path) -> None:
        flat = Image.new("RGB", (400, 300), "#336699")
        flat.paste((255, 255, 255), (100, 100, 200, 200))
        flat.save(tmp_path / "flat.png")

        assert resized(tmp_path / "a", tmp_path / "flat.png", placements=["facebook.feed"])[0].mime == "image/png"
        assert resized(tmp_path / "b", photo, placements=["facebook.feed"])[0].mime == "image/jpeg"

    @pytest.mark.parametrize("mode", ["CMYK", "P", "LA", "1"])
    def test_masters_of_any_mode_work(self, tmp_path: Path, mode: str) -> None:
        product(120, 90).convert(mode).save(tmp_path / "master.tif")

        made = resized(tmp_path / "out", tmp_path / "master.tif", placements=["facebook.profile"])[0]

        assert Image.open(made.path).mode == "RGB"

    def test_a_bomb_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Corrupt, match="50,000 x 50,000"):
            resized(tmp_path / "out", png_bomb(tmp_path / "bomb.png"), placements=["x.profile"])

    def test_how_like_the_picture_each_file_is_stands_in_its_record(self, tmp_path: Path, photo: Path) -> None:
        fine, coarse, exact = (
            resized(tmp_path / name, photo, width=300, height=200, format=kind, quality=quality)[0].details
            for name, kind, quality in (("a", "jpeg", 90), ("b", "jpeg", 20), ("c", "png", None))
        )

        assert exact["ssim"] == 1
        assert 0.3 < coarse["ssim"] < fine["ssim"] < 1
        assert (fine["quality"], coarse["quality"]) == (90, 20)

    @pytest.mark.parametrize("kind", ["gif", "webp", "avif"])
    def test_of_a_moving_master_the_first_frame_is_shown_and_that_is_said(self, tmp_path: Path, kind: str) -> None:
        still = product(120, 80)
        still.save(tmp_path / "moving", kind, save_all=True, append_images=[still.rotate(90)], duration=100)

        made = resized(tmp_path / "out", tmp_path / "moving", width=60, height=40)[0]

        assert made.details["warning"] == "the source moves: the first of its 2 frames is shown"
        assert red_middle(Image.open(made.path)) == pytest.approx((0.5, 0.5), abs=0.02)

    def test_quality_is_a_problem_for_videos(self) -> None:
        assert "quality is for pictures" in problems(VIDEO, width=100, height=100, quality=80)[0]

    def test_a_custom_size_alone_has_no_label_and_takes_any_format(self, tmp_path: Path, photo: Path) -> None:
        for name in ("jpeg", "png", "webp", "avif", "gif", "bmp"):
            made = resized(tmp_path / name, photo, width=101, height=37, format=name)[0]

            assert (made.label, made.placement, made.mime) == ("", None, f"image/{name}")
            assert Image.open(made.path).size == (101, 37)


class TestExpectations:
    def test_a_name_that_does_not_exist_is_a_problem_with_the_nearest_one(self) -> None:
        assert problems(IMAGE, placements=["instagram.feed_sqare"]) == (
            "there is no placement 'instagram.feed_sqare', did you mean 'instagram.feed_square'?",
        )

    def test_an_exact_name_of_the_other_kind_is_a_problem(self) -> None:
        assert "takes a video, the master is an image" in problems(IMAGE, placements=["instagram.reel"])[0]
        assert "takes an image, the master is a video" in problems(VIDEO, placements=["instagram.feed_square"])[0]

    def test_a_pattern_means_the_placements_of_the_masters_kind(self) -> None:
        params = ResizeParams(image="image", placements=["instagram.*", "instagram.reel*"])

        labels = [name for name, _ in OPERATION.expect(params, {"image": VIDEO}, all_placements()).outputs]

        assert labels == ["instagram.reel", "instagram.story_video", "instagram.ad_reel_video"]
        assert problems(VIDEO, placements=["blog.*"]) == ("no video placement matches 'blog.*'",)

    def test_every_problem_is_reported_at_once(self) -> None:
        assert len(problems(IMAGE, placements=["no.such", "x.dm_video", "nothing.*", "x.profile"])) == 3

    def test_a_video_too_short_for_a_placement_is_a_problem_where_its_length_is_known(self) -> None:
        assert "at least 5 s, the video has 4 s" in problems(VIDEO, placements=["tiktok.ad_infeed_square"])[0]
        assert problems(MediaInfo(Kind.VIDEO), placements=["tiktok.ad_infeed_square"]) == ()

    def test_a_video_is_expected_to_be_trimmed_to_the_limit(self) -> None:
        params = ResizeParams(image="image", placements=["instagram.story_video", "x.dm_video"])

        long = MediaInfo(Kind.VIDEO, duration_seconds=100.0)
        outputs = OPERATION.expect(params, {"image": long}, all_placements())

        assert [info.duration_seconds for _, info in outputs.outputs] == [60, 100]
        assert outputs.units["second"] == 160

    @pytest.mark.parametrize(
        "params", [{}, {"width": 100}, {"placements": ["x.profile"], "format": "png"}, {"width": 0, "height": 10}]
    )
    def test_parameters_that_ask_for_nothing_or_half_are_invalid(self, params: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            ResizeParams(image="image", **params)  # type: ignore[arg-type]

    def test_a_run_refuses_what_a_plan_calls_a_problem(self, tmp_path: Path, photo: Path) -> None:
        with pytest.raises(Permanent, match="takes a video"):
            resized(tmp_path, photo, placements=["instagram.reel"])


class TestWords:
    """What a step before has set on the master, which has the shape of a feed post."""

    def _rendition(self, folder: Path, *words: tuple[float, float, float, float], **params: object) -> Made:
        master = folder / "master.png"
        Image.new("RGB", (540, 675), "#405060").save(master)
        work = replace(workspace(folder / "out", image=master), words={"image": words})
        assert OPERATION.run is not None
        (made,) = OPERATION.run(ResizeParams(image="image", **params), work)  # type: ignore[arg-type]
        return made

    @pytest.mark.parametrize(("bottom", "mode"), [(0.6, "crop"), (0.97, "fit")])
    def test_auto_crops_only_where_they_stay_whole(self, tmp_path: Path, bottom: float, mode: str) -> None:
        made = self._rendition(tmp_path, (0.2, 0.1, 0.8, 0.2), (0.2, bottom - 0.1, 0.8, bottom), width=400, height=300)

        assert made.details["mode"] == mode
        assert "words" not in made.details.get("warning", "")

    def test_they_have_air_at_an_edge_that_cuts(self, tmp_path: Path) -> None:
        made = self._rendition(tmp_path, (0.2, 0.05, 0.8, 0.64), width=540, height=405)  # which shows 0.6 of the height

        assert made.details["mode"] == "fit"

    def test_beyond_the_safe_zone_they_are_doubtful(self, tmp_path: Path) -> None:
        made = self._rendition(tmp_path, (0.2, 0.9, 0.8, 0.99), placements=["instagram.story_image"], mode="fit")

        assert "words of the picture stand outside the safe zone of instagram.story_image" in made.details["warning"]

    def test_within_it_nothing_is_said(self, tmp_path: Path) -> None:
        made = self._rendition(tmp_path, (0.2, 0.4, 0.8, 0.5), placements=["instagram.story_image"], mode="fit")

        assert "words" not in made.details.get("warning", "")
