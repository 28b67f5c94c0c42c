# shellcheck shell=bash
# The mail sink (maildev): takes every mail by SMTP, delivers none, and shows them on a page.

# start_mailsink FOLDER: sets smtp_port and mailsink_port (its page and API).
start_mailsink() {
  choose_port smtp 1025
  choose_port mailsink 1080
  mkdir -p "$1"
  start_part mailsink node "$node_modules/.bin/maildev" --ip 127.0.0.1 --smtp "$smtp_port" \
    --web-ip 127.0.0.1 --web "$mailsink_port" --mail-directory "$1"
}

await_mailsink() { await mailsink 30 port_answers "$smtp_port" && await mailsink 30 port_answers "$mailsink_port"; }
