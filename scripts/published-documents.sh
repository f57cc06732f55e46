#!/usr/bin/env bash
# shellcheck source=lib/demo_server.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib/demo_server.sh"

usage() {
    cat <<'EOF'
Usage: published-documents.sh [options] CONTRACTS_DIR [ATTACHE_BINARY]

Tests demo servers with Schemathesis: first with the four documents that the
vendors published, then with the four that the server serves. CONTRACTS_DIR
holds the published ones: voicebot.json, worth.json, cloudcockpit.json and
chatcaptain.json. ATTACHE_BINARY is target/release/attache, or else
target/debug/attache, if it is left out.

Each document is run twice: with free ids, which are generated and mostly
unknown, and with real ids, so that requests succeed.

With a published document, these decide: server errors, and answers that break a
documented schema, content type or header. All other checks but that of the
status codes, which those documents mostly leave out, are made and printed.
With a served document all checks decide, the one of the status codes too; but
what fits the schema may be refused for a reason that no schema can express,
such as an id that is unknown.

Options:
  --max-examples N   so many generated cases an operation (default 60)
  --seed N           for other generated cases (default 1)
  --only NAME        only this dialect; may be given again
  --help

Environment:
  PYTHON   a Python of at least 3.11 (default python3)
  VENV     a folder to keep the tools in (default: a temporary one)

Ends with 0 if all passed, 1 if something failed, 2 if it could not be run.
EOF
}

max_examples=60
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
take_arguments "$@"
take_work_folder
make_venv requirements-schemathesis.txt
echo "$("$venv/bin/schemathesis" --version), $("$attache" --version)"

failed=
for origin in published served; do
    for dialect in ${only:-$dialects}; do
        for ids in free real; do
            start_demo
            "$venv/bin/python" "$lib/check_document.py" \
                --origin "$origin" --dialect "$dialect" --ids "$ids" \
                --contracts "$contracts" --env-file "$demo_env" \
                --work "$work" --summary "$work/summary" \
                --max-examples "$max_examples" --seed "$seed" || failed=yes
            stop_demo || failed=yes
        done
    done
done

echo
cat -- "$work/summary"
if [ -n "$failed" ]; then
    echo "Something failed; see above." >&2
    exit 1
fi
