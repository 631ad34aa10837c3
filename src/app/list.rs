//! A list as a pane sees it: an order of stable identities, a cursor that holds on to one of them, and the part that
//! is on the screen. Row numbers exist only in here and while drawing.

/// An order of `T`, a cursor and a scroll offset.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T> {
    order: Vec<T>,
    cursor: Option<T>,
    // Where the cursor was last seen in the order; checked before it is believed.
    at: usize,
    offset: usize,
    moved: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            cursor: None,
            at: 0,
            offset: 0,
            moved: false,
        }
    }
}

impl<T: Copy + PartialEq> List<T> {
    /// All rows, in order.
    pub fn order(&self) -> &[T] {
        &self.order
    }

    /// The rows, to be put into another order; the one under the cursor is to stay where it is.
    pub fn order_mut(&mut self) -> &mut [T] {
        &mut self.order
    }

    /// Finds the cursor's row again, where that was put somewhere else.
    pub fn hold(&mut self, height: usize) {
        let Some(cursor) = self.cursor else { return };
        if let Some(at) = self.position_of(cursor).filter(|at| *at != self.at) {
            self.at = at;
            self.follow(height);
        }
    }

    /// The row under the cursor.
    pub fn cursor(&self) -> Option<T> {
        self.cursor
    }

    /// Whether somebody has put the cursor where it is.
    pub fn is_moved(&self) -> bool {
        self.moved
    }

    /// The cursor's row number; 0 for an empty list.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The first row on the screen.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The rows on a screen of `height` rows.
    pub fn window(&self, height: usize) -> &[T] {
        let start = self.offset.min(self.order.len());
        &self.order[start..(start + height).min(self.order.len())]
    }

    /// Takes a new order. The cursor stays on its row wherever that went, and at its distance from the top of the
    /// screen; if its row is gone it goes to the row that took its place. Until it was first moved it follows the first row.
    pub fn set_order(&mut self, order: Vec<T>, height: usize) {
        let held = self.held();
        let find = |held: T| order.iter().position(|row| *row == held);
        let found = match held {
            Some(held) if order.get(self.at) == Some(&held) => Some(self.at),
            Some(held) => find(held),
            None => None,
        };
        self.set_order_at(order, found, height);
    }

    /// The row that the cursor holds on to: none until it was first moved.
    pub fn held(&self) -> Option<T> {
        self.cursor.filter(|_| self.moved)
    }

    /// The same where it is known at which place of the order that row is.
    pub fn set_order_at(&mut self, order: Vec<T>, found: Option<usize>, height: usize) {
        let distance = self.at.saturating_sub(self.offset);
        self.order = order;
        let found = if self.moved { found } else { Some(0) };
        self.at = found
            .unwrap_or(self.at)
            .min(self.order.len().saturating_sub(1));
        self.cursor = self.order.get(self.at).copied();
        self.offset = self.at.saturating_sub(distance);
        self.follow(height);
    }

    /// Puts the cursor on a row, if it is in the list.
    pub fn set_cursor(&mut self, row: T, height: usize) -> bool {
        let Some(at) = self.position_of(row) else {
            return false;
        };
        self.go(at, height);
        true
    }

    /// Puts the cursor back on a row that it was taken from, if that is in the list: as if it had never left it.
    pub fn put_back(&mut self, row: T, height: usize) {
        if self.moved {
            self.set_cursor(row, height);
        }
    }

    /// Moves the cursor by so many rows, clamped.
    pub fn step(&mut self, by: isize, height: usize) {
        let last = self.order.len().saturating_sub(1);
        self.go(self.at.saturating_add_signed(by).min(last), height);
    }

    /// Moves a page: the screen scrolls by `by` rows and the cursor with it.
    pub fn page(&mut self, by: isize, height: usize) {
        let last_offset = self.order.len().saturating_sub(height);
        let before = self.offset;
        self.offset = self.offset.saturating_add_signed(by).min(last_offset);
        if self.offset == before {
            let edge = if by < 0 {
                0
            } else {
                self.order.len().saturating_sub(1)
            };
            self.go(edge, height);
        } else {
            self.step(by, height);
        }
    }

    /// Goes to the first row.
    pub fn top(&mut self, height: usize) {
        self.go(0, height);
    }

    /// Goes to the last row.
    pub fn bottom(&mut self, height: usize) {
        self.go(self.order.len().saturating_sub(1), height);
    }

    /// Keeps the cursor on a screen of `height` rows.
    pub fn follow(&mut self, height: usize) {
        let height = height.max(1);
        if self.at < self.offset {
            self.offset = self.at;
        } else if self.at >= self.offset + height {
            self.offset = self.at + 1 - height;
        }
        self.offset = self.offset.min(self.order.len().saturating_sub(height));
    }

    /// The rows between two rows of the list, both included; empty if either is not in it.
    pub fn between(&self, one: T, other: T) -> &[T] {
        match (self.position_of(one), self.position_of(other)) {
            (Some(a), Some(b)) => &self.order[a.min(b)..=a.max(b)],
            _ => &[],
        }
    }

    fn position_of(&self, row: T) -> Option<usize> {
        if self.order.get(self.at) == Some(&row) {
            return Some(self.at);
        }
        self.order.iter().position(|other| *other == row)
    }

    fn go(&mut self, at: usize, height: usize) {
        self.moved = true;
        self.at = at;
        self.cursor = self.order.get(at).copied();
        self.follow(height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(order: &[u32]) -> List<u32> {
        let mut list = List::default();
        list.set_order(order.to_vec(), 3);
        list
    }

    #[test]
    fn a_row_above_the_cursor_does_not_move_it_to_another_row() {
        let mut list = list(&[1, 2, 3, 4]);
        list.step(2, 3);
        assert_eq!(list.cursor(), Some(3));
        list.set_order(vec![9, 1, 2, 3, 4], 3);
        assert_eq!(list.cursor(), Some(3));
        assert_eq!(list.position(), 3);
        assert!(list.window(3).contains(&3));
    }

    #[test]
    fn a_row_that_goes_hands_the_cursor_to_the_one_that_takes_its_place() {
        let mut list = list(&[1, 2, 3]);
        list.step(1, 3);
        list.set_order(vec![1, 3], 3);
        assert_eq!(list.cursor(), Some(3));
        list.set_order(vec![1], 3);
        assert_eq!(list.cursor(), Some(1));
        list.set_order(vec![], 3);
        assert_eq!(list.cursor(), None);
        list.step(1, 3);
        list.page(-1, 3);
        assert_eq!(list.cursor(), None);
    }

    #[test]
    fn an_unmoved_cursor_follows_the_first_row() {
        let mut list = list(&[5, 6]);
        list.set_order(vec![4, 5, 6], 3);
        assert_eq!(list.cursor(), Some(4));
    }

    #[test]
    fn pages_stop_at_both_ends_with_the_cursor_on_the_screen() {
        let mut list = list(&(0..10).collect::<Vec<_>>());
        for _ in 0..9 {
            list.page(3, 3);
            assert!(list.window(3).contains(&list.cursor().unwrap()));
        }
        assert_eq!(list.cursor(), Some(9));
        for _ in 0..9 {
            list.page(-3, 3);
        }
        assert_eq!(list.cursor(), Some(0));
    }
}
