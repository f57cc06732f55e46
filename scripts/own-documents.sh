#!/usr/bin/env bash
# shellcheck source=lib/demo_server.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib/demo_server.sh"

usage() {
    cat <<'EOF'
Usage: own-documents.sh [options] [ATTACHE_BINARY]

Tests demo servers with Schemathesis, with the documents of attache's own API
and of AuthZEN, as the server serves them. ATTACHE_BINARY is
target/release/attache, or else target/debug/attache, if it is left out.

Each document is run twice: with free ids, which are generated and mostly
unknown, and with real ids, so that requests succeed. What is changed and
removed then was made for it.

All checks decide, the one of the status codes too, but for one: what fits the
schema may be refused for a reason that no schema expresses, such as an id that
is unknown. Each such refusal is printed as a remark.

Options:
  --max-examples N   so many generated cases an operation (default 20)
  --seed N           for other generated cases (default 1)
  --only NAME        only this document, attache or authzen; may be given again
  --help

Environment:
  PYTHON   a Python of at least 3.11 (default python3)
  VENV     a folder to keep the tools in (default: a temporary one)

Ends with 0 if all passed, 1 if something failed, 2 if it could not be run.
EOF
}

max_examples=20
seed=1
only=
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --max-examples) max_examples=${2:?}; shift 2 ;;
        --seed) seed=${2:?}; shift 2 ;;
        --only) only="$only ${2:?}"; shift 2 ;;
        --) shift; break ;;
        -*) die "$1 is not known; see --help" ;;
        *) break ;;
    esac
done
[ $# -le 1 ] || die "wants at most ATTACHE_BINARY; see --help"
take_binary "${1:-}"
take_work_folder
make_venv requirements-schemathesis.txt
echo "$("$venv/bin/schemathesis" --version), $("$attache" --version)"

failed=
for document in ${only:-attache authzen}; do
    for ids in free real; do
        start_demo_with_operator
        "$venv/bin/python" "$lib/check_document.py" \
            --origin own --dialect "$document" --ids "$ids" \
            --env-file "$demo_env" --work "$work" --summary "$work/summary" \
            --max-examples "$max_examples" --seed "$seed" || failed=yes
        stop_demo || failed=yes
    done
done

echo
cat -- "$work/summary"
if [ -n "$failed" ]; then
    echo "Something failed; see above." >&2
    exit 1
fi
