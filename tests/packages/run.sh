#!/usr/bin/env bash
# Every package of a release works where it is installed: run.sh FOLDER, where packaging/release.sh has made them.
set -euo pipefail
cd "$(dirname "$0")/../.."
release=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
fail() { echo "$*" >&2; exit 1; }

# A program that was installed audits a small file, and finds its fault.
audits() {
  local program=$1 code=0
  [[ $("$program" --version) == "passmuster $version" ]] || fail "$program: $("$program" --version)"
  printf 'id,name\n1,An\n2,\n' >"$work/people.csv"
  printf 'suite: people\ndatasets: { people: { source: people.csv, columns: { name: { required: true } } } }\n' >"$work/people.yaml"
  "$program" audit "$work/people.yaml" >"$work/report" 2>&1 || code=$?
  [[ $code -eq 1 ]] || fail "$program ends with $code: $(cat "$work/report")"
  grep -q '1 of 2 rows' "$work/report" || fail "$program: $(cat "$work/report")"
}

# Two lists of files are the same.
same() { diff <(echo "$2") <(echo "$3") || fail "$1: the lines with > are expected"; }

pages=$(for page in "" $(sed -n 's/^        Command::\([A-Z][a-z]*\)(.*/-\L\1/p' src/cli/mod.rs); do echo "passmuster$page.1"; done)

echo 'checksums'
(cd "$release" && sha256sum --check --quiet SHA256SUMS)
[[ $(wc -l <"$release/SHA256SUMS") -eq 3 ]] || fail "SHA256SUMS: $(cat "$release/SHA256SUMS")"

echo 'archive'
archive=$(ls "$release"/*.tar.gz)
name=$(basename "$archive" .tar.gz)
expected=$(cat <<FILES | LC_ALL=C sort
$name/
$name/CHANGELOG.md
$name/LICENSE-APACHE
$name/LICENSE-MIT
$name/README.md
$name/completions/
$name/completions/_passmuster
$name/completions/passmuster.bash
$name/completions/passmuster.fish
$name/completions/passmuster.ps1
$name/man/
$(while read -r page; do echo "$name/man/$page"; done <<<"$pages")
$name/passmuster
FILES
)
same 'files of the archive' "$(tar -tzf "$archive" | LC_ALL=C sort)" "$expected"
[[ -z $(tar -tvzf "$archive" | grep -v ' 0/0 ') ]] || fail "$(tar -tvzf "$archive")"
tar -xzf "$archive" -C "$work"
audits "$work/$name/passmuster"
if [[ $name == *-linux-gnu ]]; then
  # ldd fails for a program that is not dynamic at all.
  libraries=$(ldd "$work/$name/passmuster" 2>&1 || true)
  [[ $libraries =~ (statically linked|not a dynamic executable) ]] || fail "it is linked dynamically: $libraries"
fi
if grep -aq -- "$PWD/src" "$work/$name/passmuster"; then fail 'the program has paths of the machine that made it'; fi

echo 'wheel'
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$release"/*.whl
audits "$work/venv/bin/passmuster"
[[ $("$work/venv/bin/python" -c 'import importlib.metadata as m; print(m.version("passmuster"))') == "$version" ]]

echo 'Debian package'
package=$(ls "$release"/*.deb)
fields=$(dpkg-deb --field "$package" Package Version Architecture)
same 'fields' "$fields" "Package: passmuster
Version: $version
Architecture: $(dpkg --print-architecture)"
[[ -z $(dpkg-deb --field "$package" Depends) ]]
dpkg-deb --info "$package" >/dev/null
expected=$(cat <<FILES | LC_ALL=C sort
/usr/bin/passmuster
/usr/share/bash-completion/completions/passmuster
/usr/share/doc/passmuster/CHANGELOG.md.gz
/usr/share/doc/passmuster/README.md
/usr/share/doc/passmuster/copyright
/usr/share/fish/vendor_completions.d/passmuster.fish
$(while read -r page; do echo "/usr/share/man/man1/$page.gz"; done <<<"$pages")
/usr/share/zsh/vendor-completions/_passmuster
FILES
)
found=$(dpkg-deb --contents "$package" | sed -n 's/^-.* \.\(.*\)/\1/p' | LC_ALL=C sort)
same 'files of the package' "$found" "$expected"
[[ -z $(dpkg-deb --contents "$package" | grep -v ' root/root ') ]] || fail "$(dpkg-deb --contents "$package")"
dpkg -x "$package" "$work/debian"
audits "$work/debian/usr/bin/passmuster"
MANWIDTH=80 man --warnings -l "$work/debian/usr/share/man/man1/passmuster-audit.1.gz" 2>&1 | grep -q '^NAME'

echo 'made again, byte for byte'
bash packaging/release.sh "$work/again" >/dev/null 2>&1
diff "$release/SHA256SUMS" "$work/again/SHA256SUMS"
