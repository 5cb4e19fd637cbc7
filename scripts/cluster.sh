# shellcheck shell=bash disable=SC2153
# cluster.sh: three nodes on this machine: start, look at, stop. Sourced.
# The caller sets NODE_DIR and calls use_ports; node i listens on peer_port i and http_port i.

NODES="1 2 3"
READY_SECONDS=10
STOP_SECONDS=10
declare -A NODE_PID

# use_ports PEER_BASE HTTP_BASE: node i has base + i.
use_ports() {
  PEER_BASE=$1
  HTTP_BASE=$2
}

peer_port() { echo $((PEER_BASE + $1)); }
http_port() { echo $((HTTP_BASE + $1)); }
url() { echo "http://127.0.0.1:$(http_port "$1")"; }
node_log() { echo "$NODE_DIR/node-$1.log"; }

members() {
  echo "1=127.0.0.1:$(peer_port 1),2=127.0.0.1:$(peer_port 2),3=127.0.0.1:$(peer_port 3)"
}

endpoints() {
  echo "127.0.0.1:$(http_port 1),127.0.0.1:$(http_port 2),127.0.0.1:$(http_port 3)"
}

start_node() {
  local id=$1
  mkdir -p "$NODE_DIR"
  # A session of its own: Ctrl-C reaches this script only, which then stops the nodes. Should the
  # script itself be killed, the kernel stops them.
  setsid setpriv --pdeathsig TERM "$TROUPED" --node-id "$id" --members "$(members)" \
    --http "127.0.0.1:$(http_port "$id")" --data-dir "$NODE_DIR/node-$id" \
    </dev/null >>"$(node_log "$id")" 2>&1 &
  NODE_PID[$id]=$!
}

start_nodes() {
  local id
  for id in $NODES; do start_node "$id"; done
}

is_running() { [ -n "${NODE_PID[$1]:-}" ] && kill -0 "${NODE_PID[$1]}" 2>/dev/null; }

# A node that ended at its start is shown with its last words.
check_running() {
  local id
  for id in $NODES; do
    is_running "$id" && continue
    show_end_of "$id"
    show_port_holders "$id"
    exit 1
  done
}

show_end_of() {
  printf 'node %s ended; its log, %s, ends with:\n' "$1" "$(node_log "$1")" >&2
  tail -n 20 "$(node_log "$1")" >&2
}

show_port_holders() {
  command -v ss >/dev/null || return 0
  ss -Hltnp "( sport = :$(peer_port "$1") or sport = :$(http_port "$1") )" >&2
}

get() { curl -fsS --max-time 5 "$@" 2>/dev/null; }

is_ready() { get -o /dev/null "$(url "$1")/health/ready"; }

all_ready_or_dead() {
  local id
  for id in $NODES; do
    is_running "$id" || return 0
    is_ready "$id" || return 1
  done
}

wait_all_ready() {
  wait_until "$READY_SECONDS" all_ready_or_dead || die_not_ready
  check_running
}

die_not_ready() {
  local id
  for id in $NODES; do
    say "node $id: $(curl -sS --max-time 5 "$(url "$id")/health/ready" 2>&1)" >&2
  done
  die "not ready within $READY_SECONDS s; the logs are $NODE_DIR/node-*.log"
}

stop_node() {
  local pid=${NODE_PID[$1]:-}
  [ -n "$pid" ] || return 0
  kill "$2" "$pid" 2>/dev/null
  wait_until "$STOP_SECONDS" pid_gone "$pid" || kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  unset "NODE_PID[$1]"
}

# A child that ended stays as a zombie until it is waited for.
pid_gone() {
  local state
  state=$(awk '/^State:/ {print $2}' "/proc/$1/status" 2>/dev/null)
  [ -z "$state" ] || [ "$state" = Z ]
}

stop_nodes() {
  local id
  for id in $NODES; do
    [ -z "${NODE_PID[$id]:-}" ] || kill -TERM "${NODE_PID[$id]}" 2>/dev/null
  done
  for id in $NODES; do stop_node "$id" -TERM; done
}
