//! Bytes in the binary encoding of Avro.

/// The bytes are not what the schema says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damage;

/// Values that a record may have beyond those that take bytes: types of nothing can hold each other without an end.
const EMPTY_VALUES: usize = 1 << 20;

/// The most values around one that takes a byte.
const VALUES_OF_BYTE: usize = 8;

/// Bytes that are read from their start.
pub(super) struct Input<'a> {
    bytes: &'a [u8],
    /// Values of the record that may still be walked over.
    steps: usize,
}

impl<'a> Input<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, steps: 0 }
    }

    /// A record begins.
    pub(super) const fn begin(&mut self) {
        self.steps = self.bytes.len().saturating_mul(VALUES_OF_BYTE).saturating_add(EMPTY_VALUES);
    }

    /// A value is walked over.
    pub(super) fn step(&mut self) -> Result<(), Damage> {
        self.steps = self.steps.checked_sub(1).ok_or(Damage)?;
        Ok(())
    }

    /// Bytes that were not read.
    pub(super) const fn left(&self) -> usize {
        self.bytes.len()
    }

    /// The next so many bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(Damage)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// The next so many bytes, as an array.
    pub(super) fn array<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Damage> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or(Damage)?;
        self.bytes = rest;
        Ok(*taken)
    }

    /// A whole number of up to 64 bits: seven bits a byte, the lowest first, the sign in the lowest one.
    pub(super) fn long(&mut self) -> Result<i64, Damage> {
        let mut value = 0_u64;
        for (at, byte) in self.bytes.iter().copied().enumerate().take(10) {
            let bits = u64::from(byte & 0x7f);
            if at == 9 && bits > 1 {
                return Err(Damage);
            }
            value |= bits << (7 * at);
            if byte & 0x80 == 0 {
                self.bytes = &self.bytes[at + 1..];
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err(Damage)
    }

    /// A whole number of up to 32 bits.
    pub(super) fn int(&mut self) -> Result<i32, Damage> {
        i32::try_from(self.long()?).map_err(|_| Damage)
    }

    /// A length or a position.
    pub(super) fn count(&mut self) -> Result<usize, Damage> {
        usize::try_from(self.long()?).map_err(|_| Damage)
    }

    /// Bytes with their length before them.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Damage> {
        let count = self.count()?;
        self.take(count)
    }

    /// The size in bytes and the number of items of the next run of a list or map; no items are its end. The size is known
    /// only where the writer says so.
    pub(super) fn run(&mut self) -> Result<(u64, Option<usize>), Damage> {
        let items = self.long()?;
        if items < 0 {
            return Ok((items.unsigned_abs(), Some(self.count()?)));
        }
        Ok((items.unsigned_abs(), None))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the specification says it.
    fn written(value: i64) -> Vec<u8> {
        let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
        let mut bytes = Vec::new();
        while rest >= 0x80 {
            bytes.push(u8::try_from(rest & 0x7f).expect("seven bits") | 0x80);
            rest >>= 7;
        }
        bytes.push(u8::try_from(rest).expect("seven bits"));
        bytes
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_they_are_written(value in any::<i64>()) {
            let bytes = written(value);
            let mut input = Input::new(&bytes);
            prop_assert_eq!(input.long(), Ok(value));
            prop_assert_eq!(input.left(), 0);
            prop_assert!(Input::new(&bytes[..bytes.len() - 1]).long().is_err());
        }
    }

    #[test]
    fn numbers_of_the_specification() {
        for (value, bytes) in [(0, &[0][..]), (-1, &[1]), (1, &[2]), (-64, &[0x7f]), (64, &[0x80, 1])] {
            assert_eq!(Input::new(bytes).long(), Ok(value));
        }
        assert!(Input::new(&[0xff; 11]).long().is_err());
        assert_eq!(Input::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).long(), Ok(i64::MIN));
    }
}
