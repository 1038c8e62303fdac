//! A list under a cursor. The cursor holds on to an identity, not to a row.

use crate::index::Identity;
use crate::order::Order;

/// A row: where it is in the report, and who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Position in the report's list.
    pub(crate) at: usize,
    /// Who it is.
    pub(crate) identity: Identity,
}

/// The rows that pass the filter, in order, and the cursor.
#[derive(Clone, Debug)]
pub(crate) struct List {
    rows: Vec<Row>,
    cursor: usize,
    /// Until a key has moved it, the cursor rests at the top, where the worst is.
    held: bool,
    orders: &'static [Order],
    order: usize,
    reversed: bool,
}

impl List {
    /// An empty list with these orders.
    pub(crate) const fn new(orders: &'static [Order]) -> Self {
        Self { rows: Vec::new(), cursor: 0, held: false, orders, order: 0, reversed: false }
    }

    /// The rows.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Position of the cursor among the rows.
    pub(crate) const fn cursor(&self) -> usize {
        self.cursor
    }

    /// The row under the cursor.
    pub(crate) fn selected(&self) -> Option<&Row> {
        self.rows.get(self.cursor)
    }

    /// What it is sorted by.
    pub(crate) fn order(&self) -> Order {
        self.orders.get(self.order).copied().unwrap_or(Order::Worst)
    }

    /// Whether the order is upside down.
    pub(crate) const fn reversed(&self) -> bool {
        self.reversed
    }

    /// Sorts by the next order.
    pub(crate) fn next_order(&mut self) {
        self.order = (self.order + 1) % self.orders.len().max(1);
        self.reversed = false;
    }

    /// Turns the order upside down.
    pub(crate) const fn reverse(&mut self) {
        self.reversed = !self.reversed;
    }

    /// Takes new rows. The cursor stays on who it was on; where that one is gone, on the row of the same number.
    pub(crate) fn replace(&mut self, rows: Vec<Row>) {
        let identity = self.selected().filter(|_| self.held).map(|row| row.identity.clone());
        self.rows = rows;
        let found = identity.and_then(|identity| self.position(&identity));
        let fallback = if self.held { self.cursor } else { 0 };
        self.cursor = found.unwrap_or(fallback).min(self.rows.len().saturating_sub(1));
    }

    /// Moves the cursor by rows, stopping at the ends.
    pub(crate) fn step(&mut self, by: isize) {
        self.go(self.cursor.saturating_add_signed(by));
    }

    /// Moves the cursor to a row, or to the last.
    pub(crate) fn go(&mut self, to: usize) {
        self.held = !self.rows.is_empty();
        self.cursor = to.min(self.rows.len().saturating_sub(1));
    }

    /// Moves the cursor to who it is, if there.
    pub(crate) fn find(&mut self, identity: &str) {
        if let Some(at) = self.position(identity) {
            self.go(at);
        }
    }

    /// The next row (or the previous) after the cursor that `wanted` accepts.
    pub(crate) fn seek(&self, forward: bool, wanted: impl Fn(&Row) -> bool) -> Option<usize> {
        if forward {
            (self.cursor + 1..self.rows.len()).find(|&at| self.rows.get(at).is_some_and(&wanted))
        } else {
            (0..self.cursor).rev().find(|&at| self.rows.get(at).is_some_and(&wanted))
        }
    }

    fn position(&self, identity: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.identity == identity)
    }
}
