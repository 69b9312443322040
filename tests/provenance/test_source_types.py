"""The source type is truthful: generative only where a generative model took part."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pressroom.operations import OPERATIONS
from pressroom.provenance.actions import ACTIONS, OTHER, action_of
from pressroom.provenance.source_types import ALGORITHMIC, GENERATIVE, TERMS, TRAINED, source_type, term_of, uri_of

PARENTS = st.lists(st.none() | st.sampled_from(sorted(TERMS)), max_size=4)


class TestSourceType:
    @given(PARENTS, st.booleans(), st.booleans())
    def test_generative_is_said_exactly_where_a_model_took_part(
        self, parents: list[str | None], generative: bool, composes: bool
    ) -> None:
        said = source_type(parents, generative=generative, composes=composes)

        assert (said in GENERATIVE) == (generative or any(parent in GENERATIVE for parent in parents))

    @given(PARENTS.filter(bool), st.booleans(), st.booleans())
    def test_a_model_alone_is_said_only_of_what_came_from_models_alone(
        self, parents: list[str | None], generative: bool, composes: bool
    ) -> None:
        if source_type(parents, generative=generative, composes=composes) == TRAINED:
            assert set(parents) == {TRAINED}
            assert not composes

    def test_vector_art_is_made_by_an_algorithm_without_training_data(self) -> None:
        assert source_type([], generative=False, composes=True) == "algorithmicMedia"

    def test_what_a_model_made_is_its_alone_until_something_is_added(self) -> None:
        assert source_type([], generative=True, composes=True) == TRAINED
        assert source_type([TRAINED], generative=False, composes=False) == TRAINED
        assert source_type([TRAINED], generative=False, composes=True) == "compositeWithTrainedAlgorithmicMedia"

    def test_a_photo_stays_what_it_says_it_is_and_is_never_guessed(self) -> None:
        assert source_type(["digitalCapture"], generative=False, composes=False) == "digitalCapture"
        assert source_type([None], generative=False, composes=False) == "algorithmicallyEnhanced"
        assert source_type([None], generative=False, composes=True) == "composite"
        assert source_type(["digitalCapture", ALGORITHMIC], generative=False, composes=False) == "composite"

    def test_terms_are_read_from_addresses_and_bare(self) -> None:
        assert term_of(uri_of("composite")) == term_of("composite") == "composite"
        assert term_of("https://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture") == "digitalCapture"
        assert term_of("http://cv.iptc.org/newscodes/digitalsourcetype/handPainted") is None


class TestActions:
    def test_every_operation_has_its_action(self) -> None:
        assert set(OPERATIONS) <= set(ACTIONS)

    def test_what_is_not_known_claims_nothing_less_than_it_may_have_done(self) -> None:
        assert action_of("paint_over") == OTHER
        assert OTHER.composes
