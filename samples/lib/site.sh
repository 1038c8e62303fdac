# A management point and the programs that talk to it, for the http-, msg-, status-, state- and sup- samples. Sourced
# after lab.sh.

# A server of lib/mp.py on a host: serve HOST [PORT] [OPTIONS].
serve() {
  local name=$1 port=${2:-80}; shift; [ $# -eq 0 ] || shift
  start "$name" "$PY" "$LIB/mp.py" "$port" "$@"
  listening "$name" "$port"
}

# A client's steps: ccm HOST [OPTIONS] STEP...
ccm() { local name=$1; shift; on "$name" "$PY" "$LIB/ccm.py" --name "${name^^}" --id "$(smsid "$name")" "$@"; }
smsid() { printf 'GUID:0A1B2C3D-0%s-4000-8000-00000000BEEF' "${1#ws}"; }
