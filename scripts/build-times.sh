#!/usr/bin/env bash
# How long building takes, cold and warm, as CONTRIBUTING's table has it. Builds in a
# folder of its own; needs some 6 GB there, and a machine that does nothing else.
#
#   scripts/build-times.sh [FOLDER]        default: target/build-times
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --help ]; then sed -n '2,5s/^# \{0,1\}//p' "$0"; exit; fi
folder=${1:-target/build-times}
rm -rf "$folder"
mkdir -p "$folder"
export CARGO_TARGET_DIR
CARGO_TARGET_DIR=$(cd "$folder" && pwd)
cargo fetch --locked --quiet

# The wall clock and the processors' seconds that a command takes.
took() {
  local name=$1
  shift
  local times
  times=$( { TIMEFORMAT='%R %U'; time "$@" >"$folder/log" 2>&1; } 2>&1 ) || { cat "$folder/log"; exit 1; }
  printf '%-58s %6.1f s  (%6.1f s of processors)\n' "$name" ${times}
}
# As if a file had been changed: a comment at its end, and away again.
changed() {
  local file=$1
  shift
  printf '// changed\n' >>"$file"
  trap 'sed -i "\$d" "'"$file"'"' EXIT
  took "$file → $*" "$@"
  sed -i '$d' "$file"
  trap - EXIT
}

took "cold: cargo build --release --bin attache" cargo build --release --locked --bin attache
took "cold: cargo test --no-run" cargo test --locked --no-run
took "warm: cargo test -p attache-dialects --no-run" cargo test --locked -p attache-dialects --no-run
changed crates/dialects/src/worth/record.rs cargo test --locked -p attache-dialects
took "warm: cargo test -p attache-core --no-run" cargo test --locked -p attache-core --no-run
changed crates/core/src/ask/members.rs cargo test --locked -p attache-core
changed crates/http/src/problem.rs cargo test --locked -p attache-http
changed crates/server/src/cli/members.rs cargo build --locked --bin attache
took "cargo clippy --workspace --all-targets, cold" cargo clippy --locked --workspace --all-targets
took "cargo doc --workspace --no-deps, after clippy" cargo doc --locked --workspace --no-deps
