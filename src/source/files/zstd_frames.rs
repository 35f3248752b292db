//! The frames of a Zstandard file: which of them have a checksum of their content, as their headers say.

use std::io::{self, BufReader, ErrorKind, Read, Seek};

use crate::model::ChecksumTally;

const FRAME: u32 = 0xfd2f_b528;

/// Counts the frames of a file that was unpacked to its end: the decoder has compared every checksum that there is.
pub(in crate::source) fn frame_checksums(file: impl Read + Seek) -> io::Result<ChecksumTally> {
    let mut file = BufReader::with_capacity(1 << 10, file);
    let mut tally = ChecksumTally::default();
    loop {
        let magic = match number::<4>(&mut file) {
            Ok(magic) => magic,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(tally),
            Err(error) => return Err(error),
        };
        match magic {
            FRAME => {
                let descriptor = number::<1>(&mut file)?;
                let is_single = descriptor & 0x20 != 0;
                let window = i64::from(!is_single);
                let dictionary = [0, 1, 2, 4][(descriptor & 3) as usize];
                let size = [i64::from(is_single), 2, 4, 8][(descriptor >> 6) as usize];
                file.seek_relative(window + dictionary + size)?;
                loop {
                    let block = number::<3>(&mut file)?;
                    // A block of one repeated byte stores that byte.
                    let is_repeated = block >> 1 & 3 == 1;
                    file.seek_relative(if is_repeated { 1 } else { i64::from(block >> 3) })?;
                    if block & 1 == 1 {
                        break;
                    }
                }
                if descriptor & 4 == 0 {
                    tally.absent += 1;
                } else {
                    file.seek_relative(4)?;
                    tally.verified += 1;
                }
            }
            // A frame of other programs, without data.
            0x184d_2a50..=0x184d_2a5f => {
                let size = number::<4>(&mut file)?;
                file.seek_relative(i64::from(size))?;
            }
            _ => return Ok(tally),
        }
    }
}

/// A number of so many bytes, the lowest first.
fn number<const BYTES: usize>(file: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes[..BYTES])?;
    Ok(u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use super::*;

    fn frame(bytes: &[u8], checksum: bool, size: bool) -> Vec<u8> {
        let mut packer = zstd::Encoder::new(Vec::new(), 1).expect("a packer");
        packer.include_checksum(checksum).expect("a setting");
        if size {
            packer.set_pledged_src_size(Some(bytes.len() as u64)).expect("a setting");
        }
        packer.write_all(bytes).expect("packed");
        packer.finish().expect("packed")
    }

    #[test]
    fn frames_are_counted_by_whether_they_have_a_checksum() {
        let long: Vec<u8> = (0..900_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
        let note = [&0x184d_2a53_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"abc"].concat();
        let zeros = vec![0; 400_000];
        let count = |parts: &[Vec<u8>]| frame_checksums(Cursor::new(parts.concat())).expect("frames");
        let tally = |verified, absent| ChecksumTally { verified, mismatched: 0, absent };
        for size in [false, true] {
            assert_eq!(count(&[frame(&long, true, size)]), tally(1, 0));
            assert_eq!(count(&[frame(&long, false, size)]), tally(0, 1));
            assert_eq!(count(&[frame(b"", true, size), frame(&zeros, false, size)]), tally(1, 1));
            let parts = [
                note.clone(),
                frame(b"a", false, size),
                note.clone(),
                frame(&long, true, size),
                frame(b"b", true, size),
            ];
            assert_eq!(count(&parts), tally(2, 1));
        }
        assert_eq!(count(&[]), tally(0, 0));
    }
}
