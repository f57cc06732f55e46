#!/usr/bin/env bash
# shellcheck source=lib/demo_server.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib/demo_server.sh"

usage() {
    cat <<'EOF'
Usage: authzen-vectors.sh [options] CONFORMANCE_DIR [ATTACHE_BINARY]

Runs the AuthZEN 1.0 test vectors against a server. CONFORMANCE_DIR holds
run_vectors.py and oidf-vectors.json. ATTACHE_BINARY is target/release/attache,
or else target/debug/attache, if it is left out.

The server has a data folder of its own, with the world that the vectors are
about: scripts/lib/authzen, imported by the command line. What failed is listed
at the end, by what it needs.

Options:
  --only SUBSTRING   only the test plans whose name contains it
  --help

Environment:
  PYTHON   a Python of at least 3.11 (default python3)

Ends with 0 if all passed, or all but those that need rules over properties,
which attache does not have; 1 if another failed; 2 if it could not be run.
EOF
}

only=
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --only) only=${2:?}; shift 2 ;;
        --) shift; break ;;
        -*) die "$1 is not known; see --help" ;;
        *) break ;;
    esac
done
[ $# -ge 1 ] && [ $# -le 2 ] || die "wants CONFORMANCE_DIR [ATTACHE_BINARY]; see --help"
conformance=$1
for file in run_vectors.py oidf-vectors.json; do
    [ -f "$conformance/$file" ] || die "$conformance/$file is missing"
done
take_binary "${2:-}"
take_work_folder
python=${PYTHON:-python3}
export PYTHONDONTWRITEBYTECODE=1

data=$work/data
"$attache" --data "$data" init --tenant vectors --admin-email admin@vectors.example \
    >/dev/null 2>"$work/begin.log" || { cat -- "$work/begin.log" >&2; die "init failed"; }
"$attache" --data "$data" import "$lib/authzen" --tenant vectors
token=$("$attache" --data "$data" token create --service vectors --grant decision-point \
    2>"$work/begin.log") || { cat -- "$work/begin.log" >&2; die "there is no token"; }

serve_data "$data"
"$python" "$conformance/run_vectors.py" "http://$address" --token "$token" -q \
    --plan "$only" --junit "$work/junit.xml" || true
[ -f "$work/junit.xml" ] || die "run_vectors.py did not come to an end"
"$python" "$lib/authzen_summary.py" "$conformance/oidf-vectors.json" "$work/junit.xml"
