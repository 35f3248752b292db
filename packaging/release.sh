#!/usr/bin/env bash
# Makes all packages of a release from one build of the program: an archive, a Debian package, a Python wheel, and SHA256SUMS.
#
#   packaging/release.sh FOLDER
#
# FOLDER is made, and must be empty. Needed are cargo, GNU tar, gzip, dpkg-deb, and maturin of packaging/requirements.txt.
# The same program gives the same packages, byte for byte: SOURCE_DATE_EPOCH, or else the time of the last commit, is the time
# of all files in them.
#
# On Linux with glibc the program is linked statically, so that it runs on any Linux of the same processor, whatever its C
# library. Nothing of it remains dynamic. On macOS it is linked with libSystem, which is always there.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ $# -eq 1 ]] || { echo 'usage: packaging/release.sh FOLDER' >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
[[ -z $(ls -A "$out") ]] || { echo "$out is not empty: name another folder, or empty it" >&2; exit 2; }
command -v dpkg-deb >/dev/null || { echo 'dpkg-deb is missing: install the package dpkg' >&2; exit 2; }
command -v maturin >/dev/null ||
  { echo 'maturin is missing: python3 -m pip install -r packaging/requirements.txt' >&2; exit 2; }

epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
# Build scripts of dependencies that are written in C read it: all of them would be compiled again.
unset SOURCE_DATE_EPOCH
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
host=$(rustc -vV | sed -n 's/^host: //p')
name=passmuster-$version-$host

# Flags of the last step alone: what it links was compiled before, by `cargo test --release` too.
flags=()
if [[ $host == *-linux-gnu ]]; then
  flags=(-C target-feature=+crt-static)
fi
cargo rustc --release --locked --bin passmuster -- "${flags[@]}"
program=$CARGO_TARGET_DIR/release/passmuster

# What the program writes about itself.
staged=$CARGO_TARGET_DIR/release/packages/staged
rm -rf "$staged"
mkdir -p "$staged/completions" "$staged/man"
"$program" completions bash >"$staged/completions/passmuster.bash"
"$program" completions zsh >"$staged/completions/_passmuster"
"$program" completions fish >"$staged/completions/passmuster.fish"
"$program" completions powershell >"$staged/completions/passmuster.ps1"
"$program" man --output "$staged/man"

# The archive.
root=$CARGO_TARGET_DIR/release/packages/$name
rm -rf "$root"
mkdir -p "$root"
install -m 755 "$program" "$root/passmuster"
install -m 644 README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$root"
cp -R "$staged/completions" "$staged/man" "$root"
chmod -R u=rwX,go=rX "$root"
tar --create --sort=name --format=ustar --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
  --directory "$(dirname "$root")" "$name" | gzip --no-name >"$out/$name.tar.gz"
rm -rf "$root"

# The Debian package. It depends on no other: nothing is linked dynamically.
root=$CARGO_TARGET_DIR/release/packages/deb
rm -rf "$root"
share=$root/usr/share
install -D -m 755 "$program" "$root/usr/bin/passmuster"
install -D -m 644 "$staged/completions/passmuster.bash" "$share/bash-completion/completions/passmuster"
install -D -m 644 "$staged/completions/_passmuster" "$share/zsh/vendor-completions/_passmuster"
install -D -m 644 "$staged/completions/passmuster.fish" "$share/fish/vendor_completions.d/passmuster.fish"
install -D -m 644 -t "$share/man/man1" "$staged"/man/*.1
install -D -m 644 -t "$share/doc/passmuster" README.md CHANGELOG.md
gzip --no-name --best "$share"/man/man1/*.1 "$share/doc/passmuster/CHANGELOG.md"
{
  cat <<'COPYRIGHT'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: passmuster

Files: *
Copyright: 2026 The passmuster authors
License: MIT or Apache-2.0

License: Apache-2.0
 On Debian systems the text of this license is in /usr/share/common-licenses/Apache-2.0.

License: MIT
COPYRIGHT
  # Every line is further in, and an empty one is a dot.
  sed -e 's/^$/./' -e 's/^/ /' LICENSE-MIT
} >"$share/doc/passmuster/copyright"
mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: passmuster
Version: ${version/-/\~}
Architecture: $(dpkg --print-architecture)
Maintainer: The passmuster authors
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f 1)
Section: utils
Priority: optional
Description: audit of datasets against rules, with scores and an exit code
 passmuster audits exports of registers and other tables (CSV, Parquet, NDJSON
 and Arrow) against rules in a YAML file. It counts the rows that fail each
 rule, gives six scores, and its exit code says whether the data may be used.
CONTROL
chmod -R u=rwX,go=rX "$root"
# A higher level takes three times as long and saves a tenth.
SOURCE_DATE_EPOCH=$epoch dpkg-deb -Zxz -z2 --root-owner-group --build "$root" "$out" >/dev/null
rm -rf "$root"

# The wheel. maturin asks cargo for the program with the same flags, so that nothing is compiled again.
cargo=$CARGO_TARGET_DIR/release/packages/cargo
printf '#!/bin/sh\nunset SOURCE_DATE_EPOCH\nexec cargo "$@"\n' >"$cargo"
chmod +x "$cargo"
CARGO=$cargo SOURCE_DATE_EPOCH=$epoch maturin build --quiet --release --locked --out "$out" -- "${flags[@]}"

(cd "$out" && sha256sum -- * >SHA256SUMS)
ls -l "$out"
