# shellcheck shell=bash
# stage NAME ARGUMENTS…: one stage of the tests, by the command in ``runner``. What fails beside everything else is run
# once more, and named; more than three of a stage may not need that (docs/decisions/0037-a-second-run.md).
stage() {
  local name=$1 failed cache=.cache/tests/$1
  shift
  rm -rf "$cache"
  "${runner[@]}" -o cache_dir="$cache" "$@" && return
  failed=$(grep -c :: "$cache/v/cache/lastfailed" 2>/dev/null || true)
  [ "${failed:-0}" -ge 1 ] && [ "$failed" -le 3 ] || return 1
  echo "SECOND RUN of $failed tests of the stage $name:"
  grep :: "$cache/v/cache/lastfailed"
  "${runner[@]}" -o cache_dir="$cache" "$@" -n 0 --last-failed --last-failed-no-failures=none
}
