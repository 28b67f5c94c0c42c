# shellcheck shell=bash
# The whole shop on private services: how it is built, migrated, filled and started. script/server keeps it open for a
# person, script/test for a browser.

catalogue=server/search/catalogue.toml

# start_services ENGINE FOLDER ARGUMENT…: database (in FOLDER), broker and mail sink; all at once, since they take seconds.
start_services() {
  local engine=$1 folder=$2
  shift 2
  start_database "$engine" "$folder/$engine" 13306 "$@"
  start_rabbitmq "$data/rabbitmq"
  start_mailsink "$data/mail"
}

await_services() {
  await_database "$1"
  await_mailsink
  await_rabbitmq
}

# build_shop PROFILE: server and browser part, bank and notifier; `release` or `dev`.
build_shop() {
  local release=(--release --precompress)
  programs=$CARGO_TARGET_DIR/release
  if [[ $1 == dev ]]; then
    release=()
    programs=$CARGO_TARGET_DIR/debug
  fi
  step "Building the shop" "$data/log/build.log" cargo leptos build "${release[@]}" &&
  step "Building bank and notifier" "$data/log/build-others.log" \
    cargo build "${release[@]:0:1}" --package bank --package notifier --bins &&
    say "The browser's part: $(browser_part_size)"
}

# browser_part FORM: the newest .wasm of the site, as it is ('') or compressed (.br, .gz).
browser_part() {
  find target/site/pkg -name "octavo*.wasm$1" -printf '%T@ %s\n' | sort -n | tail -n 1 | cut -d' ' -f2
}

browser_part_size() {
  local form size
  for form in '' .br .gz; do
    size=$(browser_part "$form")
    [[ -z $size ]] || printf '%s kB %s  ' "$(((size + 512) / 1024))" "${form:-.wasm}"
  done
}

make_secrets() {
  secret database_migrate
  secret database_shop
  secret database_notifier
  secret token
  secret bank_key sk_test_
  secret webhook whsec_
  secret mails
}

# create_databases ENGINE: one for the shop and one for the notifier; a user for each that may only read and write it,
# and one user for both that may change their tables.
create_databases() {
  local database
  {
    for database in octavo_shop octavo_notifier; do
      echo "create database if not exists $database character set utf8mb4;"
    done
    database_user octavo_migrate "$database_migrate_secret" all octavo_shop octavo_notifier
    database_user octavo_shop "$database_shop_secret" 'select, insert, update, delete' octavo_shop
    database_user octavo_notifier "$database_notifier_secret" 'select, insert, update, delete' octavo_notifier
  } | sql "$1"
}

# database_user NAME PASSWORD RIGHTS DATABASE…
database_user() {
  local name=$1 password=$2 rights=$3 database
  shift 3
  echo "create user if not exists $name@localhost; alter user $name@localhost identified by '$password';"
  for database in "$@"; do
    echo "grant $rights on $database.* to $name@localhost;"
  done
}

# with_settings ENGINE COMMAND…: runs a command with the settings that Leptos.toml leaves to the environment; a command
# of its own scope, so that no other program inherits the secrets.
with_settings() {
  local port=${1}_port
  local at=127.0.0.1:${!port}
  local -x OCTAVO_SHOP__PUBLIC_URL=$shop_url
  local -x OCTAVO_SHOP__ADDRESS=127.0.0.1:$shop_port
  local -x OCTAVO_SHOP__TOKEN_SECRET=$token_secret
  local -x OCTAVO_DATABASE__URL=mysql://octavo_shop:$database_shop_secret@$at/octavo_shop
  local -x OCTAVO_DATABASE__MIGRATE_URL=mysql://octavo_migrate:$database_migrate_secret@$at/octavo_shop
  local -x OCTAVO_BROKER__URL=$broker_url
  local -x OCTAVO_PAYMENT__BASE_URL=$bank_url
  local -x OCTAVO_PAYMENT__SECRET_KEY=$bank_key_secret
  local -x OCTAVO_PAYMENT__WEBHOOK_SECRET=$webhook_secret
  local -x OCTAVO_SEARCH__INDEX_DIR=$data/index
  local -x OCTAVO_NOTIFIER__DATABASE_URL=mysql://octavo_notifier:$database_notifier_secret@$at/octavo_notifier
  local -x OCTAVO_NOTIFIER__MIGRATE_URL=mysql://octavo_migrate:$database_migrate_secret@$at/octavo_notifier
  local -x OCTAVO_NOTIFIER__BROKER_URL=$broker_url
  local -x OCTAVO_NOTIFIER__ADDRESS=127.0.0.1:$notifier_port
  local -x OCTAVO_NOTIFIER__SMTP_URL=smtp://127.0.0.1:$smtp_port
  local -x OCTAVO_NOTIFIER__CREDENTIAL=$mails_secret
  local -x OCTAVO_BANK__ADDRESS=127.0.0.1:$bank_port
  local -x OCTAVO_BANK__PUBLIC_URL=$bank_url
  local -x OCTAVO_BANK__SECRET_KEY=$bank_key_secret
  local -x OCTAVO_BANK__WEBHOOK_SECRET=$webhook_secret
  local -x OCTAVO_BANK__WEBHOOK_URL=$shop_url/webhooks/stripe
  local -x OCTAVO_BANK__LEDGER=$data/bank/ledger
  # leptos_config reads these; the site was built beside Cargo.toml, the hashes of its files beside the program.
  local -x LEPTOS_SITE_ADDR=127.0.0.1:$shop_port
  shift
  "$@"
}

# open_shop ENGINE: on services that are ready, with what build_shop has built.
open_shop() {
  local engine=$1
  make_secrets
  choose_port bank 4242
  choose_port notifier 3001
  choose_port shop 3000
  bank_url=http://127.0.0.1:$bank_port
  mailsink_url=http://127.0.0.1:$mailsink_port
  shop_url=http://127.0.0.1:$shop_port
  broker_url=amqp://octavo:$rabbitmq_secret@127.0.0.1:$rabbitmq_port/%2f
  mkdir -p "$data"/{bank,index}

  create_databases "$engine"
  step "Bringing the shop's tables up to date" "$data/log/migrate-shop.log" \
    with_settings "$engine" "$programs/octavo-server" migrate
  step "Bringing the notifier's tables up to date" "$data/log/migrate-notifier.log" \
    with_settings "$engine" "$programs/octavo-notifier" migrate
  load_catalogue "$engine"

  with_settings "$engine" start_part bank "$programs/octavo-bank"
  with_settings "$engine" start_part notifier "$programs/octavo-notifier"
  with_settings "$engine" start_part server "$programs/octavo-server"
  await bank 20 port_answers "$bank_port"
  await notifier 30 port_answers "$notifier_port"
  await server 60 curl --fail --silent --max-time 2 "$shop_url/readyz"
}

# load_catalogue ENGINE: once for each version of the file, since a running shop may have changed prices and copies.
load_catalogue() {
  local loaded=$data/catalogue-$1.loaded
  if cmp -s "$catalogue" "$loaded"; then return; fi
  step "Loading the demo catalogue" "$data/log/catalogue.log" \
    with_settings "$1" "$programs/octavo-server" catalogue import "$catalogue"
  cp "$catalogue" "$loaded"
}
