# Sourced by the scripts: tools in a virtual environment, and a demo server.
# shellcheck shell=bash

set -euo pipefail

lib=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname -- "$(dirname -- "$lib")")
dialects=$(cd -- "$root/crates/dialects/src" && printf "%s " */ | tr -d /)
server=
serving=

die() {
    printf '%s: %s\n' "$(basename -- "$0")" "$1" >&2
    exit 2
}

# Takes the documents' folder and the binary, which may be left out.
take_arguments() {
    [ $# -ge 1 ] && [ $# -le 2 ] || die "wants CONTRACTS_DIR [ATTACHE_BINARY]; see --help"
    contracts=$1
    for dialect in $dialects; do
        [ -f "$contracts/$dialect.json" ] || die "$contracts/$dialect.json is missing"
    done
    contracts=$(cd -- "$contracts" && pwd)
    take_binary "${2:-}"
}

# Takes the binary, or else one that was built.
take_binary() {
    attache=$1
    if [ -z "$attache" ]; then
        attache=$root/target/release/attache
        [ -x "$attache" ] || attache=$root/target/debug/attache
    fi
    [ -x "$attache" ] || die "$attache is no program; build it, or name another"
    attache=$(cd -- "$(dirname -- "$attache")" && pwd)/$(basename -- "$attache")
}

# A folder of our own, and nothing left behind.
take_work_folder() {
    work=$(mktemp -d)
    trap 'status=$?; stop_demo || true; rm -rf -- "$work"; exit "$status"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Installs the pinned requirements, into $VENV if it is set.
make_venv() {
    local base=${PYTHON:-python3} wanted=$lib/$1
    "$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "$base is older than Python 3.11; name another in PYTHON"
    venv=${VENV:-$work/venv}
    "$base" -m venv "$venv"
    venv=$(cd -- "$venv" && pwd)
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    export PYTHONDONTWRITEBYTECODE=1
}

# Starts a fresh demo; its variables stand in $demo_env.
start_demo() {
    stop_demo
    demo_env=$work/demo.env
    rm -f -- "$demo_env"
    "$attache" demo --listen 127.0.0.1:0 --env-file "$demo_env" >"$work/demo.log" 2>&1 &
    server=$!
    local tries=0
    # The file appears whole; the server listens already when it is written.
    until grep -q '^ATTACHE_URL=.' "$demo_env" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
            cat -- "$work/demo.log" >&2
            die "the demo did not start"
        fi
        sleep 0.1
    done
}

# Serves a data folder; $address is where.
serve_data() {
    # The address of a server before must not be read.
    : >"$work/serve.log"
    ATTACHE_LOGGING__FORMAT=json "$attache" --data "$1" serve --listen 127.0.0.1:0 \
        >"$work/serve.log" 2>&1 &
    serving=$!
    address=
    local tries=0
    while [ -z "$address" ]; do
        address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$work/serve.log" | head -n 1)
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$serving" 2>/dev/null; then
            cat -- "$work/serve.log" >&2
            die "the server did not start"
        fi
        sleep 0.1
    done
}

# Starts a fresh demo, and beside it a server of its data that knows the operator,
# whom a demo does not have. $demo_env holds the address of the latter.
start_demo_with_operator() {
    start_demo
    local data hash
    data=$(sed -n 's/.* --data \([^ ]*\) members .*/\1/p' "$work/demo.log" | head -n 1)
    [ -d "$data" ] || die "the demo does not say where its data is"
    "$attache" operator-token >"$work/operator" 2>/dev/null || die "there is no operator's token"
    hash=$(sed -n 's/^operator_token_sha256 = "\(.*\)"$/\1/p' "$work/operator")
    export ATTACHE_OPERATOR_TOKEN_SHA256=$hash
    serve_data "$data"
    unset ATTACHE_OPERATOR_TOKEN_SHA256
    sed -i "s|^ATTACHE_URL=.*|ATTACHE_URL=http://$address|" "$demo_env"
    echo "OPERATOR_TOKEN=$(sed -n 1p "$work/operator")" >>"$demo_env"
}

# Ends the servers that were started here, and says so if one had ended by itself.
stop_demo() {
    local failed=
    end_server "$serving" "$work/serve.log" || failed=yes
    serving=
    end_server "$server" "$work/demo.log" || failed=yes
    server=
    [ -z "$failed" ]
}

end_server() {
    local pid=$1 log=$2
    [ -n "$pid" ] || return 0
    local died=
    kill -TERM "$pid" 2>/dev/null || died=yes
    local tries=0
    while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    if [ -n "$died" ]; then
        echo "The server ended before it was told to:" >&2
        cat -- "$log" >&2
        return 1
    fi
}
