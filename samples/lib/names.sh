# shellcheck shell=bash
# Name services for the loc-* samples: Samba's nmbd as a WINS server or as an ordinary host. Sourced after lab.sh.

# nmbd on a host, with more lines for its smb.conf.
nmbd_on() {
  local name=$1; shift
  local dir=$SCRATCH/nmbd-$name
  mkdir -p "$dir"
  { cat <<CONF
[global]
workgroup = EXAMPLE
netbios name = ${name^^}
interfaces = eth0
bind interfaces only = yes
private dir = $dir
lock directory = $dir
state directory = $dir
cache directory = $dir
pid directory = $dir
ncalrpc dir = $dir/ncalrpc
local master = no
domain master = no
dns proxy = no
log file = $dir/log
CONF
    printf '%s\n' "$@"
  } > "$dir/smb.conf"
  start "$name" nmbd -F --no-process-group -s "$dir/smb.conf"
  local tries=0
  until on "$name" ss -Hlun 'sport = :137' | grep -q 192.0.2; do
    tries=$((tries + 1)); [ $tries -lt 100 ] || { echo "nmbd did not start" >&2; exit 1; }
    sleep 0.1
  done
  sleep 1
}

# Asks a WINS server for NAME#SUFFIX, from a host.
ask_wins() { on "$1" nmblookup -s /dev/null --recursion --unicast=192.0.2.5 "$2" || true; }

# Asks everybody.
ask_all() { on "$1" nmblookup -s /dev/null -B 192.0.2.255 "$2" || true; }

nbns() { local name=$1; shift; on "$name" "$PY" "$LIB/nbns.py" "$@"; }
