"""An architecture drawing: the prompt's components in layers, from what people touch down to what keeps the data."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from pressroom.media.art.brief import Brief, headline_of, words_of
from pressroom.media.art.canvas import Canvas
from pressroom.media.art.diagram import arrow, card, label, sheet, things_of, tint
from pressroom.media.art.shapes import Box, ellipse, n, rectangle
from pressroom.media.color import mix, readable_on

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
STORES = frozenset(LAYER_WORDS["Data"])


def draw(canvas: Canvas, brief: Brief) -> None:
    named = things_of(brief.prompt, MAX_COMPONENTS)
    area = sheet(canvas, brief, named.title)
    layers = layers_of(named.items or (headline_of(brief.prompt),))
    gap = area.height * 0.09 if len(layers) > 1 else 0.0
    height = min((area.height - gap * (len(layers) - 1)) / len(layers), area.width * 0.5)
    gap = min(gap, height * 0.4)
    top = area.y + (area.height - height * len(layers) - gap * (len(layers) - 1)) / 2
    bands = [Box(area.x, top + index * (height + gap), area.width, height) for index in range(len(layers))]
    hues = (canvas.palette.primary, canvas.palette.secondary, canvas.palette.accent)
    for index, ((name, components), band) in enumerate(zip(layers.items(), bands, strict=True)):
        _layer(canvas, name, components, band, hues[index % 3])
    color = mix(canvas.palette.ink, canvas.palette.background, 0.35)
    for before, after in itertools.pairwise(bands):
        for share in (0.38, 0.62):
            x = before.x + before.width * share
            arrow(canvas, [(x, before.bottom + gap * 0.12), (x, after.y - gap * 0.12)], color)


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
    _components(canvas, components, inner, hue)


def _components(canvas: Canvas, components: list[str], area: Box, hue: str) -> None:
    unit = canvas.unit
    rows = 1 if len(components) <= max(2, round(area.width / area.height * 0.9)) else 2
    columns = -(-len(components) // rows)
    gap = min(unit * 0.024, area.width * 0.03)
    width = min((area.width - gap * (columns - 1)) / columns, unit * 0.5)
    height = (area.height - gap * (rows - 1)) / rows
    for index, component in enumerate(components):
        row, column = divmod(index, columns)
        here = min(columns, len(components) - row * columns)
        left = area.x + (area.width - here * width - (here - 1) * gap) / 2
        box = Box(left + column * (width + gap), area.y + row * (height + gap), width, height)
        _component(canvas, component, box, hue)


def _component(canvas: Canvas, component: str, box: Box, hue: str) -> None:
    palette, unit = canvas.palette, canvas.unit
    edge = mix(hue, palette.ink, 0.15)
    size = min(box.height * 0.3, unit * 0.034)
    if STORES & {word.rstrip("s") for word in words_of(component)} and box.height > 30:
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
