#!/usr/bin/env bash
# shellcheck source=lib/demo_server.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib/demo_server.sh"

usage() {
    cat <<'EOF'
Usage: own-clients.sh [options] [ATTACHE_BINARY]

Generates clients from the documents that the server serves of attache's own API
and of AuthZEN: in Python with openapi-python-client, in TypeScript with
openapi-typescript, compiled by tsc --strict; and lets each make a round trip
against a demo server. The one in Python calls every operation. ATTACHE_BINARY
is target/release/attache, or else target/debug/attache, if it is left out.

The documents are taken as they are, and the generated code is used as it is.

Options:
  --only LANGUAGE   only this one, python or typescript; may be given again
  --help

Environment:
  PYTHON   a Python of at least 3.11 (default python3)
  VENV     a folder to keep the Python tools in (default: a temporary one)
  NODE     a Node.js of at least 20, with npm beside it (default node)

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
[ $# -le 1 ] || die "wants at most ATTACHE_BINARY; see --help"
take_binary "${1:-}"
take_work_folder

wanted=${only:-python typescript}

for language in $wanted; do
    case $language in
        python)
            make_venv requirements-clients.txt
            "$venv/bin/openapi-python-client" --version
            ;;
        typescript)
            node=${NODE:-node}
            "$node" -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
                die "$node is missing or older than Node.js 20; name another in NODE"
            typescript=$work/typescript
            mkdir -- "$typescript"
            cp -- "$lib"/typescript/* "$typescript"
            npm ci --prefix "$typescript" --silent --no-audit --no-fund --ignore-scripts
            tools=$typescript/node_modules
            for tool in openapi-typescript openapi-fetch typescript; do
                "$node" -p 'process.argv[1] + " " + JSON.parse(fs.readFileSync(process.argv[2])).version' \
                    "$tool" "$tools/$tool/package.json"
            done
            ;;
        *) die "$language is not known; see --help" ;;
    esac
done
"$attache" --version

python_client() {
    local document
    for document in attache authzen; do
        "$venv/bin/python" "$lib/generate_client.py" --package "${document}_client" \
            --document "$url/openapi/$document.json" --work "$work/clients" || return 1
    done
    "$venv/bin/python" "$lib/own_round_trip.py" \
        --env-file "$demo_env" --work "$work/clients" --summary "$work/summary"
}

typescript_client() {
    local document
    for document in attache authzen; do
        "$node" "$typescript/fetch.js" \
            "$url/openapi/$document.json" "$typescript/$document.json" || return 1
        "$node" "$tools/openapi-typescript/bin/cli.js" \
            "$typescript/$document.json" --output "$typescript/$document.ts" || return 1
    done
    "$node" "$tools/typescript/bin/tsc" --project "$typescript/tsconfig.json" || return 1
    echo "   compiled, with nothing to complain"
    "$node" "$typescript/out/round_trip.js" "$demo_env" "$work/summary"
}

failed=
for language in $wanted; do
    printf '\n== %s\n' "$language"
    start_demo_with_operator
    url=$(sed -n 's/^ATTACHE_URL=//p' "$demo_env")
    "${language}_client" || failed=yes
    stop_demo || failed=yes
done

echo
[ ! -f "$work/summary" ] || cat -- "$work/summary"
if [ -n "$failed" ]; then
    echo "Something failed; see above." >&2
    exit 1
fi
