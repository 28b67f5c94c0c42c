# shellcheck shell=bash
# Ports: the preferred one; where it is taken the one of the last start, or the next that is free.

declare -A chosen_ports=()

# port_is_free PORT: nobody on this machine has it, and this run has not promised it.
port_is_free() {
  [[ -z ${chosen_ports[$1]:-} ]] || return 1
  # State 06 is TIME_WAIT, which does not keep a server from listening.
  awk -v port=":$(printf %04X "$1")" '
    substr($2, length($2) - 4) == port && $4 != "06" { taken = 1 }
    END { exit taken }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# choose_port NAME PREFERRED: sets the variable NAME_port.
choose_port() {
  local name=$1 port=$2 remembered
  remembered=$(sed -n "s/^$name=//p" "$data/ports" 2>/dev/null || true)
  if ! port_is_free "$port"; then port=${remembered:-$port}; fi
  until port_is_free "$port"; do
    ((++port < 65536)) || fail "no free port for $name from $2 on"
  done
  if ((port != $2)); then say "port $2 is taken: $name uses $port"; fi
  chosen_ports[$port]=$name
  { sed "/^$name=/d" "$data/ports" 2>/dev/null || true; echo "$name=$port"; } >"$data/ports.new"
  mv "$data/ports.new" "$data/ports"
  printf -v "${name}_port" %s "$port"
}

# port_answers PORT
port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
