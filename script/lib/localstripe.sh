# shellcheck shell=bash
# localstripe: others' stand-in for Stripe, as a second opinion on its protocol. It is GPL: it runs as a process of its
# own, and nothing of it is shipped. Where it cannot be had, its test says that it is skipped.

localstripe_wanted=1.15
localstripe=$cache/localstripe/bin/localstripe

has_localstripe() { "$localstripe" --help >/dev/null 2>&1; }

# install_localstripe: into a Python of its own.
install_localstripe() {
  if has_localstripe; then return; fi
  say "missing: localstripe (a second opinion on Stripe's protocol): taking it from PyPI"
  if ! fetch_localstripe >"$cache/localstripe.log" 2>&1 || ! has_localstripe; then
    say "Python cannot install it (see $cache/localstripe.log): its test will be skipped"
  fi
}

fetch_localstripe() {
  rm -rf "$cache/localstripe"
  python3 -m venv "$cache/localstripe" &&
    "$cache/localstripe/bin/pip" install --disable-pip-version-check --retries 1 "localstripe==$localstripe_wanted.*"
}

# start_localstripe: sets localstripe_port, where it can run.
start_localstripe() {
  if ! has_localstripe; then
    say "localstripe is not installed: its test will be skipped"
  elif [[ ! -e /proc/net/if_inet6 ]]; then
    say "localstripe listens by IPv6, which this system has not: its test will be skipped"
  else
    choose_port localstripe 8420
    start_part localstripe "$localstripe" --from-scratch --port "$localstripe_port"
  fi
}

await_localstripe() { [[ -z ${localstripe_port:-} ]] || await localstripe 30 port_answers "$localstripe_port"; }
