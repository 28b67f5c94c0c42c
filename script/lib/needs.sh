# shellcheck shell=bash
# What running and testing the shop need of a machine, in the order in which one needs the other.

set_up_server() {
  want cc build-essential 'links Rust programs'
  want curl curl 'asks a server whether it is ready'
  want rabbitmq-server rabbitmq-server 'carries messages to the notifier'
  install_wanted
  install_rust
  install_wasm
  install_cargo_leptos
  install_wasm_bindgen
  install_node
  install_node_tools
  install_mysql || install_mariadb
}

set_up_test() {
  want chromium chromium 'the browser that the tests drive'
  want shellcheck shellcheck 'checks these scripts'
  install_wanted
  install_mariadb
  install_browser_tests
  install_localstripe
}

# install_browser_tests: Playwright and the accessibility scan, as end2end's lock file names them.
install_browser_tests() {
  local lock=end2end/package-lock.json
  if [[ ! -e $lock || end2end/node_modules/.package-lock.json -nt $lock ]]; then return; fi
  say "missing: what the browser tests are written with: taking it from npm"
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 step "Installing Playwright" "$cache/playwright.log" \
    npm ci --prefix end2end --no-audit --no-fund
}
