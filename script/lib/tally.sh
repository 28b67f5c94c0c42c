# shellcheck shell=bash
# Counting what passed and failed, over checks of our own, cargo's tests and Playwright's.

passed=0
failed=0
failures=()

count() {
  passed=$((passed + $1))
  failed=$((failed + $2))
}

# check NAME COMMAND…: one check, by the command's exit code.
check() {
  local name=$1
  shift
  if "$@"; then
    count 1 0
  else
    count 0 1
    failures+=("$name")
    say "$name: failed"
  fi
}

# cargo_tests NAME ARGUMENT…: runs `cargo test` and counts its tests; what stops it from running them is one failure.
cargo_tests() {
  local name=$1 log=$data/log/cargo-test.log status=0 counted
  shift
  cargo test --no-fail-fast "$@" 2>&1 | tee "$log" || status=$?
  read -r -a counted < <(awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$log")
  if ((status != 0 && counted[1] == 0)); then counted[1]=1; fi
  count "${counted[@]}"
  if ((status != 0)); then failures+=("$name"); fi
}

# browser_tests NAME FOLDER: runs Playwright there and counts its tests; its own list names what passed at the second try.
browser_tests() {
  local name=$1 report=$data/playwright.json status=0 counted=(0 0)
  (cd "$2" && PLAYWRIGHT_JSON_OUTPUT_NAME=$report npx playwright test --reporter=list,json) || status=$?
  if [[ -s $report ]]; then
    # shellcheck disable=SC2016 # the $ are JavaScript's
    read -r -a counted < <(node --print '
      const { expected, unexpected, flaky } = JSON.parse(fs.readFileSync(process.argv[1])).stats;
      `${expected + flaky} ${unexpected}`' "$report")
  fi
  if ((counted[1] == 0 && (status != 0 || counted[0] == 0))); then counted[1]=1; fi
  count "${counted[@]}"
  if ((counted[1] != 0)); then failures+=("$name"); fi
}

# tally: the last line of a test run; fails when something has.
tally() {
  local failure
  printf '\n'
  for failure in "${failures[@]}"; do printf 'failed: %s\n' "$failure"; done
  printf '%s passed, %s failed\n' "$passed" "$failed"
  ((failed == 0))
}
