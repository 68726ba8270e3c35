//! What the allocator does with memory that is free again.

use std::hint::black_box;

/// Has glibc keep freed memory for the next piece of a body.
///
/// It gives what is free at the end of an arena back to the system beyond a threshold of 128 KiB, which
/// grows to twice the largest block that it ever mapped by itself and saw freed (mallopt(3),
/// `M_MMAP_THRESHOLD`). Bodies come in pieces of up to 400 KiB, four of them on their way: without this,
/// each one cost some 44 page faults, and together a sixth of the time of a download by `cargo xtask bench
/// stores`, which does the same as this. The block is not touched, so it takes no memory. Other allocators
/// do not mind.
pub(crate) fn keep_freed() {
    drop(black_box(Vec::<u8>::with_capacity(LARGEST)));
}

/// In bytes. Parts of uploads are larger and raise the threshold by themselves.
const LARGEST: usize = 4 << 20;
