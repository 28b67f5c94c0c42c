# shellcheck shell=bash
# The whole shop under people who buy and a nemesis that kills: how its programs are built and started.

# build_torture: the programs with the places at which they can be made to die, into $data/torture-programs, from where
# they run: what cargo builds next in the same place is without.
build_torture() {
  step 'Building the shop that can be killed' "$data/log/torture-build.log" build_torture_programs
}

build_torture_programs() {
  # All packages, so that what they are made of is the tests' too.
  mkdir -p "$data/torture-programs" "$CARGO_TARGET_DIR" && exec 8>"$CARGO_TARGET_DIR/octavo.lock" && flock 8 &&
    cargo build --features server/failpoints,notifier/failpoints --bins &&
    cp "$CARGO_TARGET_DIR"/debug/octavo-{server,notifier,bank,torture} "$data/torture-programs/"
}

# A command that starts another one again whenever that ends; its first argument is the file for the process id.
# shellcheck disable=SC2016 # it is another bash's
keeper=(bash -c '
  trap "kill \$!; wait; exit" TERM
  while :; do "$@" & echo $! >"$0"; wait $!; sleep 0.2; done')

# start_torture_database ENGINE PREFERRED-PORT: one that loses nothing when it is killed, and is started again then.
start_torture_database() {
  local database_keeper=("${keeper[@]}" "$data/run.$1")
  start_database "$1" "$data/torture-$1" "$2" --innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=256M \
    --max-connections=1000
}

# start_torture_rabbitmq: one that is started again when it is killed or stopped.
start_torture_rabbitmq() {
  local broker_keeper=("${keeper[@]}" "$data/run.rabbitmq")
  start_rabbitmq "$data/rabbitmq"
}

# torture ENGINE SEED SECONDS: one run; its logs and its history stay in $data/log/torture-SEED.
torture() {
  local -x TEST_DATABASE_URL TORTURE_DATABASE_PID=$data/run.$1
  local -x TORTURE_BROKER_PID=$data/run.rabbitmq TORTURE_BROKER_CONTROL=$data/rabbitmq/control
  TEST_DATABASE_URL=$(database_url "$1" root '')
  local -x TEST_BROKER_URL=amqp://octavo:$rabbitmq_secret@127.0.0.1:$rabbitmq_port/%2f
  "$data/torture-programs/octavo-torture" "$2" "$3" "$data/log/torture-$2${OCTAVO_DEFECT:+-$OCTAVO_DEFECT}"
}

# What the checker must notice, the purchase's own first, and by which invariant: a defect that only shows as something
# else is not caught.
known_defects=(plain_read no_key fresh_bank_key unguarded_release on_after_deadlock marked_early early_ack message_id_per_try)
declare -A signs=([plain_read]=S1 [no_key]=S3 [fresh_bank_key]=S2 [unguarded_release]='S[14]' [on_after_deadlock]='S[134]'
  [marked_early]='Q4 .*no mail' [early_ack]='Q4 .*no mail' [message_id_per_try]='Q4 .* different mails')

# catch_defects ENGINE SEED: switches each on in turn, for at most three short runs; fails when one was missed.
catch_defects() {
  local engine=$1 first=$2 seed missed=0 found
  local -x OCTAVO_DEFECT
  for OCTAVO_DEFECT in "${known_defects[@]}"; do
    found=
    for ((seed = first; seed < first + 3 && ${#found} == 0; seed++)); do
      torture "$engine" "$seed" 40 >"$data/log/torture.log" 2>&1 || true
      found=$(grep -m 1 "^VIOLATION ${signs[$OCTAVO_DEFECT]}" "$data/log/torture.log" || true)
      grep -q '^torture seed' "$data/log/torture.log" || show_tail "$data/log/torture.log"
    done
    if [[ -n $found ]]; then
      say "caught $OCTAVO_DEFECT, seed $((seed - 1)), such as: ${found#VIOLATION }"
    else
      say "MISSED $OCTAVO_DEFECT"
      missed=$((missed + 1))
    fi
  done
  say "${#known_defects[@]} defects, $missed missed"
  ((missed == 0))
}
