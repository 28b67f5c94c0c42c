# shellcheck shell=bash
# The SQL that is checked when compiling: what sqlx's macros find in freshly migrated databases, written to a folder.

# sql_crates: the workspace's crates that use sqlx, as folders.
sql_crates() { grep -rl --include=Cargo.toml '^sqlx[. ]' app server notifier | xargs -n 1 dirname; }

# sql_packages: the same as arguments for cargo.
sql_packages() {
  local crate
  for crate in $(sql_crates); do
    echo --package
    sed -n 's/^name = "\(.*\)"/\1/p' "$crate/Cargo.toml" | head -n 1
  done
}

# describe_sql FOLDER: needs a running MySQL (sets up its databases anew); writes the macros' findings to FOLDER.
describe_sql() {
  local folder=$1 owner crate packages
  for owner in shop notifier; do
    sql mysql --execute "drop database if exists described_$owner; create database described_$owner"
    cat migrations/"$owner"/*.sql | sql mysql "described_$owner" || return
  done
  # Cargo does not know that the databases have changed: a touch makes it run the macros again.
  for crate in $(sql_crates); do
    touch -c "$crate"/{src/{lib,main},tests/*,tests/*/main}.rs
  done
  mapfile -t packages < <(sql_packages)
  SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$folder \
    DATABASE_URL=mysql://root@127.0.0.1:$mysql_port/described_shop \
    NOTIFIER_DATABASE_URL=mysql://root@127.0.0.1:$mysql_port/described_notifier \
    cargo check --all-targets "${packages[@]}"
}

# check_sql: the committed .sqlx is what the macros find.
check_sql() {
  local found
  found=$(mktemp -d "$data/sqlx.XXXX")
  describe_sql "$found" || return
  diff --recursive --brief .sqlx "$found" || {
    say ".sqlx is not what the databases say: run script/prepare and commit it"
    return 1
  }
}

# write_sql: makes it so.
write_sql() {
  local found
  found=$(mktemp -d "$data/sqlx.XXXX")
  describe_sql "$found" || return
  rm -rf .sqlx
  mkdir .sqlx
  cp "$found"/* .sqlx/
  say "$(find .sqlx -type f | wc -l) statements in .sqlx"
}
