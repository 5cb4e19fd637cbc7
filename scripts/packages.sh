# shellcheck shell=bash disable=SC2086
# packages.sh: installs what a list of packages names and this machine lacks. Sourced.

# package_names LIST
package_names() {
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$TROUPE_ROOT/scripts/$1" | tr -d ' \t'
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
  local name
  for name in $(package_names "$1"); do
    is_installed "$name" || printf '%s\n' "$name"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages are missing ($*), and this is neither root nor is there sudo"
  fi
}

# install_packages [LIST]: of packages.txt when none is named.
install_packages() {
  local missing
  missing=$(missing_packages "${1:-packages.txt}")
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "no apt-get here; install by hand:" $missing
  say "installing" $missing
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

# install_packages_for COMMAND LIST: when there is no such command yet, from wherever.
install_packages_for() {
  command -v "$1" >/dev/null || install_packages "$2"
}
