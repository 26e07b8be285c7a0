from __future__ import annotations

from array import array

import pytest

from smswatch.tui.feed import Feed


def make_feed(*rising: int) -> Feed:
    feed = Feed()
    feed.fill(array("q", rising))
    return feed


def shown(feed: Feed) -> list[int]:
    return feed.window(0, len(feed))


def test_newest_is_on_top_and_selected() -> None:
    feed = make_feed(1, 2, 3)
    assert shown(feed) == [3, 2, 1]
    assert (feed.cursor, feed.selected_id, feed.is_following) == (0, 3, True)


@pytest.mark.parametrize(
    ("start", "count", "ids"),
    [
        pytest.param(0, 2, [5, 4], id="top"),
        pytest.param(2, 2, [3, 2], id="middle"),
        pytest.param(3, 9, [2, 1], id="beyond the end"),
        pytest.param(9, 2, [], id="below the end"),
    ],
)
def test_a_window_is_cut_out_of_the_list(start: int, count: int, ids: list[int]) -> None:
    assert make_feed(1, 2, 3, 4, 5).window(start, count) == ids


def test_while_following_the_cursor_stays_on_the_newest_row() -> None:
    feed = make_feed(1, 2)
    feed.apply([3, 4], frozenset((3, 4)))
    assert (feed.selected_id, feed.cursor, feed.arrived_unseen) == (4, 0, 0)


def test_the_selection_follows_the_row_and_what_came_is_counted() -> None:
    feed = make_feed(1, 2, 3)
    feed.move_to(1)
    assert feed.apply([4, 5], frozenset((4, 5))) == 2
    assert (feed.selected_id, feed.cursor, feed.arrived_unseen) == (2, 3, 2)
    assert not feed.is_following


def test_a_changed_row_is_not_counted_as_new() -> None:
    feed = make_feed(1, 2, 3)
    feed.move_to(1)
    assert feed.apply([3, 1], frozenset((1, 3))) == 0
    assert shown(feed) == [3, 2, 1]


def test_a_row_that_no_longer_matches_leaves() -> None:
    feed = make_feed(1, 2, 3)
    feed.apply([2], frozenset())
    assert shown(feed) == [3, 1]


def test_a_row_that_begins_to_match_takes_its_place() -> None:
    feed = make_feed(1, 4)
    feed.apply([2], frozenset((2,)))
    assert shown(feed) == [4, 2, 1]


def test_the_selected_row_stays_until_the_cursor_leaves_it() -> None:
    feed = make_feed(1, 2, 3)
    feed.move_to(1)
    feed.apply([2], frozenset())
    assert shown(feed) == [3, 2, 1]
    assert feed.move_to(2)
    assert shown(feed) == [3, 1]
    assert (feed.selected_id, feed.cursor) == (1, 1)


def test_while_following_nothing_stays_that_does_not_match() -> None:
    feed = make_feed(1, 2, 3)
    feed.apply([3], frozenset())
    assert shown(feed) == [2, 1]
    assert feed.selected_id == 2


def test_a_row_that_stayed_and_matches_again_does_not_leave() -> None:
    feed = make_feed(1, 2, 3)
    feed.move_to(1)
    feed.apply([2], frozenset())
    feed.apply([2], frozenset((2,)))
    assert not feed.move_to(2)
    assert shown(feed) == [3, 2, 1]


def test_going_to_the_top_follows_again() -> None:
    feed = make_feed(1, 2)
    feed.move_to(1)
    feed.apply([3], frozenset((3,)))
    feed.follow()
    assert (feed.selected_id, feed.is_following, feed.arrived_unseen) == (3, True, 0)


def test_a_selection_not_yet_read_waits_until_the_list_is_complete() -> None:
    feed = make_feed(*range(1, 100))
    feed.move_to(90)
    selected = feed.selected_id
    feed.fill(array("q", range(80, 100)), is_complete=False)
    assert (feed.cursor, feed.selected_id) == (0, selected)
    feed.fill(array("q", range(1, 100)))
    assert (feed.cursor, feed.selected_id) == (90, selected)


def test_a_selection_that_the_filter_takes_away_goes_to_the_top() -> None:
    feed = make_feed(1, 2, 3)
    feed.move_to(1)
    feed.fill(array("q", (1, 3)))
    assert (feed.selected_id, feed.is_following) == (3, True)


def test_another_order_is_kept_as_it_came_and_has_nothing_to_follow() -> None:
    feed = Feed()
    feed.fill_in_order(array("q", (2, 9, 4)))
    assert shown(feed) == [2, 9, 4]
    feed.move_to(2)
    assert (feed.selected_id, feed.place_of(9), feed.is_following) == (4, 1, False)


def test_an_empty_list_has_no_row() -> None:
    feed = make_feed()
    feed.move_to(3)
    assert (feed.id_at(0), feed.selected_id, feed.cursor, len(feed)) == (None, None, 0, 0)
    feed.apply([1], frozenset((1,)))
    assert feed.selected_id == 1
