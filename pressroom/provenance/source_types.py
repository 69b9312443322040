"""What kind of source a file has: IPTC's Digital Source Type, worked out from how it was made.

Terms and definitions: http://cv.iptc.org/newscodes/digitalsourcetype/ (vocabulary of 2024-10-23, CC BY 4.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SCHEME: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"

TRAINED: Final = "trainedAlgorithmicMedia"  # made by a generative model alone
WITH_TRAINED: Final = "compositeWithTrainedAlgorithmicMedia"  # a generative model took part
ALGORITHMIC: Final = "algorithmicMedia"  # made by software, without any training data
COMPOSITE: Final = "composite"  # several elements, which may or may not be generative
ENHANCED: Final = "algorithmicallyEnhanced"  # changed by software; nothing is said of the original

TERMS: Final = frozenset(
    {TRAINED, WITH_TRAINED, ALGORITHMIC, COMPOSITE, ENHANCED}
    | {
        "digitalCapture",
        "computationalCapture",
        "negativeFilm",
        "positiveFilm",
        "print",
        "humanEdits",
        "digitalCreation",
    }
    | {"dataDrivenMedia", "screenCapture", "virtualRecording", "compositeCapture", "compositeSynthetic"}
    | {"minorHumanEdits", "digitalArt", "softwareImage"}  # retired; found in older files
)
GENERATIVE: Final = frozenset({TRAINED, WITH_TRAINED, "compositeSynthetic"})


def uri_of(term: str) -> str:
    return SCHEME + term


def term_of(uri: str) -> str | None:
    """The term of a URI, or of a bare term as some files have it; None for what is not in the vocabulary."""
    term = uri.strip().rstrip("/").rpartition("/")[2]
    return term if term in TERMS else None


def source_type(parents: Sequence[str | None], *, generative: bool, composes: bool) -> str:
    """The term for a file made from `parents` (their terms; None where nothing is known).

    `generative` says that a trained model made pixels, `composes` that the operation added elements of its own.
    """
    if not parents:
        return TRAINED if generative else ALGORITHMIC
    if generative or any(parent in GENERATIVE for parent in parents):
        # A generated picture that is only cropped, scaled or generated further is still a model's work alone.
        alone = all(parent == TRAINED for parent in parents) and not composes
        return TRAINED if alone else WITH_TRAINED
    if all(parent == ALGORITHMIC for parent in parents):
        return ALGORITHMIC
    if composes or len(parents) > 1:
        return COMPOSITE
    return parents[0] or ENHANCED
