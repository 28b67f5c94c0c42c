# shellcheck shell=bash
# A private database server, MySQL or MariaDB, as a part called `mysql` or `mariadb`.

# What starts the server in place of us, where it is to be started again whenever it dies.
database_keeper=()

# start_database ENGINE FOLDER PREFERRED-PORT ARGUMENT…: sets <ENGINE>_port and <ENGINE>_socket.
start_database() {
  local engine=$1 folder=$2 port=${1}_port command
  choose_port "$engine" "$3"
  shift 3
  if [[ ! -d $folder/mysql ]]; then
    rm -rf "$folder.new"
    mkdir -p "$(dirname "$folder")" "$folder.new"
    "${engine}_new" "$folder.new"
    step "Making an empty $engine database" "$data/log/$engine-new.log" "${command[@]}"
    mv "$folder.new" "$folder"
  fi
  # The socket's name is relative to the folder: a full path may be longer than a socket's may be.
  printf -v "${engine}_socket" %s "$folder/server.sock"
  "${engine}_server" "--datadir=$folder" --bind-address=127.0.0.1 "--port=${!port}" --socket=server.sock \
    "--pid-file=$folder/server.pid" --max-connections=500 "$@"
  start_part "$engine" "${database_keeper[@]}" "${command[@]}"
}

# sql ENGINE [ARGUMENT…]: runs the SQL on its standard input as root.
sql() {
  local engine=$1 port=${1}_port command
  local -x MYSQL_PWD=${database_root_secret:-}
  shift
  "${engine}_client" --host=127.0.0.1 "--port=${!port}" --protocol=tcp --user=root "$@"
  "${command[@]}"
}

# database_url ENGINE ACCOUNT DATABASE: by TCP for an account with a password, since sqlx does not log in with one through
# a socket; else through the socket, where its path is not too long for one: on TCP, sqlx 0.9.0 lets a statement of more
# than a segment wait 40 ms (transact-rs/sqlx#4336, not released yet).
database_url() {
  local socket=${1}_socket port=${1}_port
  socket=${!socket}
  if [[ $2 == *:* ]] || ((${#socket} > 100)); then
    echo "mysql://$2@127.0.0.1:${!port}/$3"
  else
    echo "mysql://$2@127.0.0.1:${!port}/$3?socket=${socket// /%20}&ssl-mode=disabled"
  fi
}

await_database() { await "$1" 90 sql "$1" --execute 'select 1'; }
