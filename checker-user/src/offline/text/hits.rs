//! Which lines of a block have restricted addresses.

use std::net::IpAddr;

use memchr::{memchr, memchr_iter, memrchr};

use super::{
    blocks::Block,
    find::{Found, find},
};
use crate::{
    offline::{judge::Judge, summary::Tally},
    ranges::merge::Range,
};

/// A restricted address in a line.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// Its first byte in the line.
    pub start: usize,
    /// The byte behind its last one.
    pub end: usize,
    /// The address as it is written.
    pub addr: IpAddr,
    /// The range that it lies in.
    pub range: &'a Range,
}

/// A line, or the piece of a very long one that a block has.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its bytes without the line feed.
    pub text: &'a [u8],
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its restricted addresses in order.
    pub hits: &'a [Hit<'a>],
}

/// Which lines are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those with a restricted address.
    Matching,
    /// All others.
    Others,
}

/// Hands over the wanted lines of a block, and counts all that is in it.
pub fn lines<'a>(
    block: &'a Block,
    judge: &'a Judge,
    wanted: Wanted,
    tally: &mut Tally,
    each: impl FnMut(Line<'_>),
) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the processor was just asked.
        unsafe { lines_avx2(block, judge, wanted, tally, each) }
        return;
    }
    lines_anywhere(block, judge, wanted, tally, each);
}

/// The same, compiled for the processors of the last ten years.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn lines_avx2<'a>(
    block: &'a Block,
    judge: &'a Judge,
    wanted: Wanted,
    tally: &mut Tally,
    each: impl FnMut(Line<'_>),
) {
    lines_anywhere(block, judge, wanted, tally, each);
}

#[inline(always)]
fn lines_anywhere<'a>(
    block: &'a Block,
    judge: &'a Judge,
    wanted: Wanted,
    tally: &mut Tally,
    each: impl FnMut(Line<'_>),
) {
    let mut walk =
        Walk { block, wanted, each, number: block.line, at: block.from, line: None, hits: Vec::new() };
    find(&block.bytes, |Found { start, end, addr }| {
        if start < block.from || start >= block.to {
            return;
        }
        tally.addresses += 1;
        if let Some(range) = judge.restricted(addr) {
            tally.hit(addr, range.class);
            walk.hit(Hit { start, end, addr, range }, tally);
        }
    });
    walk.end(tally);
}

struct Walk<'a, F> {
    block: &'a Block,
    wanted: Wanted,
    each: F,
    /// Number of the line that begins at `at`.
    number: u64,
    /// Where the lines begin that were not handed over yet.
    at: usize,
    /// Begin and end of the line that `hits` are in.
    line: Option<(usize, usize)>,
    hits: Vec<Hit<'a>>,
}

impl<'a, F: FnMut(Line<'_>)> Walk<'a, F> {
    fn hit(&mut self, hit: Hit<'a>, tally: &mut Tally) {
        if self.line.is_none_or(|(_, end)| hit.start >= end) {
            self.flush(tally);
            let bytes = &self.block.bytes;
            let begin = memrchr(b'\n', &bytes[self.at..hit.start]).map_or(self.at, |at| self.at + at + 1);
            let end = memchr(b'\n', &bytes[hit.end..self.block.to.max(hit.end)]);
            self.line = Some((begin, end.map_or(self.block.to, |at| hit.end + at)));
        }
        // The address in which a very long line is cut is shown whole.
        let (begin, end) = self.line.map_or((hit.start, hit.end), |(begin, end)| (begin, end.max(hit.end)));
        self.line = Some((begin, end));
        self.hits.push(Hit { start: hit.start - begin, end: hit.end - begin, ..hit });
    }

    /// Hands over the line that was collected, or the lines before it.
    fn flush(&mut self, tally: &mut Tally) {
        let Some((begin, end)) = self.line.take() else { return };
        tally.matching(begin == self.block.from, end >= self.block.to);
        let bytes = &self.block.bytes;
        match self.wanted {
            Wanted::Matching => {
                self.number += memchr_iter(b'\n', &bytes[self.at..begin]).count() as u64;
                (self.each)(Line { text: &bytes[begin..end], number: self.number, hits: &self.hits });
            }
            Wanted::Others => self.others(begin),
        }
        self.number += 1;
        self.at = (end + 1).min(self.block.to);
        self.hits.clear();
    }

    fn end(&mut self, tally: &mut Tally) {
        self.flush(tally);
        if self.wanted == Wanted::Others {
            self.others(self.block.to);
        }
    }

    /// Hands over the lines from `at` up to `to`.
    fn others(&mut self, to: usize) {
        while self.at < to {
            let rest = &self.block.bytes[self.at..to];
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            (self.each)(Line { text: &rest[..length], number: self.number, hits: &[] });
            self.number += 1;
            self.at += length + 1;
        }
    }
}
