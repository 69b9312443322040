"""A prompt's words choose the family and the template, the seed chooses among equals."""

from __future__ import annotations

import pytest

from pressroom.art.choose import choose, family_for
from pressroom.art.gallery import FAMILIES, members


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("wireframe of a login page", "wireframe"),
        ("dashboard mockup with a chart and a table", "wireframe"),
        ("landing page wireframe for a bakery", "wireframe"),
        ("mobile app screen with a map", "wireframe"),
        ("cart -> pay -> ship", "flow"),
        ("checkout flow with payment and delivery", "flow"),
        ("onboarding process in five steps", "flow"),
        ("customer journey from ad to purchase", "flow"),
        ("API flow: request → check token → answer", "flow"),
        ("hiring pipeline: apply, interview, offer letter, start", "flow"),
        ("database schema for a library", "database"),
        ("ERD of customers and orders", "database"),
        ("sql tables for a blog with comments and tags", "database"),
        ("relational schema: users, posts, comments", "database"),
        ("microservices architecture with a gateway", "architecture"),
        ("cloud infrastructure of a web shop", "architecture"),
        ("system architecture: web app, API, worker, redis", "architecture"),
        ("backend services and their deployment", "architecture"),
        ("summer sale 50% off", "sale"),
        ("50% off everything", "sale"),
        ("Black Friday deals", "sale"),
        ("up to 70% off winter coats", "sale"),
        ("clearance, everything must go", "sale"),
        ("discount coupon for new customers", "sale_coupon"),
        ("gift voucher over $50", "sale_coupon"),
        ("buy one get one free this week", "sale"),
        ("price tag: only $19", "sale_tag"),
        ("flash sale burst", "sale_burst"),
        ("quote by Maya Angelou about courage", "quote"),
        ("inspirational quote card", "quote"),
        ('"The details are not the details. They make the design."', "quote"),
        ("customer testimonial: it just works", "quote_card"),
        ("a saying about patience", "quote"),
        ("product review card, five stars", "quote_card"),
        ("concert on 14 June", "event_beams"),
        ("jazz festival, Saturday 8 pm", "event_beams"),
        ("birthday party invitation", "event_confetti"),
        ("wedding invitation, 3 September", "event_confetti"),
        ("design conference 12 May", "event_date"),
        ("free workshop on Tuesday at 18:30", "event_date"),
        ("webinar: how to price your work", "event_date"),
        ("christmas market, first weekend of December", "event"),
        ("studio podium for a perfume", "product_stage"),
        ("product stage in pastel tones", "product_stage"),
        ("empty plinth with an arch", "stage_plinth"),
        ("podium with three columns for a collection", "stage_columns"),
        ("niche in a wall for a luxury bottle", "stage_niche"),
        ("packshot backdrop with window light", "stage_window"),
        ("mountain landscape at sunset", "landscape_peaks"),
        ("misty hills in the morning", "landscape_hills"),
        ("sailing boat on the open sea", "landscape_sea"),
        ("desert dunes", "landscape_dunes"),
        ("a lake in the valley", "landscape"),
        ("seamless pattern with leaves", "pattern_botanical"),
        ("terrazzo texture", "pattern_terrazzo"),
        ("halftone dots", "pattern_halftone"),
        ("japanese wave pattern", "pattern_scales"),
        ("woven fabric texture", "pattern_weave"),
        ("playful memphis pattern", "pattern_memphis"),
        ("wrapping paper pattern", "pattern"),
        ("abstract bauhaus shapes", "geometric_bauhaus"),
        ("geometric tiles", "geometric_tiles"),
        ("low poly triangles", "geometric_facets"),
        ("isometric cubes", "geometric_cubes"),
        ("abstract waves", "abstract_waves"),
        ("layered paper cut, abstract", "abstract_paper"),
        ("topographic contour lines", "abstract_contours"),
        ("organic blobs", "abstract_cutouts"),
        ("soft gradient background", "gradient"),
        ("aurora over a dark sky", "gradient_aurora"),
        ("glass orbs on a smooth gradient", "gradient_orbs"),
        ("silk folds", "gradient_folds"),
        ("blurred mesh background", "gradient_mesh"),
        ("poster for a jazz radio", "poster_rings"),
        ("minimalist swiss poster", "poster_swiss"),
        ("summer holiday poster with the sun", "poster_horizon"),
        ("we are hiring", "poster_type"),
        ("announcement: we moved to a new garden", "poster_cutouts"),
        ("a dog in a hat", "abstract"),
        ('Flyer that says "Open all night long" in neon', "poster"),
    ],
)
def test_words_choose_what_is_drawn(prompt: str, wanted: str) -> None:
    chosen = choose("auto", prompt, 0.8, seed=0)

    assert wanted in (chosen.family, chosen.name), (chosen.family, chosen.name)


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_seeds_walk_through_all_templates_of_a_family(family: str) -> None:
    templates = members(family)

    chosen = {choose(family, "something", 1.0, seed).name for seed in range(len(templates))}

    assert chosen == {template.name for template in templates}


def test_a_template_by_name_is_that_template_whatever_the_words_say() -> None:
    assert choose("quote_card", "database schema", 1.0, 3).name == "quote_card"


def test_words_of_nothing_in_the_list_make_a_poster() -> None:
    assert family_for("zxcvb") == "poster"
