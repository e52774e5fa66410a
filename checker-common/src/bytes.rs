//! The one way in which the parser reads a packet.

/// Bytes that can be read with a bounds check, and in no other way.
pub trait Bytes {
    /// The `N` bytes at `offset`, or `None` when the frame ends before them.
    fn get<const N: usize>(&self, offset: usize) -> Option<[u8; N]>;
}

impl Bytes for [u8] {
    fn get<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        self.get(offset..)?.first_chunk().copied()
    }
}
