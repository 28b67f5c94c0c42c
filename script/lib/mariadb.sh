# shellcheck shell=bash
# MariaDB: the alternative to MySQL, from the system's packages.

has_mariadb() { command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null; }

install_mariadb() {
  want mariadbd mariadb-server-core 'the other database that the shop runs on'
  want mariadb mariadb-client-core 'talks to it'
  install_wanted
}

# mariadb_server ARGUMENT…: sets `command` to the server's command line.
mariadb_server() { command=("$(command -v mariadbd)" --no-defaults "--user=$(id -un)" "$@"); }

# mariadb_new FOLDER: sets `command` to what makes an empty database.
mariadb_new() {
  command=(mariadb-install-db --no-defaults "--user=$(id -un)" "--datadir=$1"
    --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve)
}

# mariadb_client ARGUMENT…: sets `command` to the client's command line.
mariadb_client() { command=(mariadb --no-defaults "$@"); }
