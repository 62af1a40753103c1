//! Proves that the paths that must keep time never touch the allocator.
#![expect(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]
#![allow(clippy::let_underscore_must_use, reason = "TLS may be gone at exit")]
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

mod callbacks;
mod codings;
mod engine;

struct Counting;
thread_local!(static HITS: Cell<Option<u64>> = const { Cell::new(None) });

fn hit() {
    let _ = HITS.try_with(|hits| hits.set(hits.get().map(|n| n + 1)));
}

// SAFETY: every call is forwarded unchanged to `System`. The provided `realloc` and
// `alloc_zeroed` come through these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        hit();
        // SAFETY: same contract as ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        hit();
        // SAFETY: same contract as ours.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` allocates or frees on this thread.
pub(crate) fn allocations(work: impl FnOnce()) -> u64 {
    HITS.set(Some(0));
    work();
    HITS.take().unwrap_or(0)
}

#[test]
fn the_counter_counts() {
    let quiet = || {
        std::hint::black_box(1 + 1);
    };
    assert_eq!(allocations(quiet), 0);
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0u8; 9]))), 2);
}
