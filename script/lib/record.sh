# shellcheck shell=bash
# What a long run of the tests has passed already: it goes on where it was cut off, and sums up at its end.

# open_record: where the results for this state of the code lie. With changes that are not committed there is no state to
# go by, so nothing is taken from before.
open_record() {
  local state
  if [[ -z $(git status --porcelain -- . ':!docs/proof') ]]; then
    state=$(git ls-tree -r HEAD | grep --invert-match $'\tdocs/proof/' | git hash-object --stdin)
    record=$cache/long/$state
  else
    say "There are changes that are not committed: nothing is taken from an earlier run"
    record=$cache/long/uncommitted
    rm -rf "$record"
  fi
  mkdir -p "$record"
}

# recorded PART: says so where it has passed before.
recorded() { [[ -s $record/$1 ]] && say "$1 has passed before: $(<"$record/$1")"; }

# record PART SECONDS PASSED FAILED [REMARK]: keeps what has passed.
record() {
  if (($4 == 0)); then printf '| %s | %s | %s | %s |\n' "$1" "$3" "$2" "${5:-}" >"$record/$1"; fi
}

# sum_up PART…: the summary, if all of them have passed on one commit.
sum_up() {
  local part
  if [[ $record == */uncommitted ]]; then return; fi
  for part; do [[ -s $record/$part ]] || return 0; done
  {
    printf '# script/test --long\n\nAll parts passed on %s, code of commit %s, %s processors.\n\n' \
      "$(date --utc +%F)" "$(git rev-parse --short HEAD)" "$(nproc)"
    printf '| part | tests | seconds | |\n| --- | ---: | ---: | --- |\n'
    for part; do cat "$record/$part"; done
  } >docs/proof/test-long.md
  say "The summary is in docs/proof/test-long.md"
}
