"""The feed: which rows a list holds, in which order, and where the cursor is. No terminal, no SQL.

Newest first is the usual order, and the only one in which rows arrive at one end: their ids are kept
rising, so that an arrival is an append, and read from the end. Any other order is kept as it came.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence


class Feed:
    """The ids of one list. The cursor follows a row's identity, never its place."""

    def __init__(self) -> None:
        self._ids: array[int] = array("q")
        self._newest_first = True
        self._cursor = 0
        self._stays: int | None = None
        self.selected_id: int | None = None
        """The row under the cursor. A row that is not read yet keeps its claim until the list is complete."""
        self.is_complete = False
        """All matching rows are here; else only the first of them."""
        self.is_following = True
        """The cursor stays on the newest row."""
        self.arrived_unseen = 0
        """Rows that came in above the cursor since following was paused."""

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def highest_id(self) -> int:
        """The newest row's id, 0 if there is none; only where the order is newest first."""
        return self._ids[-1] if self._ids and self._newest_first else 0

    @property
    def cursor(self) -> int:
        """The place of the selected row; 0 where nothing is selected."""
        return self._cursor

    def fill(self, rising: array[int], *, is_complete: bool = True) -> None:
        """Hold these rows, newest first. `rising` is kept, not copied."""
        self._hold(rising, newest_first=True, is_complete=is_complete)

    def fill_in_order(self, ids: array[int], *, is_complete: bool = True) -> None:
        """Hold these rows in this order; there is no newest row to follow."""
        self.is_following = False
        self._hold(ids, newest_first=False, is_complete=is_complete)

    def id_at(self, place: int) -> int | None:
        """Return the id of the row at a place counted from the top, None if there is none."""
        if not 0 <= place < len(self._ids):
            return None
        return self._ids[-1 - place] if self._newest_first else self._ids[place]

    def window(self, start: int, count: int) -> list[int]:
        """Return the ids of the rows from a place on."""
        if not self._newest_first:
            return self._ids[start : start + count].tolist()
        end = len(self._ids) - start
        return self._ids[max(0, end - count) : max(0, end)][::-1].tolist()

    def place_of(self, row_id: int) -> int | None:
        """Return the place of a row, None if it is not in the list."""
        if self._newest_first:
            index = bisect_left(self._ids, row_id)
            found = index < len(self._ids) and self._ids[index] == row_id
            return len(self._ids) - 1 - index if found else None
        try:
            return self._ids.index(row_id)
        except ValueError:
            return None

    def move_to(self, place: int) -> bool:
        """Select the row at a place, clamped to the list; anywhere but the top pauses following.

        True if a row left the list because only the cursor had kept it there.
        """
        if not self._ids:
            return False
        self._select(max(0, min(place, len(self._ids) - 1)))
        self.is_following = self._newest_first and self._cursor == 0
        if self.is_following:
            self.arrived_unseen = 0
        return self._let_go()

    def select_top(self) -> None:
        """Forget what was selected: the next fill begins at the top."""
        self.selected_id = None
        self._stays = None
        self._cursor = 0

    def follow(self) -> bool:
        """Go to the newest row and stay there. True as in `move_to`."""
        self.is_following = self._newest_first
        self.arrived_unseen = 0
        self._select(0)
        return self._let_go()

    def pause(self) -> None:
        """Stay on the selected row whatever arrives."""
        self.is_following = False

    def apply(self, changed: Sequence[int], matching: frozenset[int]) -> int:
        """Take in rows that are new or changed, and let go of those that no longer match.

        While following is paused, the selected row stays until the cursor leaves it. Returns how many rows
        came in above the cursor. Only where the order is newest first; another order must be read again.
        """
        cursor_id = self.selected_id if self.selected_id is not None else self.highest_id
        came = 0
        gone: list[int] = []
        for row_id in changed:
            if row_id in matching:
                came += self._insert(row_id) and row_id > cursor_id
                if row_id == self._stays:
                    self._stays = None
            elif row_id != self.selected_id or self.is_following:
                gone.append(row_id)
            elif self.place_of(row_id) is not None:
                self._stays = row_id
        self._remove(gone)
        if self.is_following:
            self._select(0)
        else:
            self.arrived_unseen += came
            self._find_selected()
        return came

    def _hold(self, ids: array[int], *, newest_first: bool, is_complete: bool) -> None:
        self._ids, self._newest_first, self.is_complete = ids, newest_first, is_complete
        self._stays = None
        if self.is_following or self.selected_id is None:
            self._select(0)
        elif not self._find_selected() and is_complete:
            self._select(0)
            self.is_following = newest_first
        if self.is_following:
            self.arrived_unseen = 0

    def _select(self, place: int) -> None:
        self._cursor = place
        self.selected_id = self.id_at(place)

    def _find_selected(self) -> bool:
        place = None if self.selected_id is None else self.place_of(self.selected_id)
        self._cursor = place or 0
        return place is not None

    def _let_go(self) -> bool:
        """Remove the row that stayed for the cursor's sake, if the cursor has left it."""
        if self._stays is None or self._stays == self.selected_id:
            return False
        self._remove((self._stays,))
        self._stays = None
        self._find_selected()
        return True

    def _insert(self, row_id: int) -> bool:
        if not self._ids or row_id > self._ids[-1]:
            self._ids.append(row_id)
            return True
        index = bisect_left(self._ids, row_id)
        if self._ids[index] == row_id:
            return False
        self._ids.insert(index, row_id)
        return True

    def _remove(self, gone: Iterable[int]) -> None:
        for row_id in gone:
            index = bisect_left(self._ids, row_id)
            if index < len(self._ids) and self._ids[index] == row_id:
                del self._ids[index]
