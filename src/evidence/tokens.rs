//! Tokens in place of personal values: equal values have equal tokens, and nobody without the key gets from a token to its value.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::model::{TokenFunction, TokenKey, Tokens};

/// The least bytes of a key: as many as a token has.
const LEAST_KEY: usize = 16;

/// The most bytes of a key file.
const MOST_KEY: u64 = 64 << 10;

/// Bytes of a token: half of the function's output, which RFC 2104 (section 5) has as the least.
const TOKEN: usize = 16;

/// What every token begins with.
const PREFIX: &str = "token:";

/// Makes tokens under one key.
#[derive(Clone)]
pub struct TokenMaker {
    function: Hmac<Sha256>,
    key: TokenKey,
}

impl std::fmt::Debug for TokenMaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key is in no output.
        f.debug_struct("TokenMaker").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the key file {} cannot be used: {problem}", path.display())]
pub struct KeyFileError {
    /// The file as the user wrote it.
    pub path: PathBuf,
    /// What is wrong.
    problem: KeyProblem,
}

#[derive(Debug, thiserror::Error)]
enum KeyProblem {
    #[error("it does not exist; make one with `head -c 32 /dev/urandom > FILE; chmod 600 FILE`")]
    Missing,
    #[error("it is not a regular file")]
    NoFile,
    #[error("everybody on this machine can read it; run `chmod 600` on it")]
    WorldReadable,
    #[error("it is empty; make one with `head -c 32 /dev/urandom > FILE; chmod 600 FILE`")]
    Empty,
    #[error("it has {0} bytes, and a key that nobody can guess has at least {LEAST_KEY}")]
    Short(usize),
    #[error("it has more than {} KiB; name the file of the key", MOST_KEY >> 10)]
    Long,
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
}

impl TokenMaker {
    /// Under the key in a file: tokens of two audits with the same key compare. White space at the end is not part of the key.
    ///
    /// # Errors
    /// Where the file is missing, empty, too short to be a secret, too long, or readable by everybody.
    pub fn from_file(path: &Path) -> Result<Self, KeyFileError> {
        let key = read_key(path).map_err(|problem| KeyFileError { path: path.to_owned(), problem })?;
        Ok(Self::new(&key, TokenKey::File))
    }

    /// Under a random key that lives as long as this does: tokens of two audits do not compare.
    ///
    /// # Errors
    /// Where the system has no random numbers.
    pub fn for_one_audit() -> std::io::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Self::new(&key, TokenKey::OneAudit))
    }

    fn new(key: &[u8], kind: TokenKey) -> Self {
        // Every length of key is taken: longer ones are hashed.
        let function =
            Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()));
        Self { function, key: kind }
    }

    /// The token of a value: HMAC-SHA-256, the first 16 bytes in hex.
    pub fn token(&self, value: &str) -> String {
        let mut function = self.function.clone();
        function.update(value.as_bytes());
        let code = function.finalize().into_bytes();
        format!("{PREFIX}{}", hex::encode(&code[..TOKEN]))
    }

    /// How the tokens are made, for the manifest.
    pub const fn describe(&self) -> Tokens {
        Tokens { how: TokenFunction::HmacSha256, key: self.key }
    }
}

fn read_key(path: &Path) -> Result<Vec<u8>, KeyProblem> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(KeyProblem::Missing),
        Err(error) => return Err(error.into()),
    };
    if !found.is_file() {
        return Err(KeyProblem::NoFile);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if found.permissions().mode() & 0o004 != 0 {
            return Err(KeyProblem::WorldReadable);
        }
    }
    let mut key = Vec::new();
    File::open(path)?.take(MOST_KEY + 1).read_to_end(&mut key)?;
    if key.len() as u64 > MOST_KEY {
        return Err(KeyProblem::Long);
    }
    key.truncate(key.trim_ascii_end().len());
    match key.len() {
        0 => Err(KeyProblem::Empty),
        short if short < LEAST_KEY => Err(KeyProblem::Short(short)),
        _ => Ok(key),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn tokens_are_those_of_rfc_4231() {
        // Test case 1: twenty bytes 0x0b and "Hi There"; test case 6: a key that is longer than a block.
        let first = TokenMaker::new(&[0x0b; 20], TokenKey::File);
        assert_eq!(first.token("Hi There"), "token:b0344c61d8db38535ca8afceaf0bf12b");
        let long = TokenMaker::new(&[0xaa; 131], TokenKey::File);
        let text = "Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(long.token(text), "token:60e431591ee0b67f0d8a26aacbf5b77f");
    }

    #[test]
    fn keys_of_one_audit_differ() {
        let [one, other] = [(), ()].map(|()| TokenMaker::for_one_audit().expect("random numbers"));
        assert_eq!(one.token("a"), one.token("a"));
        assert_ne!(one.token("a"), one.token("b"));
        assert_ne!(one.token("a"), other.token("a"));
        assert!(!format!("{one:?}").contains("function"));
    }

    #[cfg(unix)]
    #[test]
    fn key_files_that_keep_no_secret_are_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let refused = |bytes: &[u8], mode: u32| {
            let mut file = File::create(&path).expect("a file");
            file.write_all(bytes).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
            TokenMaker::from_file(&path).map(|_| ()).map_err(|error| error.to_string())
        };
        let secret = b"sixteen bytes or more\n";
        assert_eq!(refused(secret, 0o600), Ok(()));
        assert!(refused(secret, 0o644).expect_err("readable").contains("chmod 600"));
        assert!(refused(b" \n", 0o600).expect_err("empty").contains("it is empty"));
        assert!(refused(b"short\n", 0o600).expect_err("short").contains("it has 5 bytes"));
        assert!(refused(&vec![b'x'; 1 << 17], 0o600).expect_err("long").contains("more than 64 KiB"));
        let error = |path: &Path| TokenMaker::from_file(path).expect_err("refused").to_string();
        assert!(error(&folder.path().join("none")).contains("does not exist"));
        assert!(error(folder.path()).contains("not a regular file"));
    }
}
