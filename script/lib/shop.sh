# shellcheck shell=bash
# The whole shop on private services: how it is built, migrated, filled and started. script/server keeps it open for a
# person, script/test for a browser.

catalogue=server/search/catalogue.toml

# start_services ENGINE FOLDER ARGUMENT…: database (in FOLDER), broker and mail sink; none waits for another.
start_services() {
  local engine=$1 folder=$2
  shift 2
  start_database "$engine" "$folder/$engine" 13306 "$@"
  start_rabbitmq "$data/rabbitmq"
  start_mailsink "$data/mail"
}

# build_shop PROFILE (`release` or `dev`): server and browser part, bank and notifier, into $data/build, from where they
# run: a later build, here or in another clone, changes nothing under a shop that is open.
build_shop() {
  programs=$data/build
  if is_built "$1"; then return; fi
  step "Building the shop (some minutes the first time)" "$data/log/build.log" build_programs "$1" || return
  say "The browser's part: $(browser_part_size)"
}

# is_built PROFILE: nothing that goes into the build is newer than it.
is_built() {
  local newer sources=(app server notifier style migrations .sqlx .cargo Cargo.toml Cargo.lock)
  [[ -e $programs/$1 ]] || return
  newer=$(find "${sources[@]}" -newer "$programs/$1" -print -quit)
  [[ -z $newer ]]
}

# build_programs PROFILE
build_programs() {
  local profile=$1 release=() folder=debug new=$data/build.new
  if [[ $profile == release ]]; then
    release=(--release)
    folder=release
  fi
  # cargo-leptos gives the files of an earlier build a second hash, and wants nobody else at work there.
  mkdir -p "$CARGO_TARGET_DIR" && exec 8>"$CARGO_TARGET_DIR/octavo.lock" && flock 8 &&
    rm -rf "$new" target/site && mkdir "$new" && touch "$new/$profile" &&
    cargo leptos build "${release[@]}" ${release:+--precompress} &&
    cargo build "${release[@]}" --package bank --package notifier --bins &&
    cp -r "$CARGO_TARGET_DIR/$folder"/{octavo-server,octavo-bank,octavo-notifier,hash.txt} target/site "$new/" &&
    rm -rf "$data/build" && mv "$new" "$data/build"
}

# browser_part FORM: the bytes of its WebAssembly, as it is ('') or compressed (.br, .gz).
browser_part() { find "$data/build/site/pkg" -name "octavo*.wasm$1" -printf '%s\n'; }

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

# as_shop, as_notifier, as_bank COMMAND…: runs a command with the settings that Leptos.toml leaves to the environment,
# each with its own and no one else's.
as_shop() {
  local -x OCTAVO_SHOP__PUBLIC_URL=$shop_url
  local -x OCTAVO_SHOP__ADDRESS=127.0.0.1:$shop_port
  local -x LEPTOS_SITE_ADDR=127.0.0.1:$shop_port LEPTOS_SITE_ROOT=$programs/site
  local -x OCTAVO_SHOP__TOKEN_SECRET=$token_secret
  local -x OCTAVO_DATABASE__URL
  OCTAVO_DATABASE__URL=$(database_url "$engine" "octavo_shop:$database_shop_secret" octavo_shop)
  local -x OCTAVO_BROKER__URL=$broker_url
  local -x OCTAVO_PAYMENT__BASE_URL=$bank_url
  local -x OCTAVO_PAYMENT__SECRET_KEY=$bank_key_secret
  local -x OCTAVO_PAYMENT__WEBHOOK_SECRET=$webhook_secret
  local -x OCTAVO_SEARCH__INDEX_DIR=$data/index
  "$@"
}

as_notifier() {
  local -x OCTAVO_NOTIFIER__DATABASE_URL
  OCTAVO_NOTIFIER__DATABASE_URL=$(database_url "$engine" "octavo_notifier:$database_notifier_secret" octavo_notifier)
  local -x OCTAVO_NOTIFIER__BROKER_URL=$broker_url
  local -x OCTAVO_NOTIFIER__ADDRESS=127.0.0.1:$notifier_port
  local -x OCTAVO_NOTIFIER__SMTP_URL=smtp://127.0.0.1:$smtp_port
  local -x OCTAVO_NOTIFIER__CREDENTIAL=$mails_secret
  "$@"
}

as_bank() {
  local -x OCTAVO_BANK__ADDRESS=127.0.0.1:$bank_port
  local -x OCTAVO_BANK__PUBLIC_URL=$bank_url
  local -x OCTAVO_BANK__SECRET_KEY=$bank_key_secret
  local -x OCTAVO_BANK__WEBHOOK_SECRET=$webhook_secret
  local -x OCTAVO_BANK__WEBHOOK_URL=$shop_url/webhooks/stripe
  local -x OCTAVO_BANK__LEDGER=$data/bank/ledger
  "$@"
}

# migrate_shop: the one moment at which someone may change tables.
migrate_shop() {
  local account=octavo_migrate:$database_migrate_secret
  OCTAVO_DATABASE__MIGRATE_URL=$(database_url "$engine" "$account" octavo_shop) \
    step "Bringing the shop's tables up to date" "$data/log/migrate-shop.log" \
    as_shop "$programs/octavo-server" migrate
  OCTAVO_NOTIFIER__MIGRATE_URL=$(database_url "$engine" "$account" octavo_notifier) \
    step "Bringing the notifier's tables up to date" "$data/log/migrate-notifier.log" \
    as_notifier "$programs/octavo-notifier" migrate
}

# open_shop ENGINE: on services that are started, with what build_shop has built. Sets engine.
open_shop() {
  engine=$1
  make_secrets
  choose_port bank 4242
  choose_port notifier 3001
  choose_port shop 3000
  bank_url=http://127.0.0.1:$bank_port
  mailsink_url=http://127.0.0.1:$mailsink_port
  shop_url=http://127.0.0.1:$shop_port
  broker_url=amqp://octavo:$rabbitmq_secret@127.0.0.1:$rabbitmq_port/%2f
  mkdir -p "$data"/{bank,index}

  await_database "$engine"
  create_databases "$engine"
  migrate_shop
  load_catalogue "$engine"

  as_bank start_part bank "$programs/octavo-bank"
  as_notifier start_part notifier "$programs/octavo-notifier"
  as_shop start_part server "$programs/octavo-server"
  await bank 20 port_answers "$bank_port"
  await notifier 30 port_answers "$notifier_port"
  await server 60 curl --fail --silent --max-time 2 "$shop_url/readyz"
  # The shop sells without them; whoever opens it expects the mails.
  await_mailsink
  await_rabbitmq
}

# load_catalogue ENGINE: once for each version of the file, since a running shop may have changed prices and copies.
load_catalogue() {
  local loaded=$data/catalogue-$1.loaded
  if cmp -s "$catalogue" "$loaded"; then return; fi
  step "Loading the demo catalogue" "$data/log/catalogue.log" \
    as_shop "$programs/octavo-server" catalogue import "$catalogue"
  step 'Making the discount code WELCOME' "$data/log/catalogue.log" \
    as_shop "$programs/octavo-server" discount-code WELCOME 10%
  cp "$catalogue" "$loaded"
}
