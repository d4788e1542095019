#!/bin/sh
# Runs a command with a virtual screen of its own, and ends with the command's exit status.
# usage: tools/with-screen.sh COMMAND [ARGUMENT...]
#
# The X server chooses a free display number itself. Tests that need a screen look for
# VITRINE_TEST_SCREEN, so that a plain `pytest` never opens windows on somebody's desktop.
set -u

geometry=1280x1024x24
[ $# -gt 0 ] || {
    sed -n '2,3p' "$0" >&2
    exit 2
}
if ! command -v Xvfb >/dev/null; then
    echo "with-screen: Xvfb is not installed; tests that need a screen will be skipped" >&2
    exec "$@"
fi

folder=$(mktemp -d)
server='' manager=''
finish() {
    [ -z "$manager" ] || kill "$manager" 2>/dev/null
    [ -z "$server" ] || kill "$server" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A server that has found a free number and listens writes it to the descriptor.
Xvfb -displayfd 3 -screen 0 "$geometry" -nolisten tcp 3>"$folder/display" 2>"$folder/log" &
server=$!
tries=0
while [ ! -s "$folder/display" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ] || ! kill -0 "$server" 2>/dev/null; then
        echo "with-screen: Xvfb did not start: $(tail -n 1 "$folder/log")" >&2
        exit 1
    fi
    sleep 0.05
done
DISPLAY=:$(tr -d '[:space:]' <"$folder/display")
VITRINE_TEST_SCREEN=$DISPLAY
export DISPLAY VITRINE_TEST_SCREEN
unset WAYLAND_DISPLAY XAUTHORITY

# Focus and activation of windows are a window manager's work.
if command -v openbox >/dev/null; then
    XDG_CACHE_HOME=$folder openbox --sm-disable >/dev/null 2>&1 &
    manager=$!
fi

"$@"
