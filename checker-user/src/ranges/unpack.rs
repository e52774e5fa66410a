//! Packed bytes → bytes: gzip and zstd, known by their magic, with a limit on what comes out.

use std::{
    borrow::Cow,
    io::{self, Read},
};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::{FrameDecoder, errors::FrameDecoderError, errors::ReadFrameHeaderError};

use super::source::MAX_LIST_BYTES;

/// RFC 1952.
const GZIP: &[u8] = b"\x1f\x8b";
/// RFC 8878, a frame.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// Unpacks what is packed, whole: all members of a gzip file, all frames of a zstd file.
///
/// # Errors
///
/// The end of a sentence that begins with the path: it is damaged, or more than [`MAX_LIST_BYTES`] come out.
pub fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    unpack_at_most(bytes, MAX_LIST_BYTES)
}

fn unpack_at_most(bytes: &[u8], limit: u64) -> Result<Cow<'_, [u8]>, String> {
    let mut unpacked = Vec::new();
    if bytes.starts_with(GZIP) {
        read("gzip", MultiGzDecoder::new(bytes), limit, &mut unpacked)?;
    } else if bytes.starts_with(ZSTD) {
        read("zstd", Frames { rest: bytes, frame: FrameDecoder::new(), begun: false }, limit, &mut unpacked)?;
    } else {
        return Ok(Cow::Borrowed(bytes));
    }
    Ok(Cow::Owned(unpacked))
}

fn read(name: &str, packed: impl Read, limit: u64, into: &mut Vec<u8>) -> Result<(), String> {
    // One more than allowed, to tell what just fits from what does not.
    let read = packed.take(limit + 1).read_to_end(into);
    if into.len() as u64 > limit {
        return Err(format!("is larger than {} MiB when unpacked", limit >> 20));
    }
    read.map(|_| ()).map_err(|error| format!("is damaged {name}: {error}"))
}

/// All frames of a zstd file; the crate reads one.
struct Frames<'a> {
    rest: &'a [u8],
    frame: FrameDecoder,
    begun: bool,
}

impl Read for Frames<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;
        loop {
            let read = self.frame.read(into)?;
            if read > 0 {
                return Ok(read);
            }
            if self.begun && !self.frame.is_finished() {
                // Its output is kept until it is read, so no more than a block beyond the window is in memory.
                self.frame.decode_blocks(&mut self.rest, UptoBlocks(1)).map_err(io::Error::other)?;
                continue;
            }
            if self.rest.is_empty() {
                return Ok(0);
            }
            match self.frame.init(&mut self.rest) {
                Ok(()) => self.begun = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    self.rest = self.rest.get(length as usize..).ok_or(io::ErrorKind::UnexpectedEof)?;
                    self.begun = false;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    #[test]
    fn every_member_and_every_frame_is_unpacked() {
        for pack in [gzip, zstd] {
            let packed = [pack(b"192.0.2.0/24\n"), pack(b""), pack(b"198.51.100.7\n")].concat();
            assert_eq!(unpack(&packed).unwrap(), &b"192.0.2.0/24\n198.51.100.7\n"[..]);
        }
        let skippable = b"\x50\x2a\x4d\x18\x02\0\0\0xx";
        assert_eq!(unpack(&[zstd(b"1"), skippable.to_vec(), zstd(b"2")].concat()).unwrap(), &b"12"[..]);
        assert!(matches!(unpack(b"192.0.2.0/24"), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn a_bomb_is_refused_and_what_just_fits_is_not() {
        for pack in [gzip, zstd] {
            let packed = pack(&vec![b' '; 3 << 20]);
            assert!(packed.len() < 1 << 16, "{}", packed.len());
            assert_eq!(
                unpack_at_most(&packed, (3 << 20) - 1).unwrap_err(),
                "is larger than 2 MiB when unpacked"
            );
            assert_eq!(unpack_at_most(&packed, 3 << 20).unwrap().len(), 3 << 20);
        }
    }

    #[test]
    fn what_was_cut_short_is_refused() {
        for (pack, name) in [(gzip as fn(&[u8]) -> Vec<u8>, "gzip"), (zstd, "zstd")] {
            let whole = pack(b"192.0.2.0/24\n198.51.100.7\n");
            for end in 4..whole.len() {
                let error = unpack(&whole[..end]).unwrap_err();
                assert!(error.starts_with(&format!("is damaged {name}: ")), "{error}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(magic in prop::sample::select(vec![GZIP, ZSTD]), bytes in any::<Vec<u8>>()) {
            let _ = unpack_at_most(&[magic, &bytes].concat(), 1 << 20);
        }
    }
}
