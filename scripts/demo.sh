# shellcheck shell=bash disable=SC2153,SC2086
# demo.sh: one walk through what a cluster is for. Sourced by run.

DEMO_GROUP=naming_persistent_service_v2
DEMO_SERVICE=orders

step() { printf '\n== %s\n' "$*"; }

# A directory and ports of its own, so that it can run beside another cluster.
choose_place() {
  NODE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/troupe-demo.XXXXXX")
  local base=20000
  while ports_taken "$base"; do base=$((base + 20)); done
  use_ports "$base" $((base + 10))
}

ports_taken() {
  local port
  for port in $(seq $(($1 + 1)) $(($1 + 3))) $(seq $(($1 + 11)) $(($1 + 13))); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
  done
  return 1
}

leave_place() {
  stop_nodes
  rm -rf "$NODE_DIR"
}

# naming_url NODE PATH PARAMETERS
naming_url() { echo "$(url "$1")/nacos/v1/ns/$2?serviceName=$DEMO_SERVICE&$3"; }

# Registering the same instance again changes nothing, so it may be repeated until it succeeds.
post_instance() { get -X POST "$(naming_url "$1" instance "ip=$2&port=8080&ephemeral=false")"; }

register_instance() {
  local answer
  answer=$(post_instance "$1" "$2")
  [ "$answer" = ok ] || die "registering $2 through node $1 failed: $answer"
  say "registered $2:8080 through node $1"
}

# The addresses that a node shows, sorted, on one line.
instances_of() {
  get "$(naming_url "$1" catalog/instances "clusterName=DEFAULT&pageNo=1&pageSize=100")" |
    python3 -c 'import json,sys; print(*sorted(h["ip"] for h in json.load(sys.stdin)["list"]))'
}

has_instances() { [ "$(instances_of "$1" | wc -w)" -eq "$2" ]; }

show_instances() {
  local id count=$1
  shift
  for id in "$@"; do
    wait_until 10 has_instances "$id" "$count" || die "node $id does not show all $count"
    say "node $id shows $(instances_of "$id")"
  done
}

says_leader() {
  python3 -c 'import json,sys; sys.exit(json.load(sys.stdin)["role"] != "leader")' 2>/dev/null
}

# The node that says of itself that it leads the group; empty when there is none.
leader() {
  local id
  for id in $NODES; do
    is_running "$id" || continue
    get "$(url "$id")/admin/v1/groups/$DEMO_GROUP" | says_leader && echo "$id" && return
  done
}

has_leader() { [ -n "$(leader)" ]; }

accepts_instance() { post_instance "$1" "$2" >/dev/null; }

kill_leader() {
  local old=$1 begin
  begin=$(now_ms)
  kill -9 "${NODE_PID[$old]}"
  wait "${NODE_PID[$old]}" 2>/dev/null
  unset "NODE_PID[$old]"
  say "node $old is gone"
  wait_until 10 has_leader || die "no new leader within 10 s"
  say "node $(leader) leads now, $(($(now_ms) - begin)) ms after the kill"
  wait_until 10 accepts_instance "$2" 10.0.0.4 || die "no write within 10 s"
  say "registered 10.0.0.4:8080 through node $2, $(($(now_ms) - begin)) ms after the kill"
}

survivors_of() {
  case $1 in
    1) echo 2 3 ;;
    2) echo 1 3 ;;
    3) echo 1 2 ;;
  esac
}

demo() {
  choose_place
  trap 'leave_place' EXIT
  trap 'exit 130' INT TERM HUP
  step "three nodes on $(endpoints)"
  start_nodes
  wait_all_ready
  demo_walk
  step "done: nothing was lost"
}

demo_walk() {
  local old survivors
  step "register an instance through each node, see all through each"
  local id
  for id in $NODES; do register_instance "$id" "10.0.0.$id"; done
  show_instances 3 $NODES

  old=$(leader)
  survivors=$(survivors_of "$old")
  step "kill -9 node $old, the leader of $DEMO_GROUP"
  kill_leader "$old" ${survivors##* }
  show_instances 4 $survivors

  step "start node $old again: it catches up"
  start_node "$old"
  wait_all_ready
  show_instances 4 "$old"
  step "the cluster as troupectl sees it"
  "$TROUPECTL" --endpoints "$(endpoints)" status
}
