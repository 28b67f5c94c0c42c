# shellcheck shell=bash
# What a script tells the person who waits for it.

if [[ -t 1 ]]; then terminal=yes; else terminal=no; fi
step_pid=

say() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }

heading() { printf '\n== %s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# show_tail LOG: the end of a log, indented, for a failure.
show_tail() {
  [[ -s $1 ]] || return 0
  printf '  the end of %s:\n' "$1" >&2
  tail -n 25 "$1" | sed 's/^/  | /' >&2
}

# progress TEXT SECONDS: on a terminal one line that counts, elsewhere a line every ten seconds.
progress() {
  if [[ $terminal == yes ]]; then
    printf '\r\033[K[%3ds] %s' "$SECONDS" "${1:0:$((${COLUMNS:-$(tput cols 2>/dev/null || echo 80)} - 8))}"
  elif (($2 > 0 && $2 % 10 == 0)); then
    say "$1"
  fi
}

end_progress() { if [[ $terminal == yes ]]; then printf '\r\033[K'; fi; }

# step TEXT LOG COMMAND…: runs a command whose output goes to LOG, shows how far it is, and the log's end when it
# fails.
step() {
  local text=$1 log=$2 started=$SECONDS waited last
  local -x NO_COLOR=1
  shift 2
  [[ $terminal == yes ]] || say "$text"
  # In the background, so that a signal to the script is heard at once; as a group, so that it can be ended whole.
  : >"$log"
  set -m
  "$@" >"$log" 2>&1 </dev/null 9>&- &
  step_pid=$!
  set +m
  while kill -0 "$step_pid" 2>/dev/null; do
    waited=$((SECONDS - started))
    if ((waited != ${last:--1})); then
      last=$waited
      progress "$text: $waited s  $(tail -n 1 "$log" | sed 's/\x1b\[[0-9;]*m//g' | tr -d '\r' | tr '\t' ' ')" "$waited"
    fi
    sleep 0.1
  done
  local status=0
  wait "$step_pid" || status=$?
  step_pid=
  end_progress
  if ((status != 0)); then
    show_tail "$log"
    printf 'error: %s: failed (exit %s)\n' "$text" "$status" >&2
    return "$status"
  fi
  say "$text: done in $((SECONDS - started)) s"
}

# end_step: ends the step that a signal has interrupted.
end_step() {
  [[ -n $step_pid ]] || return 0
  kill -TERM -- "-$step_pid" 2>/dev/null || true
  wait "$step_pid" 2>/dev/null || true
  step_pid=
  end_progress
}
