//! Records that came before their key, while a key log grows: kept in order, up to a bound for the connection and one
//! for all.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use capture::Direction;

use crate::limits::Limits;

/// What a kept record costs beside its bytes.
const FIXED_COST: usize = 64;

/// The records of one connection that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Direction and record, header included.
    records: VecDeque<(Direction, Box<[u8]>)>,
    bytes: usize,
    /// What waits in all connections.
    total: Option<Arc<AtomicUsize>>,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Keeps a record. Says whether there was room.
    #[must_use]
    pub(super) fn push(
        &mut self,
        direction: Direction,
        record: &[u8],
        total: Arc<AtomicUsize>,
        limits: &Limits,
    ) -> bool {
        let cost = record.len() + FIXED_COST;
        let total = self.total.get_or_insert(total);
        let room = self.bytes + cost <= limits.tls_waiting
            && total.fetch_add(cost, Ordering::Relaxed) + cost <= limits.tls_waiting_total;
        if room {
            self.bytes += cost;
            self.records.push_back((direction, record.into()));
        } else if self.bytes + cost <= limits.tls_waiting {
            total.fetch_sub(cost, Ordering::Relaxed);
        }
        room
    }

    /// The record that came first.
    pub(super) fn pop(&mut self) -> Option<(Direction, Box<[u8]>)> {
        let (direction, record) = self.records.pop_front()?;
        self.release(record.len() + FIXED_COST);
        Some((direction, record))
    }

    /// Puts back a record that must wait on.
    pub(super) fn unpop(&mut self, direction: Direction, record: Box<[u8]>) {
        let cost = record.len() + FIXED_COST;
        self.bytes += cost;
        if let Some(total) = &self.total {
            total.fetch_add(cost, Ordering::Relaxed);
        }
        self.records.push_front((direction, record));
    }

    fn release(&mut self, cost: usize) {
        self.bytes -= cost;
        if let Some(total) = &self.total {
            total.fetch_sub(cost, Ordering::Relaxed);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.release(self.bytes);
    }
}
