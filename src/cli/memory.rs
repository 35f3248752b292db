//! How much memory may be used, and the folder for keys that do not fit in it.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::memory;

/// The program and one batch for each worker do not fit in less.
const LEAST: u64 = 128 << 20;

/// If the system does not say what is available.
const UNKNOWN: u64 = 2 << 30;

/// The units of sizes.
const UNITS: [(&str, u32); 8] =
    [("", 0), ("B", 0), ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("M", 20), ("G", 30)];

/// Why a size cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SizeError {
    #[error("write a size as 2GiB, 512MiB or a number of bytes")]
    NoSize,
    #[error("an audit needs at least {} MiB", LEAST >> 20)]
    TooSmall,
}

/// Reads a size: a whole number of bytes, or a number with a binary unit.
pub(super) fn size(text: &str) -> Result<u64, SizeError> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = unit.trim_start();
    let (_, shift) = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).ok_or(SizeError::NoSize)?;
    let bytes = match number.split_once('.') {
        None => number.parse::<u64>().ok().and_then(|whole| whole.checked_mul(1 << shift)),
        Some((whole, fraction)) if *shift > 0 && (1..=6).contains(&fraction.len()) => {
            let scale = 10_u64.pow(u32::try_from(fraction.len()).unwrap_or_default());
            let parts = whole.parse::<u64>().ok().zip(fraction.parse::<u64>().ok());
            parts.and_then(|(whole, fraction)| {
                // In 128 bits the product fits.
                let fraction = u128::from(fraction) * (1 << shift) / u128::from(scale);
                whole.checked_mul(1 << shift)?.checked_add(u64::try_from(fraction).ok()?)
            })
        }
        Some(_) => None,
    };
    match bytes {
        None => Err(SizeError::NoSize),
        Some(bytes) if bytes < LEAST => Err(SizeError::TooSmall),
        Some(bytes) => Ok(bytes),
    }
}

/// Half of the memory that is available to the process.
pub(super) fn default_size() -> u64 {
    memory::available().map_or(UNKNOWN, |bytes| bytes / 2).max(LEAST)
}

/// Makes sure that files can be written in a folder, before anything is read.
///
/// # Errors
/// Where they cannot.
pub(super) fn check_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    tempfile::tempfile_in(folder).with_context(|| {
        let shown = folder.display();
        format!("--spill-dir {shown}: no file can be made there; name a folder that exists and can be written")
    })?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_binary_units() {
        assert_eq!(size("2GiB"), Ok(2 << 30));
        assert_eq!(size("2 gib"), Ok(2 << 30));
        assert_eq!(size("1.5GiB"), Ok(3 << 29));
        assert_eq!(size("512MiB"), Ok(512 << 20));
        assert_eq!(size("512M"), Ok(512 << 20));
        assert_eq!(size("1073741824"), Ok(1 << 30));
        assert_eq!(size("1073741824B"), Ok(1 << 30));
    }

    #[test]
    fn nonsense_and_too_little_are_refused() {
        for text in
            ["", "GiB", "-1GiB", "2GB", "two", "1.5", "1.GiB", ".5GiB", "1e9", "99999999999999999999", "20000000TiB"]
        {
            assert_eq!(size(text), Err(SizeError::NoSize), "{text}");
        }
        assert_eq!(size("64MiB"), Err(SizeError::TooSmall));
        assert_eq!(size("0"), Err(SizeError::TooSmall));
    }

    #[test]
    fn there_is_a_default() {
        assert!(default_size() >= LEAST);
    }
}
