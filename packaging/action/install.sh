#!/usr/bin/env bash
# Installs the released program for the steps that follow, if its checksum is right.
#
# Reads VERSION, SHA256, DOWNLOAD_URL and ACTION_REPOSITORY, and from the runner GITHUB_PATH, GITHUB_SERVER_URL, RUNNER_ARCH,
# RUNNER_OS and RUNNER_TEMP.
set -euo pipefail

# Ends with one message, which the runner shows at the top of the run.
fail() {
  local message=${1//'%'/'%25'}
  message=${message//$'\r'/'%0D'}
  message=${message//$'\n'/'%0A'}
  echo "::error title=passmuster::$message"
  exit 2
}

[[ $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?$ ]] ||
  fail "the input version is \"$VERSION\": write a version such as 0.1.0"
[[ -z $SHA256 || $SHA256 =~ ^[0-9a-fA-F]{64}$ ]] ||
  fail "the input sha256 is \"$SHA256\": write the 64 hexadecimal digits that SHA256SUMS of the release has for the archive"
case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-gnu ;;
  Linux-ARM64) target=aarch64-unknown-linux-gnu ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  *) fail "there is no archive for $RUNNER_OS on $RUNNER_ARCH: use a runner with Linux or macOS" ;;
esac

releases=${DOWNLOAD_URL:-${GITHUB_SERVER_URL:-https://github.com}/$ACTION_REPOSITORY/releases/download}
[[ $releases =~ ^(https|file):// ]] || fail "the input download-url is \"$releases\": write a URL with https:// or file://"
folder=${releases%/}/v$VERSION
name=passmuster-$VERSION-$target
work=$(mktemp -d "$RUNNER_TEMP/passmuster-XXXXXX")

download() {
  curl --fail --silent --show-error --location --proto '=https,file' --proto-redir '=https' --retry 3 \
    --output "$work/$1" "$folder/$1" || fail "cannot download $folder/$1: is $VERSION a version that was released?"
}

# The checksum of a file: GNU has sha256sum, macOS has shasum.
checksum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

download "$name.tar.gz"
expected=$(tr '[:upper:]' '[:lower:]' <<<"$SHA256")
if [[ -z $expected ]]; then
  download SHA256SUMS
  expected=$(awk -v file="$name.tar.gz" '$2 == file { print $1 }' "$work/SHA256SUMS")
  [[ -n $expected ]] || fail "$folder/SHA256SUMS does not name $name.tar.gz"
fi
found=$(checksum "$work/$name.tar.gz")
[[ $found == "$expected" ]] ||
  fail "$name.tar.gz has the SHA-256 checksum $found, and $expected was expected: it was not installed. Compare the input sha256 with SHA256SUMS of the release"

tar -xzf "$work/$name.tar.gz" -C "$work" "$name/passmuster"
"$work/$name/passmuster" --version
printf '%s\n' "$work/$name" >>"$GITHUB_PATH"
