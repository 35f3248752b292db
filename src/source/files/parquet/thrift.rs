//! The compact Thrift protocol, as far as page headers and footers of Parquet need it.

/// Reads the compact Thrift protocol.
pub(super) struct Thrift<'b> {
    bytes: &'b [u8],
    at: usize,
}

/// Structures in structures that are skipped at the most.
const MAX_DEPTH: u32 = 8;

/// What ends a structure.
pub(super) const END: u8 = 0;

impl<'b> Thrift<'b> {
    /// Reads these bytes from their start.
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The place of the next byte.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A number with a sign.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// The next field as its number and type, or the end of the structure, whose type is [`END`].
    pub(super) fn field(&mut self, last: &mut i64) -> Option<(i64, u8)> {
        let head = self.byte()?;
        if head != END {
            *last = if head >> 4 == 0 { self.integer()? } else { last.checked_add(i64::from(head >> 4))? };
        }
        Some((*last, head & 0x0f))
    }

    /// Passes over a value of that type.
    pub(super) fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match kind {
            1 | 2 => {}
            3 => drop(self.byte()?),
            4..=6 => drop(self.varint()?),
            7 => self.forward(8)?,
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.forward(length)?;
            }
            9 | 10 => {
                let (count, kind) = self.list()?;
                for _ in 0..count {
                    // Elements of no bytes would be skipped without end.
                    if matches!(kind, 1 | 2) {
                        self.byte()?;
                    } else {
                        self.skip(kind, depth + 1)?;
                    }
                }
            }
            12 => {
                let mut last = 0;
                loop {
                    match self.field(&mut last)? {
                        (_, END) => break,
                        (_, kind) => self.skip(kind, depth + 1)?,
                    }
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// The head of a list: how many elements follow, and their type.
    pub(super) fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        Some((count, head & 0x0f))
    }

    /// Bytes that follow their length.
    pub(super) fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        let start = self.at;
        self.forward(length)?;
        self.bytes.get(start..self.at)
    }

    fn forward(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }
}
