# shellcheck shell=bash
# A laboratory of network namespaces on one bridge, and a capture of what goes over it. Sourced by every make.sh.
#
# Nothing here reaches another network: the namespaces have no route out, and all addresses are documentation
# addresses (RFC 5737, RFC 3849). Everything is removed when the script ends, however it ends.
#
#   host NAME LAST-OCTET [ALIAS...]   a host 192.0.2.LAST-OCTET called NAME.example.test, NAME and every ALIAS;
#                                     where V6 is set, 2001:db8::LAST-OCTET is what its names stand for
#   on NAME COMMAND...                runs a command there
#   start NAME COMMAND...             the same in the background, until the script ends; PID of it in $STARTED
#   record FILE [FILTER]              starts a capture of the bridge
#   stop                              ends it
#   during FILE COMMAND...            captures in FILE, beside the script, what goes by while the command runs, and settles it
#   fresh                             ends everything started and forgets the hosts, for the next capture

set -euo pipefail
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HERE=$(cd "$(dirname "$0")" && pwd)
SCRATCH=$(mktemp -d)
NET=ccms$$
PY=${CCM_SAMPLES_VENV:-/var/cache/ccmscope-samples}/bin/python3
DOMAIN=example.test
SITE=EX1
HOSTS=()
PORTS=()
JOBS=()
RECORDER=
export SCRATCH LIB SITE DOMAIN PYTHONPATH=$LIB PYTHONDONTWRITEBYTECODE=1 LC_ALL=C TZ=UTC
export OPENSSL_CONF=$LIB/openssl.cnf

if [ "$(id -u)" != 0 ]; then echo "needs root for network namespaces" >&2; exit 1; fi
[ -x "$PY" ] || { echo "run samples/lib/setup.sh first" >&2; exit 1; }

network() {
  ip netns add $NET
  ip -n $NET link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
  ip netns exec $NET sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  ip -n $NET link set br0 up
}

host() {
  local name=$1 octet=$2 ns=$NET-$1; shift 2
  ip netns add "$ns"
  HOSTS+=("$name")
  PORTS+=("p$octet")
  ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 \
    net.ipv4.ip_unprivileged_port_start=0
  ip link add name "p$octet" netns $NET type veth peer name eth0 netns "$ns"
  # The documentation MAC addresses of RFC 7042.
  ip -n "$ns" link set eth0 address "00:00:5e:00:53:$(printf %02x "$octet")"
  ip netns exec "$ns" ethtool -K eth0 tx off tso off gso off gro off >/dev/null 2>&1
  ip -n $NET link set "p$octet" master br0 up
  ip -n "$ns" addr add "192.0.2.$octet/24" broadcast 192.0.2.255 dev eth0
  ip -n "$ns" link set lo up
  ip -n "$ns" link set eth0 up
  ip -n "$ns" route add default dev eth0 # LLMNR and mDNS groups; nobody forwards
  local address=192.0.2.$octet
  if [ -n "${V6:-}" ]; then
    address=2001:db8::$octet
    ip netns exec "$ns" sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0 net.ipv6.conf.eth0.accept_dad=0
    ip -n "$ns" addr add "$address/64" dev eth0 nodad
  fi
  echo "$address $name.$DOMAIN $name $*" >> "$SCRATCH/hosts"
  local known
  for known in "${HOSTS[@]}"; do
    mkdir -p "/etc/netns/$NET-$known"
    { echo '127.0.0.1 localhost'; cat "$SCRATCH/hosts"; } > "/etc/netns/$NET-$known/hosts"
    [ -e "/etc/netns/$NET-$known/resolv.conf" ] || : > "/etc/netns/$NET-$known/resolv.conf"
  done
}

on() { local name=$1; shift; ip netns exec "$NET-$name" "$@"; }

start() {
  local name=$1; shift
  ip netns exec "$NET-$name" setsid "$@" > "$SCRATCH/log.$name.${#JOBS[@]}" 2>&1 < /dev/null &
  STARTED=$!
  JOBS+=("$STARTED")
}

# Waits until somebody listens on a TCP port of a host.
listening() {
  local name=$1 port=$2 tries=0
  until on "$name" ss -Hltn "sport = :$port" | grep -q .; do
    tries=$((tries + 1)); [ $tries -lt 150 ] || { echo "$name does not listen on $port" >&2; cat "$SCRATCH"/log.* >&2; exit 1; }
    sleep 0.1
  done
}

record() {
  local file=$1 filter=${2:-ip or (ip6 and (tcp or udp))}
  rm -f "$SCRATCH/tcpdump" # what the one before said
  ip netns exec $NET tcpdump -i br0 -Z root -U -n -s 0 --immediate-mode -w "$file" "$filter" 2> "$SCRATCH/tcpdump" &
  RECORDER=$!
  until grep -q 'listening on' "$SCRATCH/tcpdump" 2>/dev/null; do sleep 0.05; done
}

stop() {
  sleep "${1:-0.5}"
  kill -INT "$RECORDER" 2>/dev/null || true
  wait "$RECORDER" 2>/dev/null || true
  RECORDER=
}

# Sends everything of a capture some seconds after 2026-01-05 09:00:00 UTC, so that made captures read alike.
settle() { "$PY" "$LIB/retime.py" settle "$1"; }

during() { local file=$HERE/$1; shift; record "$file"; "$@"; stop; settle "$file"; }

fresh() {
  local job name
  for job in "${JOBS[@]:-}"; do [ -z "$job" ] || kill -- "-$job" 2>/dev/null || kill "$job" 2>/dev/null || true; done
  for job in "${JOBS[@]:-}"; do [ -z "$job" ] || wait "$job" 2>/dev/null || true; done
  JOBS=()
  for name in "${HOSTS[@]:-}"; do
    [ -n "$name" ] || continue
    ip netns pids "$NET-$name" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "$NET-$name" 2>/dev/null || true
    rm -rf "/etc/netns/$NET-$name"
  done
  HOSTS=()
  # The other ends go with their namespaces, but not at once.
  for name in "${PORTS[@]:-}"; do [ -z "$name" ] || ip -n $NET link del "$name" 2>/dev/null || true; done
  PORTS=()
  rm -f "$SCRATCH/hosts"
}

clean_up() {
  set +e
  [ -z "$RECORDER" ] || kill "$RECORDER" 2>/dev/null
  fresh
  ip netns del $NET 2>/dev/null
  rmdir /etc/netns 2>/dev/null
  rm -rf "$SCRATCH"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
network
