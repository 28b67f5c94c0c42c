# shellcheck shell=bash
# MySQL: the system's own where that is one of 8.4 or later, else one unpacked from Debian's unstable release.

mysql_folder=$cache/mysql

# system_mysql: the mysqld in PATH is a MySQL that will do (Debian's is MariaDB).
system_mysql() {
  local version
  version=$(mysqld --version 2>/dev/null) || return 1
  [[ $version != *MariaDB* && $version =~ Ver\ ([0-9]+)\.([0-9]+) ]] || return 1
  ((BASH_REMATCH[1] > 8 || (BASH_REMATCH[1] == 8 && BASH_REMATCH[2] >= 4)))
}

has_mysql() { [[ -x $mysql_folder/usr/sbin/mysqld ]] || system_mysql; }

install_mysql() {
  if has_mysql; then return; fi
  say "missing: MySQL 8.4 or later (the shop's database): unpacking Debian's into $mysql_folder"
  step "Unpacking MySQL" "$cache/mysql.log" unpack_packages sid "$mysql_folder" mysql-server-core mysql-client-core
}

# mysql_command PROGRAM ARGUMENT…: sets `command` to a command line of the system's MySQL, or of the unpacked one,
# which its own dynamic loader runs with the libraries it was built for.
mysql_command() {
  local program=$1
  shift
  if [[ -x $mysql_folder/$program ]]; then
    command=("$mysql_folder"/usr/lib*/ld-linux-*.so.* --library-path
      "$mysql_folder/usr/lib/$(uname -m)-linux-gnu" "$mysql_folder/$program" "$@")
  else
    command=("${program##*/}" "$@")
  fi
}

# mysql_server ARGUMENT…: sets `command` to the server's command line.
mysql_server() {
  local own=()
  if [[ -x $mysql_folder/usr/sbin/mysqld ]]; then
    own=("--basedir=$mysql_folder/usr" "--lc-messages-dir=$mysql_folder/usr/share/mysql"
      "--character-sets-dir=$mysql_folder/usr/share/mysql/charsets" "--plugin-dir=$mysql_folder/usr/lib/mysql/plugin")
  fi
  mysql_command usr/sbin/mysqld --no-defaults "${own[@]}" "--user=$(id -un)" --mysqlx=0 --disable-log-bin \
    --secure-file-priv=NULL "$@"
}

# mysql_new FOLDER: sets `command` to what makes an empty database.
mysql_new() { mysql_server "--datadir=$1" --initialize-insecure; }

# mysql_client ARGUMENT…: sets `command` to the client's command line.
mysql_client() { mysql_command usr/bin/mysql --no-defaults "$@"; }
