# shellcheck shell=bash
# Parts: the long-running processes that a script starts, watches and stops.
# Each has a record ($data/run/NAME: pid and start time) and a log ($data/log/NAME.log).

declare -A part_pids=()

# started_at PID: when the process began, in the kernel's ticks; fails for none and for a dead one.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -r -a stat <<<"${stat##*) }"
  [[ ${stat[0]} != Z ]] && echo "${stat[19]}"
}

# recorded_pid NAME: the part's process, unless it is gone and its number is someone else's by now.
recorded_pid() {
  local pid started
  read -r pid started <"$data/run/$1" 2>/dev/null || return 1
  [[ $(started_at "$pid") == "$started" ]] && echo "$pid"
}

# start_part NAME COMMAND…: in a session of its own, so that a Ctrl-C at the terminal reaches the script alone.
start_part() {
  local name=$1 log=$data/log/$1.log
  local -x NO_COLOR=1
  shift
  [[ ! -s $log ]] || mv "$log" "$log.1"
  setsid "$@" </dev/null >"$log" 2>&1 9>&- &
  part_pids[$!]=$name
  echo "$! $(started_at $! || echo gone)" >"$data/run/$name"
}

# await NAME SECONDS CHECK…: until the check passes; fails when the part dies or the time is up.
await() {
  local name=$1 limit=$2 started=$SECONDS waited
  shift 2
  if "$@" >/dev/null 2>&1; then return; fi
  until "$@" >/dev/null 2>&1; do
    waited=$((SECONDS - started))
    if ! recorded_pid "$name" >/dev/null; then
      end_progress
      show_tail "$data/log/$name.log"
      fail "$name stopped while it was starting"
    elif ((waited >= limit)); then
      end_progress
      show_tail "$data/log/$name.log"
      fail "$name is not ready after $limit s"
    fi
    progress "Waiting for $name: $waited s" "$waited"
    sleep 0.1
  done
  end_progress
  say "$name is ready"
}

# stop_part NAME: asks it to end, and kills it (with what it started) when it has not after 20 s.
stop_part() {
  local name=$1 pid asked=0 started=$SECONDS
  if pid=$(recorded_pid "$name"); then
    say "Stopping $name"
    while recorded_pid "$name" >/dev/null; do
      if ((SECONDS - started >= 20)); then
        say "$name does not stop: killing it"
        kill -KILL -- "-$pid" 2>/dev/null || true
        break
      elif ((SECONDS - started >= asked)); then
        # Asked again now and then, since RabbitMQ does not hear it while it boots.
        kill -TERM "$pid" 2>/dev/null || true
        asked=$((SECONDS - started + 4))
      fi
      sleep 0.05
    done
    wait "$pid" 2>/dev/null || true
  fi
  rm -f "$data/run/$name"
}

# stop_parts: all that are recorded, the last started first; also what an earlier, killed script left.
stop_parts() {
  local names name
  # shellcheck disable=SC2012 # our own names, and only ls sorts by time
  mapfile -t names < <(ls -t "$data/run" 2>/dev/null)
  for name in "${names[@]}"; do
    stop_part "$name"
  done
}

# watch_parts: returns when the first of them has ended, and says which.
watch_parts() {
  local pid='' status=0
  wait -n -p pid "${!part_pids[@]}" || status=$?
  [[ -n $pid ]] || return 0
  say "${part_pids[$pid]} ended by itself (exit $status)"
  show_tail "$data/log/${part_pids[$pid]}.log"
}
