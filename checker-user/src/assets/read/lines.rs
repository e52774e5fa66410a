//! Places in a text → lines. Places only go forward, so each byte is looked at once.

pub(super) struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line of a place.
    pub(super) fn of(&mut self, at: usize) -> u32 {
        let between = self.text.get(self.at..at).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count() as u32;
        self.at = at.max(self.at);
        self.line
    }

    /// The line of what comes behind a place and the empty lines there.
    pub(super) fn behind_empty(&mut self, at: usize) -> u32 {
        let rest = self.text.get(at..).unwrap_or_default();
        self.of(at + rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count())
    }
}
