//! An input in blocks that end where a line ends, so that each can be judged alone.
//!
//! Memory stays bounded whatever the input: a line longer than a block is cut, and the pieces overlap by as much as
//! `find` looks at, so that no address is lost or seen twice where they meet.

use std::io::{self, Read};

use memchr::{memchr_iter, memrchr};

use super::find::CONTEXT;

/// Bytes that are read at once, and the longest line that stays in one piece.
pub const BLOCK: usize = 1 << 18;

/// Part of an input.
#[derive(Debug, Default)]
pub struct Block {
    /// The part with what is before and behind it, for context.
    pub bytes: Vec<u8>,
    /// Where the part begins. Before it stands the end of the line's former piece.
    pub from: usize,
    /// Where the part ends. An address that begins before it may end behind it.
    pub to: usize,
    /// Number of the first line in the file, from 1.
    pub line: u64,
    /// Lines that end here.
    pub lines: u64,
    /// Whether the first line began in an earlier block.
    pub continues: bool,
    /// Counts the blocks of the input from 0.
    pub number: u64,
}

/// Cuts what it reads.
#[derive(Debug)]
pub struct Blocks<R> {
    input: R,
    /// Hand over what is there instead of waiting for a whole block: somebody is typing, or a pipe is slow.
    prompt: bool,
    size: usize,
    /// What was read behind the last block's end, with context before it.
    left: Vec<u8>,
    /// The context's length in `left`.
    from: usize,
    continues: bool,
    line: u64,
    number: u64,
    ended: bool,
    /// Why it ended, if it should not have.
    failed: Option<io::Error>,
}

impl<R: Read> Blocks<R> {
    /// Blocks of about [`BLOCK`] bytes.
    pub fn new(input: R, prompt: bool) -> Self {
        Self::sized(input, prompt, BLOCK)
    }

    /// Blocks of another size: at least four times [`CONTEXT`].
    fn sized(input: R, prompt: bool, size: usize) -> Self {
        Self {
            input,
            prompt,
            size,
            left: Vec::new(),
            from: 0,
            continues: false,
            line: 1,
            number: 0,
            ended: false,
            failed: None,
        }
    }

    /// Whether there is nothing more to come.
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// The next block in place of `block`, whose memory it takes; `false` when there is none.
    ///
    /// # Errors
    ///
    /// When the input cannot be read; what was read before is handed over first.
    pub fn next(&mut self, block: &mut Block) -> io::Result<bool> {
        let bytes = &mut block.bytes;
        bytes.clear();
        bytes.append(&mut self.left);
        let (from, continues) = (self.from, self.continues);
        let mut to = None;
        while to.is_none() && !self.ended {
            let had = bytes.len();
            self.fill(bytes);
            to = memrchr(b'\n', &bytes[had..]).map(|at| had + at + 1);
            if to.is_none() && bytes.len() - from >= self.size && !self.ended {
                break;
            }
        }
        let cut = to.is_none() && !self.ended;
        // The last line may lack its end.
        let to = if self.ended { bytes.len() } else { to.unwrap_or_else(|| bytes.len() - CONTEXT) };
        self.from = if cut { CONTEXT } else { 0 };
        self.continues = cut;
        self.left.extend_from_slice(&bytes[to - self.from..]);
        block.from = from;
        block.to = to;
        block.continues = continues;
        block.line = self.line;
        block.lines = memchr_iter(b'\n', &bytes[from..to]).count() as u64;
        block.number = self.number;
        self.line += block.lines;
        self.number += 1;
        if to > from { Ok(true) } else { self.failed.take().map_or(Ok(false), Err) }
    }

    /// Reads about a block more.
    fn fill(&mut self, bytes: &mut Vec<u8>) {
        let read = if self.prompt { self.once(bytes) } else { self.whole(bytes) };
        match read {
            Ok(more) => self.ended = !more,
            Err(error) => {
                self.ended = true;
                self.failed = Some(error);
            }
        }
    }

    /// A whole block, unless the input ends before; whether there may be more. Into memory that nobody cleared first.
    fn whole(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        bytes.reserve(self.size);
        let read = (&mut self.input).take(self.size as u64).read_to_end(bytes)?;
        Ok(read == self.size)
    }

    /// What there is at once; whether there may be more.
    fn once(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let end = bytes.len();
        bytes.resize(end + self.size, 0);
        let read = loop {
            match self.input.read(&mut bytes[end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        bytes.truncate(end + *read.as_ref().unwrap_or(&0));
        read.map(|read| read > 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::offline::text::find::{Found, find};

    /// Gives what it has in portions of these sizes, over and over.
    struct Portions<'a> {
        bytes: &'a [u8],
        sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
    }

    impl Read for Portions<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.sizes.next().unwrap_or(1).min(buffer.len());
            self.bytes.read(&mut buffer[..size])
        }
    }

    fn found(bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        find(bytes, |Found { start, end, .. }| all.push((start, end)));
        all
    }

    proptest! {
        /// However the input comes and is cut: all bytes, all lines, all addresses, each once and in order.
        #[test]
        fn blocks_are_the_input(
            parts in prop::collection::vec("[0-9a-f.:]{0,300}|(10\\.1\\.2\\.3 |2001:db8::1,|\n){0,99}", 0..9),
            sizes in prop::collection::vec(1_usize..900, 1..5),
            prompt in any::<bool>(),
        ) {
            let text = parts.concat().into_bytes();
            let reader = Portions { bytes: &text, sizes: sizes.into_iter().cycle() };
            let mut blocks = Blocks::sized(reader, prompt, 4 * CONTEXT);
            let mut block = Block::default();
            let (mut all, mut addresses, mut number) = (Vec::new(), Vec::new(), 0);
            while blocks.next(&mut block).unwrap() {
                prop_assert_eq!(block.number, number);
                prop_assert_eq!(block.line, 1 + all.iter().filter(|byte| **byte == b'\n').count() as u64);
                prop_assert_eq!(block.continues, all.last().is_some_and(|byte| *byte != b'\n'));
                let own = found(&block.bytes).into_iter().filter(|(start, _)| (block.from..block.to).contains(start));
                addresses.extend(own.map(|(start, end)| (start + all.len() - block.from, end + all.len() - block.from)));
                all.extend_from_slice(&block.bytes[block.from..block.to]);
                prop_assert!(block.bytes.len() <= 12 * CONTEXT, "memory stays bounded");
                number += 1;
            }
            prop_assert_eq!(&all, &text);
            prop_assert_eq!(addresses, found(&text));
        }
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }

    #[test]
    fn what_was_read_before_an_error_is_handed_over_first() {
        let mut blocks = Blocks::new(b"one\ntwo".chain(Broken), false);
        let mut block = Block::default();
        assert!(blocks.next(&mut block).unwrap());
        assert_eq!(&block.bytes[block.from..block.to], b"one\ntwo");
        assert_eq!(blocks.next(&mut block).unwrap_err().to_string(), "broken");
    }
}
