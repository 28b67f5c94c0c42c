# shellcheck shell=bash
# Rust: a compiler of at least the version the workspace asks for, and its standard library for WebAssembly.
# The usual way is rustup. Where that has no WebAssembly to give, Debian's compiler for browsers stands in, with a
# standard library built here, in a folder of ours that looks like an installed toolchain.

rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
debian_toolchain=$cache/toolchain
debian_llvm=19

# at_least WANTED VERSION
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }

# rust_version [RUSTC]: nothing when there is none.
rust_version() { "${1:-rustc}" --version 2>/dev/null | cut -d' ' -f2; }

has_rust() {
  command -v cargo >/dev/null && at_least "$rust_wanted" "$(rust_version)"
}

has_wasm() {
  local libraries
  libraries=$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib
  compgen -G "$libraries/libstd-*.rlib" >/dev/null
}

# install_rust: by rustup, the way the Rust project recommends.
install_rust() {
  if has_rust; then return; fi
  if command -v rustup >/dev/null; then
    say "Rust $(rust_version) is too old (the workspace wants $rust_wanted): updating it by rustup"
    step "Updating Rust" "$cache/rust.log" rustup update stable || true
  else
    say "missing: Rust $rust_wanted or later (the shop is written in it): installing rustup"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
      sh -s -- -y --profile minimal --component clippy,rustfmt >"$cache/rust.log" 2>&1 || true
  fi
  has_rust || use_debian_toolchain
}

# install_wasm: sees to it that the `cargo` in PATH can compile for the browser. WASM_FROM=debian skips rustup.
install_wasm() {
  if [[ ${WASM_FROM:-} != debian ]]; then
    if has_wasm; then return; fi
    if ! has_debian_toolchain; then
      say "missing: Rust's standard library for WebAssembly (the pages' live parts): asking rustup"
      if rustup target add wasm32-unknown-unknown >"$cache/rust.log" 2>&1 && has_wasm; then return; fi
      say "rustup cannot fetch it here: Debian's compiler for browsers stands in"
    fi
  fi
  use_debian_toolchain
}

# has_debian_toolchain: it is built, and for the compiler that is installed now.
has_debian_toolchain() {
  [[ -e $debian_toolchain/built-for ]] &&
    [[ $(<"$debian_toolchain/built-for") == $(/usr/bin/rustc --version 2>/dev/null) ]]
}

use_debian_toolchain() {
  if ! has_debian_toolchain; then
    install_debian_rust
    rm -rf "$debian_toolchain"
    step "Building the WebAssembly standard library" "$cache/rust.log" build_debian_toolchain
  fi
  PATH=$debian_toolchain/bin:$PATH
  { has_rust && has_wasm; } || fail "Debian's Rust does not do either: see $cache/rust.log"
}

install_debian_rust() {
  local missing=()
  at_least "$rust_wanted" "$(rust_version /usr/bin/rustc)" || missing+=(rustc-web cargo-web)
  [[ -e /usr/bin/cargo-clippy ]] || missing+=(rust-web-clippy)
  [[ -e /usr/bin/rustfmt ]] || missing+=(rustfmt-web)
  [[ -e /usr/lib/rustlib/src/rust/library/Cargo.toml ]] || missing+=(rust-web-src)
  [[ -x /usr/lib/llvm-$debian_llvm/bin/lld ]] || missing+=("lld-$debian_llvm")
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

# build_debian_toolchain: a folder laid out like a toolchain of rustup's, around the compiler in /usr.
build_debian_toolchain() {
  set -e
  local new=$debian_toolchain.new host program build=$cache/toolchain.build
  local rustlib=$new/lib/rustlib
  host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
  rm -rf "$new" "$build"
  mkdir -p "$new/bin" "$rustlib/$host/bin" "$rustlib/wasm32-unknown-unknown/lib" "$build/src"

  for program in rustc rustdoc; do
    printf '#!/bin/sh\nexec /usr/bin/%s --sysroot "%s" "$@"\n' "$program" "$debian_toolchain" >"$new/bin/$program"
  done
  printf '#!/bin/sh\nSYSROOT="%s" exec /usr/bin/clippy-driver "$@"\n' "$debian_toolchain" >"$new/bin/clippy-driver"
  chmod +x "$new"/bin/*
  # A copy, since it looks for clippy-driver beside itself.
  cp /usr/bin/cargo-clippy "$new/bin/"
  ln -s /usr/bin/cargo /usr/bin/cargo-fmt /usr/bin/rustfmt "$new/bin/"
  ln -s "/usr/lib/rustlib/$host/lib" "$rustlib/$host/lib"
  ln -s /usr/lib/rustlib/src "$rustlib/src"
  # rustc calls its linker for WebAssembly by this name, with the flavour as the first argument.
  ln -s "/usr/lib/llvm-$debian_llvm/bin/lld" "$rustlib/$host/bin/rust-lld"

  # Any crate will do: what it needs of the standard library is all of it. Without the bitcode, link-time
  # optimisation fails later.
  printf '[package]\nname = "any"\nedition = "2024"\n[lib]\ncrate-type = ["cdylib"]\n' >"$build/Cargo.toml"
  : >"$build/src/lib.rs"
  (
    cd "$build"
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS='-C embed-bitcode=yes' \
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-$debian_llvm CARGO_TARGET_DIR=$build/target \
      /usr/bin/cargo build --release -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown
  )
  cp "$build"/target/wasm32-unknown-unknown/release/deps/*.rlib "$rustlib/wasm32-unknown-unknown/lib/"
  rm -f "$rustlib"/wasm32-unknown-unknown/lib/libany*.rlib
  /usr/bin/rustc --version >"$new/built-for"
  mv "$new" "$debian_toolchain"
  rm -rf "$build"
}
