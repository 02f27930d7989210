#!/bin/sh
# Runs a command on a screen of its own that nobody sees, and ends with the command's exit code.
#
#   packaging/virtual_screen.sh COMMAND [ARGUMENT...]      SCREEN_SIZE=1440x900 is the default
#
# Xvfb picks a free display number itself, so that several runs at a time do not collide. A window manager is started
# if openbox is installed; without one windows still appear and take the focus that the program gives them.
set -eu

command -v Xvfb >/dev/null 2>&1 || {
  echo "virtual screen: Xvfb is not installed; make demo installs it" >&2
  exit 127
}
folder=$(mktemp -d)
children=""

# shellcheck disable=SC2317,SC2329
clean_up() {
  trap - EXIT
  # Splitting is meant: a list of process numbers.
  # shellcheck disable=SC2086
  [ -z "$children" ] || kill $children 2>/dev/null || true
  wait
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

Xvfb -displayfd 3 -screen 0 "${SCREEN_SIZE:-1440x900}x24" -nolisten tcp -noreset 3>"$folder/display" 2>"$folder/log" &
children=$!
tries=0
until [ -s "$folder/display" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 200 ] || ! kill -0 "$children" 2>/dev/null; then
    echo "virtual screen: Xvfb did not start:" >&2
    cat "$folder/log" >&2
    exit 1
  fi
  sleep 0.05
done

DISPLAY=:$(cat "$folder/display")
export DISPLAY QT_QPA_PLATFORM=xcb
unset WAYLAND_DISPLAY
if command -v openbox >/dev/null 2>&1; then
  openbox --sm-disable >>"$folder/log" 2>&1 &
  children="$children $!"
fi

# In the background and waited for, so that a signal to this script reaches the traps at once.
"$@" &
command=$!
children="$command $children"
code=0
wait "$command" || code=$?
children=${children#"$command "}
exit "$code"
