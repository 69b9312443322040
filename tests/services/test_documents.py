"""Stored campaigns belong to one account, and each version stays as it was written."""

from __future__ import annotations

import pytest

from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.services.documents import list_documents, show_document, store_document
from tests.support.studio import Studio

ME, OTHER = Principal("default"), Principal("other")
TEXT = "name: c\nsteps: {a: {uses: tint, with: {image: 'asset:abcd'}}}\n# ü\n"


def test_a_document_is_kept_as_it_was_written(studio: Studio) -> None:
    stored = store_document(ME, studio.context, "spring", TEXT)

    assert show_document(ME, studio.context, stored.id) == show_document(ME, studio.context, "spring") == stored
    assert stored.text == TEXT


def test_every_version_stays_and_the_newest_is_shown(studio: Studio) -> None:
    first = store_document(ME, studio.context, "spring", TEXT)
    same = store_document(ME, studio.context, "spring", TEXT)
    second = store_document(ME, studio.context, "spring", TEXT + "# new\n")
    store_document(ME, studio.context, "autumn", TEXT)

    assert first == same
    assert show_document(ME, studio.context, "spring") == second
    assert list_documents(ME, studio.context, "spring") == [second, first]
    assert len(list_documents(ME, studio.context)) == 3
    assert len(list_documents(ME, studio.context, limit=1)) == 1


def test_no_account_sees_the_documents_of_another(studio: Studio) -> None:
    mine = store_document(ME, studio.context, "spring", TEXT)
    theirs = store_document(OTHER, studio.context, "spring", TEXT + "# theirs\n")

    assert list_documents(OTHER, studio.context) == [theirs]
    assert show_document(OTHER, studio.context, "spring") == theirs
    with pytest.raises(Invalid) as caught:
        show_document(OTHER, studio.context, mine.id)
    with pytest.raises(Invalid) as nothing:
        show_document(OTHER, studio.context, "d" + "0" * 20)
    assert str(caught.value).replace(mine.id, "") == str(nothing.value).replace("d" + "0" * 20, "")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("", TEXT, "needs a name"),
        ("x" * 64, TEXT, "needs a name"),
        ("a\0", TEXT, "NUL"),
        ("a", "\0", "NUL"),
        ("a", "é" * 600_000, "limit"),
    ],
)
def test_what_cannot_be_kept_is_refused(studio: Studio, name: str, text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        store_document(ME, studio.context, name, text)
