# shellcheck shell=bash
# RabbitMQ: a node of our own, with its own port mapper, cookie, folders and user, apart from any other on the machine.

# rabbitmq_program: the server itself; Debian's /usr/sbin/rabbitmq-server would change to a user of its own.
rabbitmq_program() {
  if [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]]; then
    echo /usr/lib/rabbitmq/bin/rabbitmq-server
  else
    command -v rabbitmq-server
  fi
}

# What starts the broker in place of us, where it is to be started again whenever it ends.
broker_keeper=()

# start_rabbitmq FOLDER: sets rabbitmq_port, and makes FOLDER/control, its rabbitmqctl.
start_rabbitmq() {
  local folder=$1
  choose_port rabbitmq 5673
  choose_port rabbitmq_peers 25673
  choose_port epmd 4370
  secret rabbitmq
  (umask 077 && mkdir -p "$folder" && cat >"$folder/rabbitmq.conf") <<CONF
listeners.tcp.1 = 127.0.0.1:$rabbitmq_port
default_user = octavo
default_pass = $rabbitmq_secret
CONF

  local -x HOME=$folder ERL_EPMD_PORT=$epmd_port ERL_EPMD_ADDRESS=127.0.0.1
  start_part epmd epmd
  await epmd 10 port_answers "$epmd_port"

  local -x RABBITMQ_NODENAME=octavo@localhost RABBITMQ_DIST_PORT=$rabbitmq_peers_port
  local -x RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
  local -x RABBITMQ_CONF_ENV_FILE=$folder/none RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf
  local -x RABBITMQ_ADVANCED_CONFIG_FILE=$folder/none RABBITMQ_ENABLED_PLUGINS_FILE=$folder/enabled_plugins
  local -x RABBITMQ_MNESIA_BASE=$folder/mnesia RABBITMQ_LOG_BASE=$folder/log RABBITMQ_LOGS=-
  # Without this, the script stays between us and the server, and only stops it by a slow detour.
  local -x RUNNING_UNDER_SYSTEMD=true
  start_part rabbitmq "${broker_keeper[@]}" "$(rabbitmq_program)"

  cat >"$folder/control" <<CONTROL
#!/bin/sh
export HOME='$folder' ERL_EPMD_PORT=$epmd_port RABBITMQ_NODENAME=$RABBITMQ_NODENAME RABBITMQ_CONF_ENV_FILE='$folder/none'
exec '$(dirname "$(rabbitmq_program)")/rabbitmqctl' "\$@"
CONTROL
  chmod +x "$folder/control"
}

await_rabbitmq() { await rabbitmq 90 grep -q 'Server startup complete' "$data/log/rabbitmq.log"; }
