# Shared by the scripts of this folder; meant to be sourced.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 2; }

# The text between "# usage" and the first empty line of the calling script.
usage() { sed -n '/^# usage/,/^$/s/^# \{0,1\}//p' "$0"; }

# build PRESET [TARGET …]: configures once, then builds.
build() {
  local preset=$1; shift
  [[ -f build/$preset/build.ninja ]] || { say "configure $preset"; cmake --preset "$preset" >&2; }
  say "build $preset"
  cmake --build "build/$preset" ${1:+--target "$@"} >&2
}
