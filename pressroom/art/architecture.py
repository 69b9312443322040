"""An architecture drawing: the prompt's components in layers, from what people touch down to what keeps the data."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from pressroom.art.brief import Brief
from pressroom.art.diagram import arrow, card, columns_for, label, sheet, things_of, tint
from pressroom.art.wording import headline_of, words_of
from pressroom.media.color.spaces import mix, readable_on
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import ellipse, n, rectangle

MAX_COMPONENTS = 20

# The last word of a name says what it is ("warehouse service" is a service), so words are tried from the end.
LAYER_WORDS: Mapping[str, frozenset[str]] = {
    "Clients": frozenset(
        [
            "web",
            "app",
            "apps",
            "mobile",
            "browser",
            "client",
            "clients",
            "user",
            "users",
            "customer",
            "customers",
            "frontend",
            "ui",
            "shop",
            "site",
            "website",
            "portal",
            "dashboard",
            "page",
            "desktop",
            "ios",
            "android",
            "cli",
        ]
    ),
    "Edge": frozenset(
        [
            "gateway",
            "cdn",
            "balancer",
            "proxy",
            "edge",
            "api",
            "apis",
            "ingress",
            "firewall",
            "router",
            "waf",
            "dns",
            "nginx",
            "graphql",
            "webhook",
            "webhooks",
        ]
    ),
    "Services": frozenset(
        [
            "service",
            "services",
            "worker",
            "workers",
            "auth",
            "engine",
            "server",
            "servers",
            "backend",
            "scheduler",
            "function",
            "functions",
            "microservice",
            "microservices",
            "job",
            "jobs",
            "processor",
            "billing",
            "payment",
            "payments",
            "search",
            "notifications",
            "model",
            "pipeline",
        ]
    ),
    "Data": frozenset(
        [
            "database",
            "databases",
            "db",
            "cache",
            "queue",
            "storage",
            "store",
            "bucket",
            "warehouse",
            "redis",
            "postgres",
            "postgresql",
            "mysql",
            "kafka",
            "s3",
            "disk",
            "index",
            "lake",
            "log",
            "logs",
            "broker",
            "topic",
            "stream",
            "minio",
            "sqlite",
            "backup",
            "vault",
        ]
    ),
}
# Flatter stores are drawn as boxes: a lid would leave no room for the name.
MIN_DRUM_PIXELS = 36
# From this ratio on layers stand side by side and are read from left to right.
SIDE_BY_SIDE = 1.5


def draw(canvas: Canvas, brief: Brief) -> None:
    named = things_of(brief.prompt, MAX_COMPONENTS)
    canvas.omitted += named.lost
    area = sheet(canvas, brief, named.title)
    layers = layers_of(named.items or (headline_of(brief.prompt),))
    bands = _bands(area, len(layers), canvas.ratio > SIDE_BY_SIDE)
    hues = (canvas.palette.primary, canvas.palette.secondary, canvas.palette.accent)
    for index, ((name, components), band) in enumerate(zip(layers.items(), bands, strict=True)):
        _layer(canvas, name, components, band, hues[index % 3])
    color = mix(canvas.palette.ink, canvas.palette.background, 0.35)
    for before, after in itertools.pairwise(bands):
        (x0, y0), (x1, y1) = before.center, after.center
        if abs(y0 - y1) < 1:
            air = (after.x - before.right) * 0.14
            arrow(canvas, [(before.right + air, y0), (after.x - air, y0)], color)
        else:
            air = (after.y - before.bottom) * 0.14
            arrow(canvas, [(x0, before.bottom + air), (x1, after.y - air)], color)


def _bands(area: Box, count: int, side_by_side: bool) -> list[Box]:
    """One box a layer: columns on wide canvases, rows on the others."""
    if side_by_side:
        gap = area.width / count * 0.2 if count > 1 else 0.0
        width = (area.width - gap * (count - 1)) / count
        height = min(area.height, width * 1.5)
        top = area.y + (area.height - height) / 2
        return [Box(area.x + index * (width + gap), top, width, height) for index in range(count)]
    gap = area.height / count * 0.24 if count > 1 else 0.0
    height = min((area.height - gap * (count - 1)) / count, area.width * 0.5)
    top = area.y + (area.height - height * count - gap * (count - 1)) / 2
    return [Box(area.x, top + index * (height + gap), area.width, height) for index in range(count)]


def layers_of(components: tuple[str, ...]) -> dict[str, list[str]]:
    """Components by layer, top down; only the layers that have any."""
    found: dict[str, list[str]] = {name: [] for name in LAYER_WORDS}
    for component in components:
        words = [word for part in reversed(words_of(component)) for word in (part, part.rstrip("s"))]
        layer = next((name for word in words for name, known in LAYER_WORDS.items() if word in known), "Services")
        found[layer].append(component)
    return {name: members for name, members in found.items() if members}


def _layer(canvas: Canvas, name: str, components: list[str], band: Box, hue: str) -> None:
    palette, unit = canvas.palette, canvas.unit
    ground = tint(canvas, hue, 0.14)
    canvas.add(
        rectangle(band, unit * 0.02), ground, stroke=mix(hue, palette.background, 0.45),
        stroke_width=max(1.0, unit * 0.002),
    )  # fmt: skip
    pad = min(band.height * 0.13, unit * 0.03)
    tall = min(band.height * 0.2, unit * 0.04)
    canvas.write(
        name, canvas.fonts.strong, Box(band.x + pad, band.y + pad * 0.8, band.width - 2 * pad, tall),
        largest=min(unit * 0.026, tall), color=readable_on(ground, palette.muted), on=ground, role="layer",
    )  # fmt: skip
    inner = Box(band.x + pad, band.y + pad + tall, band.width - 2 * pad, band.height - 2 * pad - tall)
    _components(canvas, components, inner, hue, name == "Data")


def _components(canvas: Canvas, components: list[str], area: Box, hue: str, stored: bool) -> None:
    unit = canvas.unit
    columns = columns_for(len(components), area, 2.4)
    rows = -(-len(components) // columns)
    gap = min(unit * 0.03, area.width * 0.08, area.height * 0.08)
    width = min((area.width - gap * (columns - 1)) / columns, unit * 0.6)
    height = min((area.height - gap * (rows - 1)) / rows, width * 0.62)
    top = area.y + (area.height - rows * height - (rows - 1) * gap) / 2
    for index, component in enumerate(components):
        row, column = divmod(index, columns)
        here = min(columns, len(components) - row * columns)
        left = area.x + (area.width - here * width - (here - 1) * gap) / 2
        box = Box(left + column * (width + gap), top + row * (height + gap), width, height)
        _component(canvas, component, box, hue, stored)


def _component(canvas: Canvas, component: str, box: Box, hue: str, stored: bool) -> None:
    palette, unit = canvas.palette, canvas.unit
    edge = mix(hue, palette.ink, 0.15)
    size = min(box.height * 0.3, unit * 0.034)
    if stored and box.height > MIN_DRUM_PIXELS:
        flat = min(box.height * 0.13, box.width * 0.12)
        wide = max(1.0, unit * 0.002)
        canvas.add(
            f"M{n(box.x)} {n(box.y + flat)}V{n(box.bottom - flat)}A{n(box.width / 2)} {n(flat)} 0 0 0 {n(box.right)} "
            f"{n(box.bottom - flat)}V{n(box.y + flat)}Z",
            palette.surface, stroke=edge, stroke_width=wide,
        )  # fmt: skip
        lid = tint(canvas, hue, 0.3)
        canvas.add(ellipse(box.center[0], box.y + flat, box.width / 2, flat), lid, stroke=edge, stroke_width=wide)
        inner = Box(box.x, box.y + flat * 2, box.width, box.height - flat * 2.6)
    else:
        card(canvas, box, palette.surface, edge, unit * 0.012)
        inner = box
    label(canvas, component, inner.inset(box.width * 0.07, inner.height * 0.1), palette.ink, palette.surface, size)
