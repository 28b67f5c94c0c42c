# shellcheck shell=bash
# Where things lie. Caches are shared by all clones of one user; data belongs to one clone.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/octavo
data=$root/.octavo
node_modules=$cache/node/node_modules

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# /usr/sbin, since Debian keeps servers there and not every user looks.
PATH=$cache/tools/bin:$cache/node/bin:$node_modules/.bin:$PATH:$HOME/.cargo/bin:/usr/sbin
mkdir -p "$cache"

# open_data: makes the data folder, for its owner alone, and keeps a second script out of it.
open_data() {
  (umask 077 && mkdir -p "$data"/{log,run})
  exec 9>"$data/lock"
  flock -n 9 || fail "another script is at work in $data (an open shop, or a test): stop it first"
}
