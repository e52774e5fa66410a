//! Maps in type information: has libbpf take them from where they are pinned, with the size that they have.
//!
//! Own code, since no crate writes type information: aya-obj keeps its own to itself, libbpf is a C library. It only
//! appends types, so that no number of another changes, and gives each map a type of its own
//! (`Documentation/bpf/btf.rst`; `parse_btf_map_def`, `tools/lib/bpf/libbpf.c`).

use std::collections::BTreeMap;

use anyhow::Context as _;

/// Kinds of types that are looked at, `uapi/linux/btf.h`.
const PTR: u32 = 2;
const ARRAY: u32 = 3;
const STRUCT: u32 = 4;
const VAR: u32 = 14;

/// Words that each type begins with: name, kind and number of parts, size or another type.
const HEAD: usize = 3;
/// Words of a member of a struct: name, type, offset.
const MEMBER: usize = 3;

/// The types of an object, as words.
struct Types {
    words: Vec<u32>,
    /// Where each type begins; the first one is number 1.
    starts: Vec<usize>,
    strings: Vec<u8>,
}

/// The type information with `maps` pinned by name, each with so many elements.
///
/// # Errors
///
/// When it is none, or a map is not in it as aya-ebpf writes maps.
pub(super) fn pin_maps(information: &[u8], maps: &BTreeMap<String, u32>) -> anyhow::Result<Vec<u8>> {
    let mut types = Types::read(information).context("the object's type information is broken")?;
    for (map, size) in maps {
        types.pin(map, *size).with_context(|| format!("the object has no map {map} as expected"))?;
    }
    Ok(types.write(information))
}

impl Types {
    fn read(information: &[u8]) -> Option<Self> {
        let [length, types, types_length, strings, strings_length] =
            [4, 8, 12, 16, 20].map(|at| word(information, at).unwrap_or(u32::MAX) as usize);
        let part = |from: usize, length: usize| information.get(from..)?.get(..length);
        let types = part(length.checked_add(types)?, types_length)?;
        let strings = part(length.checked_add(strings)?, strings_length)?.to_vec();
        let words: Vec<_> = (0..types.len() / 4).filter_map(|index| word(types, index * 4)).collect();
        let (mut starts, mut at) = (Vec::new(), 0);
        while at < words.len() {
            starts.push(at);
            at += HEAD + rest(*words.get(at + 1)?)?;
        }
        (at == words.len()).then_some(Self { words, starts, strings })
    }

    fn pin(&mut self, map: &str, size: u32) -> Option<()> {
        let variable = *self.starts.iter().find(|at| self.is(**at, VAR) && self.name(**at) == Some(map))?;
        let definition = self.start(self.words[variable + 2])?;
        if !self.is(definition, STRUCT) {
            return None;
        }
        let parts = (self.words[definition + 1] & 0xffff) as usize;
        let mut copy = self.words.get(definition..definition + HEAD + parts * MEMBER)?.to_vec();
        let members = (0..parts).map(|part| HEAD + part * MEMBER);
        let entries = members.into_iter().find(|at| self.string(copy[*at]) == Some("max_entries"))?;
        // The number is the length of an array that a pointer points to; so is the way of pinning, by name: 1.
        let pattern = self.start(self.words[self.start(copy[entries + 1])? + 2])?;
        copy[entries + 1] = self.number(pattern, size)?;
        let (pinning, by_name) = (self.add_string("pinning"), self.number(pattern, 1)?);
        // In front: where there is an inner map, the last member is to be that.
        copy.splice(HEAD..HEAD, [pinning, by_name, 0]);
        copy[1] += 1;
        self.words[variable + 2] = self.add(&copy);
        Some(())
    }

    /// A pointer to an array as long as this number, otherwise as `pattern`.
    fn number(&mut self, pattern: usize, number: u32) -> Option<u32> {
        if !self.is(pattern, ARRAY) {
            return None;
        }
        let mut array = self.words.get(pattern..pattern + HEAD + 3)?.to_vec();
        array[HEAD + 2] = number;
        let array = self.add(&array);
        Some(self.add(&[0, PTR << 24, array]))
    }

    fn add(&mut self, words: &[u32]) -> u32 {
        self.starts.push(self.words.len());
        self.words.extend(words);
        self.starts.len() as u32
    }

    fn add_string(&mut self, string: &str) -> u32 {
        let at = self.strings.len();
        self.strings.extend(string.bytes().chain([0]));
        at as u32
    }

    /// Where the type of this number begins.
    fn start(&self, number: u32) -> Option<usize> {
        self.starts.get((number as usize).checked_sub(1)?).copied()
    }

    fn is(&self, at: usize, wanted: u32) -> bool {
        self.words.get(at + 1).is_some_and(|info| kind(*info) == wanted)
    }

    fn name(&self, at: usize) -> Option<&str> {
        self.string(*self.words.get(at)?)
    }

    fn string(&self, at: u32) -> Option<&str> {
        let bytes = self.strings.get(at as usize..)?;
        str::from_utf8(bytes.split(|byte| *byte == 0).next()?).ok()
    }

    /// With the head of what it was read from.
    fn write(self, information: &[u8]) -> Vec<u8> {
        let types: Vec<u8> = self.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let length = 24;
        let (types_length, strings_length) = (types.len() as u32, self.strings.len() as u32);
        let mut written = information[..4].to_vec();
        for word in [length, 0, types_length, types_length, strings_length] {
            written.extend(word.to_le_bytes());
        }
        [written, types, self.strings].concat()
    }
}

const fn kind(info: u32) -> u32 {
    info >> 24 & 0x1f
}

/// Words of a type behind its head; `None` for a kind that is not known.
fn rest(info: u32) -> Option<usize> {
    let parts = (info & 0xffff) as usize;
    Some(match kind(info) {
        // Integers, variables, tags on a part.
        1 | VAR | 17 => 1,
        ARRAY => 3,
        // Structs, unions, sections, enums of 64 bits: three words a part.
        STRUCT | 5 | 15 | 19 => parts * 3,
        // Enums, prototypes of functions.
        6 | 13 => parts * 2,
        // Pointers, forwards, typedefs, volatile, const, restrict, functions, floats, tags on a type.
        PTR | 7..=12 | 16 | 18 => 0,
        _ => return None,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
