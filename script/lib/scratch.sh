# shellcheck shell=bash
# A data folder for one run, gone afterwards, with databases that are quick because they need not survive anything.

# On a tmpfs where there is one with room: a test writes much and keeps nothing.
open_scratch() {
  local place=${TMPDIR:-/tmp}
  if [[ -w /dev/shm && $(df --output=avail -m /dev/shm | tail -n 1) -gt 2000 ]]; then place=/dev/shm; fi
  sweep_scratch "$place"
  data=$(mktemp -d "$place/octavo-XXXXXX")
  open_data
}

# sweep_scratch PLACE: removes what runs that were killed have left there, their processes too.
sweep_scratch() {
  local data
  for data in "$1"/octavo-??????; do
    [[ -O $data/lock ]] || continue
    (
      flock -n 8 || exit 0
      say "Clearing away $data, left by a run that was killed"
      stop_parts
      rm -rf "$data"
    ) 8>>"$data/lock"
  done
}

# close_scratch [KEEP-LOGS-IN]
close_scratch() {
  trap '' INT TERM
  end_step
  stop_parts
  if [[ -n ${1:-} ]]; then
    rm -rf "$1"
    mkdir -p "$(dirname "$1")"
    cp -r "$data/log" "$1"
  fi
  rm -rf "$data"
}

# start_scratch_database ENGINE PREFERRED-PORT
start_scratch_database() {
  start_database "$1" "$data/$1" "$2" --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF \
    --innodb-buffer-pool-size=256M --max-connections=1000
}
