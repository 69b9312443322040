"""Lists of orders come in pages, and the last page alone says that it is the last."""

from __future__ import annotations

from pressroom.simulator.books import PAGE, Sold, page_of


def test_every_order_is_on_one_page_of_the_list_newest_first() -> None:
    sold = [Sold("replicate", str(number), "m", {}, float(number), float(number)) for number in range(2 * PAGE + 1)]
    found: list[str] = []
    cursor, pages = "", 0

    while pages == 0 or cursor:
        page, cursor = page_of(sold, cursor)
        found += [each.id for each in page]
        pages += 1

    assert (pages, found) == (3, [each.id for each in reversed(sold)])
    assert page_of(sold[:PAGE]) == (list(reversed(sold[:PAGE])), "")
    assert page_of([]) == ([], "")
