# shellcheck shell=bash
# What builds and serves the browser's part: cargo-leptos, wasm-bindgen, wasm-opt, a mail sink; all in the cache folder.

cargo_leptos_version=0.3.11
cargo_leptos_rust=1.96
node_wanted=20
node_release=24

# A tool is built once and run seldom: a build that takes a third of the time is worth a slower tool.
quick_build=(env CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1)

# locked_version CRATE: the version in Cargo.lock.
locked_version() { grep -A 1 "^name = \"$1\"$" "$root/Cargo.lock" | sed -n 's/^version = "\(.*\)"/\1/p'; }

has_tool() { [[ $("$1" --version 2>/dev/null) == *" $2"* ]]; }

# install_crate WHY CRATE PROGRAM VERSION FLAG…
install_crate() {
  local why=$1 crate=$2 program=$3 version=$4
  shift 4
  if has_tool "$program" "$version"; then return; fi
  say "missing: $program $version ($why)"
  if command -v cargo-binstall >/dev/null &&
    cargo binstall --no-confirm --root "$cache/tools" "$crate@$version" >"$cache/$crate.log" 2>&1 &&
    has_tool "$program" "$version"; then return; fi
  step "Building $crate $version (some minutes, once)" "$cache/$crate.log" "${quick_build[@]}" \
    cargo install "$crate" --version "$version" "$@" --root "$cache/tools" --target-dir "$cache/tools.build"
  rm -rf "$cache/tools.build"
}

install_cargo_leptos() {
  if has_tool cargo-leptos "$cargo_leptos_version"; then return; fi
  local PATH=$PATH
  if ! at_least "$cargo_leptos_rust" "$(rust_version)"; then
    say "cargo-leptos wants Rust $cargo_leptos_rust, and this one is $(rust_version): building it with Debian's"
    install_debian_rust
    PATH=$cache/tools/bin:/usr/bin:$PATH
  fi
  # Its own downloads of tools are left out: a build that needs the network each time is no build.
  install_crate 'builds server and browser part together' cargo-leptos cargo-leptos "$cargo_leptos_version" \
    --locked --features no_downloads
}

install_wasm_bindgen() {
  install_crate 'joins WebAssembly to the page, in exactly the version in Cargo.lock' \
    wasm-bindgen-cli wasm-bindgen "$(locked_version wasm-bindgen)"
}

has_node() { at_least "$node_wanted" "$(node --version 2>/dev/null | tr -d v)" && command -v npm >/dev/null; }

# install_node: Debian's npm; and where Debian's node is too old, npm's.
install_node() {
  if has_node; then return; fi
  want node nodejs 'runs the mail sink and the browser tests'
  want npm npm 'brings wasm-opt and the mail sink'
  install_wanted
  if has_node; then return; fi
  local machine
  machine=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  say "node $(node --version) is too old (wanted: $node_wanted): taking $node_release from npm"
  step "Installing node $node_release" "$cache/node.log" \
    npm install --prefix "$cache/node-runtime" --no-save "node-linux-$machine@$node_release"
  mkdir -p "$cache/tools/bin"
  ln -sf "$cache/node-runtime/node_modules/node-linux-$machine/bin/node" "$cache/tools/bin/node"
}

# install_node_tools: what script/node/package-lock.json names.
install_node_tools() {
  if [[ -e $cache/node/complete ]] && cmp -s {script,"$cache"}/node/package-lock.json; then return; fi
  say "missing: wasm-opt (makes the browser's part small) and maildev (shows the mails): taking them from npm"
  rm -rf "$cache/node"
  mkdir -p "$cache/node"
  cp script/node/package{,-lock}.json "$cache/node/"
  step "Installing wasm-opt and maildev" "$cache/node.log" \
    npm ci --prefix "$cache/node" --ignore-scripts --no-audit --no-fund
  touch "$cache/node/complete"
}
