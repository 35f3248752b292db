//! The compact Thrift protocol, in which the parts of Parquet files are written by hand.

/// Writes the compact Thrift protocol, as far as a Parquet file needs it.
#[derive(Default)]
pub(crate) struct Thrift {
    pub(crate) bytes: Vec<u8>,
    last: Vec<u8>,
}

impl Thrift {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
            value >>= 7;
        }
        self.bytes.push(u8::try_from(value).unwrap());
    }

    pub(crate) fn head(&mut self, number: u8, kind: u8) {
        let last = self.last.last_mut().unwrap();
        self.bytes.push(((number - *last) << 4) | kind);
        *last = number;
    }

    pub(crate) fn number(&mut self, number: u8, kind: u8, value: i64) {
        self.head(number, kind);
        self.varint(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    pub(crate) fn text(&mut self, number: u8, text: &str) {
        self.head(number, 8);
        self.varint(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    pub(crate) fn inside(&mut self, fields: impl FnOnce(&mut Self)) {
        self.last.push(0);
        fields(self);
        self.last.pop();
        self.bytes.push(0);
    }
}
