//! The allocator: libc's, which can wipe what is freed.
//!
//! While the snapshot is made, megabytes are allocated and freed again (decoded modules, for one). Left as they are,
//! they would lie in the artefact as noise that no compression makes smaller; zeros cost nothing.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    ptr,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

#[global_allocator]
static ALLOCATOR: Wiping = Wiping { wipe: AtomicBool::new(false), refused: AtomicBool::new(false) };

struct Wiping {
    wipe: AtomicBool,
    refused: AtomicBool,
}

/// Whether there was once less memory than was asked for.
pub fn was_refused() -> bool {
    ALLOCATOR.refused.load(Relaxed)
}

impl Wiping {
    fn noted(&self, address: *mut u8) -> *mut u8 {
        if address.is_null() {
            self.refused.store(true, Relaxed);
        }
        address
    }
}

/// Whether memory is overwritten with zeros when it is freed, from now on.
pub fn wipe_freed(wipe: bool) {
    ALLOCATOR.wipe.store(wipe, Relaxed);
}

// SAFETY: every call goes to `System` with the layout it came with; memory is written only before it is given back.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.noted(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.noted(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
        unsafe {
            if self.wipe.load(Relaxed) {
                ptr::write_bytes(address, 0, layout.size());
            }
            System.dealloc(address, layout)
        }
    }

    unsafe fn realloc(&self, address: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe {
            if !self.wipe.load(Relaxed) {
                return self.noted(System.realloc(address, layout, size));
            }
            let moved = System.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(address, moved, layout.size().min(size));
                self.dealloc(address, layout);
            }
            moved
        }
    }
}
