#!/usr/bin/env bash
# shellcheck source=lib/demo_server.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib/demo_server.sh"

usage() {
    cat <<'EOF'
Usage: generated-clients.sh [options] CONTRACTS_DIR [ATTACHE_BINARY]

Generates Python clients with openapi-python-client: first from the four
documents that the vendors published, then from the four that the server serves;
and lets each make a round trip against a demo server. CONTRACTS_DIR holds the
published ones: voicebot.json, worth.json, cloudcockpit.json and
chatcaptain.json. ATTACHE_BINARY is target/release/attache, or else
target/debug/attache, if it is left out.

The documents are taken as they are, and the generated code is used as it is.

Options:
  --only NAME   only this dialect; may be given again
  --help

Environment:
  PYTHON   a Python of at least 3.11 (default python3)
  VENV     a folder to keep the tools in (default: a temporary one)

Ends with 0 if all passed, 1 if something failed, 2 if it could not be run.
EOF
}

only=
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --only) only="$only ${2:?}"; shift 2 ;;
        --) shift; break ;;
        -*) die "$1 is not known; see --help" ;;
        *) break ;;
    esac
done
take_arguments "$@"
take_work_folder
make_venv requirements-clients.txt
echo "$("$venv/bin/openapi-python-client" --version), $("$attache" --version)"

failed=
for origin in published served; do
    for dialect in ${only:-$dialects}; do
        printf '\n== %s %s\n' "$origin" "$dialect"
        start_demo
        document=$contracts/$dialect.json
        if [ "$origin" = served ]; then
            document=$(sed -n 's/^ATTACHE_URL=//p' "$demo_env")/openapi/$dialect.json
        fi
        package=${dialect}_${origin}_client
        "$venv/bin/python" "$lib/generate_client.py" \
            --document "$document" --package "$package" --work "$work/clients" &&
            "$venv/bin/python" "$lib/round_trips.py" \
                --origin "$origin" --dialect "$dialect" --package "$package" \
                --env-file "$demo_env" --work "$work/clients" --summary "$work/summary" ||
            failed=yes
        stop_demo || failed=yes
    done
done

echo
[ ! -f "$work/summary" ] || cat -- "$work/summary"
if [ -n "$failed" ]; then
    echo "Something failed; see above." >&2
    exit 1
fi
