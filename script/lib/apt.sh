# shellcheck shell=bash
# Debian packages: installed when missing, in one go, without letting apt start a service.

wanted_packages=()

# want COMMAND PACKAGE WHY: notes the package unless the command is there.
want() {
  command -v "$1" >/dev/null && return
  say "missing: $1 ($3): the package $2"
  wanted_packages+=("$2")
}

# install_wanted: installs what was noted.
install_wanted() {
  ((${#wanted_packages[@]})) || return 0
  install_packages "${wanted_packages[@]}"
  wanted_packages=()
}

install_packages() {
  command -v apt-get >/dev/null ||
    fail "this system has no apt-get: install the equivalents of these Debian packages by hand: $*"
  [[ $(id -u) == 0 ]] ||
    fail "not root: run this, then this script again:  sudo apt-get install --no-install-recommends $*"
  step "Asking apt for its lists" "$cache/apt.log" apt-get update
  step "Installing $*" "$cache/apt.log" without_services \
    env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
}

# without_services COMMAND…: invoke-rc.d asks this file whether a package may start its service.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  [[ ! -e $policy ]] || { "$@"; return; }
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  "$@" || status=$?
  rm -f "$policy"
  return "$status"
}

# unpack_packages SUITE FOLDER PACKAGE…: unpacks packages of another Debian release, with all they need, into a folder.
# Installs nothing, needs no root, and leaves apt's own state alone.
unpack_packages() {
  local suite=$1 folder=$2 mirror apt keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  shift 2
  mirror=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' | grep -m 1 '/debian/$') || return
  rm -rf "$folder.new" &&
    mkdir -p "$folder.new"/apt/{state/lists/partial,cache/archives/partial} || return
  : >"$folder.new/apt/status"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$folder.new/apt/sources.list"
  apt=(apt-get -q -o "Dir::State=$folder.new/apt/state" -o "Dir::State::status=$folder.new/apt/status"
    -o "Dir::Cache=$folder.new/apt/cache" -o "Dir::Etc::sourcelist=$folder.new/apt/sources.list"
    -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o Acquire::Languages=none
    -o APT::Install-Recommends=false -o "APT::Sandbox::User=$(id -un)")
  "${apt[@]}" update &&
    "${apt[@]}" install --yes --download-only "$@" &&
    find "$folder.new/apt/cache/archives" -name '*.deb' -exec dpkg-deb --extract {} "$folder.new" \; &&
    rm -rf "$folder.new/apt" "$folder" &&
    mv "$folder.new" "$folder"
}
