//! Addresses and identifiers of networks.

use std::net::Ipv6Addr;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, is_nfkc_quick};

use super::form::{digits_between, one_of};
use super::{Alphabet, Body, Context, Fault, Form, Kind, Otherwise, Segment, Usual};
use crate::scalar::is_blank;

/// Whether a text can be a host name: labels of letters, digits and inner hyphens, at least two.
pub(crate) fn is_domain(text: &str) -> bool {
    if text.is_ascii() {
        return is_ascii_domain(text.as_bytes());
    }
    // Letters of all scripts with their marks, in normal width; ASCII digits (RFC 5892).
    let may_stand = |c: char| c.is_alphabetic() || is_combining_mark(c) || c.is_ascii_digit() || c == '-';
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with(|c| c == '-' || is_combining_mark(c))
            && !label.ends_with('-')
            && label.chars().all(may_stand)
            && is_nfkc_quick(label.chars()) != IsNormalized::No
    };
    let Some((rest, last)) = text.rsplit_once('.') else { return false };
    // The top-level name is never a number, so that it is not confused with an address.
    text.len() <= 253
        && last.chars().count() >= 2
        && last.chars().any(char::is_alphabetic)
        && label(last)
        && rest.split('.').all(label)
}

/// The same for an ASCII text, in one pass.
fn is_ascii_domain(text: &[u8]) -> bool {
    let (mut label, mut letters, mut labels, mut before) = (0, false, 1, b'.');
    for byte in text {
        match DOMAIN[usize::from(*byte)] {
            Sign::Other => return false,
            Sign::Point if before == b'.' || before == b'-' || label > 63 => return false,
            Sign::Hyphen if before == b'.' => return false,
            Sign::Point => (label, letters, labels) = (0, false, labels + 1),
            sign => (label, letters) = (label + 1, letters | (sign == Sign::Letter)),
        }
        before = *byte;
    }
    labels > 1 && letters && (2..=63).contains(&label) && before != b'-' && text.len() <= 253
}

/// The role of an ASCII character in a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Letter,
    Digit,
    Hyphen,
    Point,
    Other,
}

const DOMAIN: [Sign; 256] = {
    let mut signs = [Sign::Other; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        signs[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Sign::Letter,
            b'0'..=b'9' => Sign::Digit,
            b'-' => Sign::Hyphen,
            b'.' => Sign::Point,
            _ => Sign::Other,
        };
        byte += 1;
    }
    signs
};

/// Whether a byte is allowed in the local part of an address without quotes.
#[inline]
pub(crate) const fn is_local(byte: u8) -> bool {
    LOCAL[byte as usize]
}

const LOCAL: [bool; 256] = {
    let mut signs = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        signs[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-'..=b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~');
        byte += 1;
    }
    signs
};

fn email(text: &str, _: Context) -> Result<(), Fault> {
    // No `@` is allowed before the first one without quotes.
    let Some((local, domain)) = text.split_once('@') else { return Err(Fault::Shape) };
    let points =
        |(before, sound): (bool, bool), byte| (byte == b'.', sound & is_local(byte) & !(before & (byte == b'.')));
    let (ends_in_point, sound) = local.bytes().fold((true, true), points);
    let sound = sound && !ends_in_point && (1..=64).contains(&local.len()) && text.len() <= 254 && is_domain(domain);
    if sound { Ok(()) } else { Err(Fault::Shape) }
}

/// A text this short keeps all limits.
const EMAILS: &str = r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]+(-+[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}";

pub(super) const EMAIL: Kind = Kind {
    name: "email",
    summary: "e-mail address within the limits of RFC 5321, without quotes; not whether it receives mail",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read { usual: Usual::Pattern(64, EMAILS), otherwise: Otherwise::Code, read: email },
};

fn url(text: &str, _: Context) -> Result<(), Fault> {
    let sound = || {
        let colon = text.bytes().take(6).position(|byte| byte == b':')?;
        let (scheme, rest) = (&text[..colon], text[colon..].strip_prefix("://")?);
        ["https", "http", "ftp", "ftps", "sftp"].iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
        let odd = |byte: u8| byte <= b' ' || matches!(byte, b'<' | b'>' | b'"' | b'\\' | b'`' | 0x7F);
        let odd = rest.bytes().fold(0, |all, byte| all | u8::from(odd(byte)));
        if odd != 0 || (!rest.is_ascii() && rest.chars().any(is_hidden)) {
            return None;
        }
        let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
        let authority = &rest[..end];
        if is_domain(authority) {
            return Some(());
        }
        let host = authority.split_once('@').map_or(authority, |(_, host)| host);
        let (name, port) = match host.strip_prefix('[') {
            Some(inner) => {
                let (address, port) = inner.split_once(']')?;
                address.parse::<Ipv6Addr>().ok()?;
                (None, if port.is_empty() { "" } else { port.strip_prefix(':')? })
            }
            None => match host.split_once(':') {
                Some((name, port)) => (Some(name), port),
                None => (Some(host), ""),
            },
        };
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
        if !port.is_empty() && !is_port {
            return None;
        }
        let known = |name: &str| {
            let is_local = name.eq_ignore_ascii_case("localhost");
            // A point after the last label is that of the root.
            is_local || is_domain(name.strip_suffix('.').unwrap_or(name)) || is_version_4(name.as_bytes())
        };
        name.is_none_or(known).then_some(())
    };
    sound().ok_or(Fault::Shape)
}

/// Whether a character is invisible, or only a gap.
pub(super) fn is_hidden(c: char) -> bool {
    is_blank(c) || c.is_control()
}

/// A text this short keeps all limits.
const URLS: &str = r"(https?|s?ftp|ftps)://([A-Za-z0-9]+(-+[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}([/?#][!#-;=?-\[\]^_a-~]*)?";

pub(super) const URL: Kind = Kind {
    name: "url",
    summary: "web address (http, https, ftp) with a valid host name; not whether it exists",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read { usual: Usual::Pattern(64, URLS), otherwise: Otherwise::Code, read: url },
};

/// Four numbers up to 255 with points between, without leading zeros.
fn is_version_4(text: &[u8]) -> bool {
    let (mut number, mut length, mut points) = (0_u32, 0, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' if length < 3 && (length == 0 || number > 0) => {
                number = number * 10 + u32::from(byte - b'0');
                length += 1;
            }
            b'.' if length > 0 && number < 256 => (number, length, points) = (0, 0, points + 1),
            _ => return false,
        }
    }
    points == 3 && length > 0 && number < 256
}

/// Version 4, and version 6 in full or with at most five groups before the omitted ones and few after them.
const ADDRESSES: &str = concat!(
    r"((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])",
    r"|([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}",
    r"|::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,3})?",
    r"|([0-9A-Fa-f]{1,4}:){1,3}:([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,3})?",
    r"|([0-9A-Fa-f]{1,4}:){4,5}:([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4})?)?",
);

pub(super) const IP: Kind = Kind {
    name: "ip",
    summary: "internet address, version 4 or 6",
    separators: "",
    folds: false,
    placeholders: false,
    body: Body::Read {
        usual: Usual::Pattern(39, ADDRESSES),
        otherwise: Otherwise::Code,
        read: |text, _| {
            let sound = is_version_4(text.as_bytes()) || text.parse::<Ipv6Addr>().is_ok();
            if sound { Ok(()) } else { Err(Fault::Shape) }
        },
    },
};

/// Hexadecimal digits.
const fn hex(count: u8) -> Segment {
    Segment { alphabet: Alphabet::Of("0123456789ABCDEFabcdef"), min: count, max: count }
}

/// Six pairs of hexadecimal digits with a sign between.
const fn in_pairs(sign: &'static str) -> [Segment; 11] {
    let mut segments = [hex(2); 11];
    let mut at = 1;
    while at < segments.len() {
        segments[at] = one_of(sign);
        at += 2;
    }
    segments
}

pub(super) const MAC: Kind = Kind {
    name: "mac",
    summary: "network device, 12 hexadecimal digits with colons or hyphens between pairs, points between fours, or no separators",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::plain(&in_pairs(":")),
        Form::plain(&in_pairs("-")),
        Form::plain(&[hex(4), one_of("."), hex(4), one_of("."), hex(4)]),
        Form::plain(&[hex(12)]),
    ]),
};

/// A version that RFC 9562 defines, and its variant.
fn is_defined(text: &[u8], _: Context) -> bool {
    matches!(text[14], b'1'..=b'8') && matches!(text[19], b'8' | b'9' | b'a' | b'b' | b'A' | b'B')
}

const HYPHEN: Segment = one_of("-");

pub(super) const UUID: Kind = Kind {
    name: "uuid",
    summary: "UUID (RFC 9562), 36 characters, version 1 to 8; those of zeros or fs alone are placeholders",
    separators: "",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[
        Form::plain(&[hex(8), HYPHEN, hex(4), HYPHEN, hex(4), HYPHEN, hex(4), HYPHEN, hex(12)]).with(is_defined)
    ]),
};

/// The digits of Crockford's base 32.
const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

pub(super) const ULID: Kind = Kind {
    name: "ulid",
    summary: "ULID, 26 characters that sort by time",
    separators: "",
    folds: true,
    placeholders: true,
    body: Body::Forms(&[Form::plain(&[
        one_of("01234567"),
        Segment { alphabet: Alphabet::Of(CROCKFORD), min: 25, max: 25 },
    ])]),
};

pub(super) const E164: Kind = Kind {
    name: "e164",
    summary: "telephone number in international form: + and 7 to 15 digits; spaces, points and hyphens between are allowed",
    separators: " -.",
    folds: false,
    placeholders: true,
    body: Body::Forms(&[Form::plain(&[one_of("+"), one_of("123456789"), digits_between(6, 14)])]),
};
