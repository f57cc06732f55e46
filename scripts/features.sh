#!/usr/bin/env bash
# Which dependencies `cargo test -p PACKAGE` builds with other features than `cargo test`
# does, and therefore anew. What it names belongs into crates/dev-features/Cargo.toml.
# The core, and what stands beside it, is left out: its tests need too little of the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --help ]; then sed -n '2,4s/^# //p' "$0"; exit; fi

features() {
  cargo tree --locked "$@" -e normal,build,dev -f '{p} {f}' --prefix none |
    sed 's/ (\*)$//; s/ *$//' | grep -v '^attache' | sort -u
}
all=$(features)
different=0
for package in log tenants jwt http dialects api authzen apis; do
  own=$(comm -23 <(features -p "attache-$package") <(printf '%s\n' "$all"))
  [ -z "$own" ] || { printf 'attache-%s\n%s\n' "$package" "$own"; different=1; }
done
own=$(comm -23 <(features -p attache) <(printf '%s\n' "$all"))
[ -z "$own" ] || { printf 'attache\n%s\n' "$own"; different=1; }
exit "$different"
