//! Counts what is allocated, so that a few bytes that make us hold many are found: an inflated bomb, a length taken
//! at its word. libFuzzer's own limits see the process, not the input.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What a target may allocate at most at one time whatever it is given: the largest limit that one message can reach
/// (an inflated payload, in bytes and as text) with room for the vectors that grow towards it.
const FLOOR: usize = 96 << 20;
/// What it may allocate besides for each byte of input: events hold text, names and lists of what they read.
const PER_BYTE: usize = 4_096;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call goes to the system's allocator unchanged; the counters are atomics and allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // SAFETY: the caller keeps to the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps to the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Begins a measurement.
pub(crate) fn begin() -> usize {
    let live = LIVE.load(Relaxed);
    PEAK.store(live, Relaxed);
    live
}

/// Asserts that what was allocated since is in proportion to the limits and the input.
pub(crate) fn check(before: usize, input: usize) {
    let grown = PEAK.load(Relaxed).saturating_sub(before);
    assert!(grown <= FLOOR + PER_BYTE * input, "{grown} bytes allocated for {input} bytes of input");
}
