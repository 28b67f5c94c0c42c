# shellcheck shell=bash
# Secrets: made once for a data folder, kept in one file that only its owner can read.

# secret NAME [PREFIX]: sets the variable NAME_secret.
secret() {
  local name=$1 file=$data/secrets value
  value=$(sed -n "s/^$name=//p" "$file" 2>/dev/null || true)
  if [[ -z $value ]]; then
    value=${2:-}$(od -An -vN32 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077 && echo "$name=$value" >>"$file")
  fi
  printf -v "${name}_secret" %s "$value"
}
