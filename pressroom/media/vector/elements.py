"""The names of SVG: what is drawn, what may be left out without a word, and what no drawing needs."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SVG: Final = "http://www.w3.org/2000/svg"
XLINK: Final = "http://www.w3.org/1999/xlink"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XHTML: Final = "http://www.w3.org/1999/xhtml"
# What the renderer draws, or reads for what it draws.
DRAWN: Final = _words(
    "svg g a defs symbol use switch style path rect circle ellipse line polyline polygon text tspan tref textPath image "
    "linearGradient radialGradient stop pattern clipPath mask marker filter feBlend feColorMatrix feComponentTransfer "
    "feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB "
    "feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting "
    "feSpotLight feTile feTurbulence"
)
# What is drawn only where something refers to it: for whom it is makes no difference.
NEVER_BY_ITSELF: Final = _words("clipPath mask linearGradient radialGradient stop pattern marker filter symbol style")
# What shows nothing by itself.
SILENT: Final = _words(
    "title desc metadata view cursor color-profile font font-face font-face-src font-face-name font-face-uri glyph "
    "missing-glyph hkern vkern altGlyphDef animation"
)
MOVING: Final = frozenset({"animate", "set", "animatetransform", "animatemotion", "animatecolor", "discard", "mpath"})
FORBIDDEN: Final = _words("script iframe object embed audio video canvas handler listener import include")
TEXT: Final = frozenset({"text", "tspan", "tref", "textPath"})
