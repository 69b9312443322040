"""One printed page as PDF: its boxes, its picture, its crop marks and its output intent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pressroom.media.printing.paper import Sheet
    from pressroom.media.printing.press import Ink

_POINTS = 72.0
_JPEG_QUALITY = 95  # as PDF presets for print have it: no loss that a press could show


def write_pdf(pixels: Any, sheet: Sheet, ink: Ink, path: Path) -> None:
    """A page with MediaBox, BleedBox, TrimBox, vector crop marks, and the profile as its output intent (ISO 32000-1, 14.11)."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name

    pdf = pikepdf.new()
    profile = pdf.make_stream(ink.profile, N=ink.bands, Alternate=Name.DeviceCMYK if ink.bands == 4 else Name.DeviceRGB)
    data = pixels.jpegsave_buffer(Q=_JPEG_QUALITY, subsample_mode="off", optimize_coding=True, keep="none")
    picture = pdf.make_stream(bytes(data))
    picture.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=pixels.width, Height=pixels.height, BitsPerComponent=8,
        ColorSpace=Array([Name.ICCBased, profile]), Filter=Name.DCTDecode,
    )  # fmt: skip
    if ink.bands == 4:
        # JPEG files keep CMYK inverted, as Adobe's programs began it.
        picture.Decode = Array([1, 0] * 4)
    page = pdf.add_blank_page()
    boxes = (Array(_inset(sheet, by)) for by in (0, sheet.slug, sheet.slug + sheet.bleed))
    page.obj.MediaBox, page.obj.BleedBox, page.obj.TrimBox = boxes
    page.obj.Resources = Dictionary(
        XObject=Dictionary(Page=picture), ColorSpace=Dictionary(Registration=_registration(pdf))
    )
    page.obj.Contents = pdf.make_stream(_drawing(sheet).encode("ascii"))
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent, S=Name.GTS_PDFX, OutputConditionIdentifier="Custom", Info=ink.name,
                DestOutputProfile=profile,
            )
        ]
    )  # fmt: skip
    pdf.save(path, deterministic_id=True, compress_streams=True)


def _inset(sheet: Sheet, pixels: int) -> list[float]:
    low = pixels / sheet.dpi * _POINTS
    right, top = (side / sheet.dpi * _POINTS - low for side in sheet.whole)
    return [round(value, 4) for value in (low, low, right, top)]


def _registration(pdf: Any) -> Any:
    """All inks at once, whatever the press has (Separation All)."""
    from pikepdf import Array, Dictionary, Name

    tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[1, 1, 1, 1], N=1)
    return Array([Name.Separation, Name.All, Name.DeviceCMYK, tint])


def _drawing(sheet: Sheet) -> str:
    from pressroom.media.printing.press import mark_lines

    scale = _POINTS / sheet.dpi
    width, height = (side * scale for side in sheet.picture)
    at, top = sheet.slug * scale, sheet.whole[1] * scale
    parts = [f"q {width:.4f} 0 0 {height:.4f} {at:.4f} {at:.4f} cm /Page Do Q"]
    if sheet.slug:
        parts.append("q /Registration CS 1 SCN 0.25 w")
        parts += [
            f"{x0 * scale:.4f} {top - y0 * scale:.4f} m {x1 * scale:.4f} {top - y1 * scale:.4f} l S"
            for x0, y0, x1, y1 in mark_lines(sheet)
        ]
        parts.append("Q")
    return "\n".join(parts)
