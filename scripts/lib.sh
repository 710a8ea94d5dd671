# Shared by the scripts of this folder; meant to be sourced.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"

# The Node.js that scripts/deps fetched where the system's is too old for web/.
PATH=$top/build/node/node_modules/.bin:$PATH

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

# build_web: the console and the portal in web/dist, where something changed since.
build_web() {
  local made=web/dist/.made
  if [[ -f $made && -z $(find web docs/openapi.yaml -newer "$made" -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -print -quit) ]]; then
    return
  fi
  say 'build web'
  npm --prefix web run --silent build >&2 || return
  touch "$made"
}
