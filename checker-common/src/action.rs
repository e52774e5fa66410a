//! What a list asks for when a packet's address lies in one of its ranges.

/// Action of a class, as the class table holds it; 0 stands for "no such class".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum Action {
    /// Report and pass: the default.
    Alert = 1,
    /// Report and drop.
    Drop = 2,
    /// An exception: pass, report nothing.
    Allow = 3,
}

impl Action {
    /// Reads the class table's value; `None` for 0 and for what a later version may add.
    #[must_use]
    #[inline(always)]
    pub const fn from_value(value: u32) -> Option<Self> {
        match value {
            1 => Some(Self::Alert),
            2 => Some(Self::Drop),
            3 => Some(Self::Allow),
            _ => None,
        }
    }

    /// The class table's value.
    #[must_use]
    #[inline(always)]
    pub const fn value(self) -> u32 {
        self as u32
    }
}
