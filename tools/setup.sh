#!/bin/sh
# Prepares this checkout: Debian packages and the virtual environment in .venv.
# usage: tools/setup.sh run|test|bench
#
# A second start must cost nothing, so that `make run` can call it each time: packages are looked up
# in dpkg's own database, and pip runs only when pyproject.toml or the constraints have changed.
# Reads PYTHON: the interpreter to use (default: the first of python3, python3.13... that is >= 3.11).
set -u

purpose=${1:-run}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
venv=$root/.venv

# `a|b` stands for a package whose name changed: either satisfies, the first that exists is taken.
run_packages="seabios libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0 libegl1 libgl1
    libdbus-1-3 libfontconfig1 libglib2.0-0|libglib2.0-0t64 fonts-dejavu-core"
test_packages="xvfb xdotool x11-utils openbox imagemagick nasm xorriso isolinux syslinux-common cpio
    kmod qemu-utils ipxe-qemu acpica-tools dosfstools dbus-daemon|dbus chromium-headless-shell|chromium"
# Only to compare with; the program itself never starts QEMU.
bench_packages="qemu-system-x86"

say() { printf '%s\n' "vitrine: $*" >&2; }
stop() {
    say "$*"
    exit 1
}

# ------------------------------------------------------------------ Debian packages

# Prints the packages of its arguments that are missing, with the alternatives resolved.
missing_packages() {
    # One look into dpkg's database for all of them; each costs some 70 ms.
    # shellcheck disable=SC2046 # the names are words
    present=$(dpkg-query -W -f='${db:Status-Status}=${Package}\n' \
        $(printf '%s ' "$@" | tr '|' ' ') 2>/dev/null | sed -n 's/^installed=//p' | tr '\n' ' ')
    for choice in "$@"; do
        found='' wanted=''
        for name in $(printf '%s' "$choice" | tr '|' ' '); do
            case " $present" in *" $name "*) found=yes ;; esac
        done
        [ -z "$found" ] || continue
        for name in $(printf '%s' "$choice" | tr '|' ' '); do
            if [ -z "$wanted" ] && apt-cache show "$name" >/dev/null 2>&1; then wanted=$name; fi
        done
        printf '%s ' "${wanted:-${choice%%|*}}"
    done
}

# Prints what must stand before apt-get to change the system; fails without such rights.
privilege() {
    if [ "$(id -u)" = 0 ]; then
        printf 'env DEBIAN_FRONTEND=noninteractive'
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        printf 'sudo -n env DEBIAN_FRONTEND=noninteractive'
    else
        return 1
    fi
}

# $as_root and what follows `apt-get` are words.
# shellcheck disable=SC2086
apt_get() {
    $as_root apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >&2
}

# Installs what is missing of its arguments when it may, and names what is missing after that.
want_packages() {
    command -v dpkg-query >/dev/null || return 0 # not Debian: the check of libraries tells
    missing=$(missing_packages "$@")
    if [ -n "$missing" ] && as_root=$(privilege); then
        say "installing the Debian packages ${missing% }"
        # Lists may be absent or old; an update that fails leaves what there is.
        apt_get update || true
        # One name that this release does not know would keep all the others away.
        apt_get install -y --no-install-recommends $missing ||
            for name in $missing; do apt_get install -y --no-install-recommends "$name"; done
        missing=$(missing_packages "$@")
    fi
    [ -z "$missing" ] ||
        say "Debian packages are missing that you can install with:" \
            "sudo apt-get install ${missing% }"
}

# ------------------------------------------------------------------ Python

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" && printf '%s' "$PYTHON"
        return
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && new_enough "$name"; then
            printf '%s' "$name"
            return
        fi
    done
    return 1
}

refuse_python() {
    name=${PYTHON:-python3}
    version=$("$name" -c 'import platform; print(platform.python_version())' 2>/dev/null)
    stop "Vitrine needs Python 3.11 or newer, and $name is ${version:-not there};" \
        "name another one with: make PYTHON=/path/to/python3"
}

# Debian splits venv's ensurepip off into a package of each Python version.
want_venv_module() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    want_packages "python$version-venv"
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "$python cannot make virtual environments: its module ensurepip is missing"
}

# What the content of the environment depends on; an editable install holds the checkout's path.
fingerprint() {
    printf '%s ' "$root"
    cat "$venv/pyvenv.cfg" "$root/pyproject.toml" "$root/tools/constraints.txt" | cksum
}

up_to_date() {
    [ -f "$venv/.vitrine-$1" ] && [ "$(fingerprint)" = "$(cat "$venv/.vitrine-$1")" ]
}

install_into_venv() {
    extra=$1 purpose_of=$2
    up_to_date "$purpose_of" && return
    say "installing Vitrine's Python packages into $venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --constraint "$root/tools/constraints.txt" --editable "$root$extra" >&2 ||
        stop "the Python packages could not be installed; pip has said why above"
    fingerprint >"$venv/.vitrine-$purpose_of"
    changed=yes
}

make_venv() {
    # An environment whose interpreter has gone (an upgraded system) is of no use.
    [ -x "$venv/bin/pip" ] && "$venv/bin/python" -c '' 2>/dev/null && return
    python=$(find_python) || refuse_python
    want_venv_module
    "$python" -m venv --clear "$venv" || stop "the virtual environment $venv could not be made"
}

# Compiles the languages that are newer than what was made of them last.
compile_translations() {
    for source in "$root"/resources/translations/*.ts; do
        compiled=${source%.ts}.qm
        if [ ! -f "$compiled" ] || [ "$source" -nt "$compiled" ]; then
            (cd "$root" && "$venv/bin/python" -m tools.qm "$source") ||
                stop "the language file $source could not be compiled"
        fi
    done
}

# ------------------------------------------------------------------ what Qt needs of the system

# Fails, and says what, when the linker misses a library of the window program.
check_libraries() {
    command -v ldd >/dev/null || return 0
    lost=$(ldd "$venv"/lib/python3*/site-packages/PySide6/Qt/lib/libQt6Widgets.so.6 \
        "$venv"/lib/python3*/site-packages/PySide6/Qt/plugins/platforms/libqxcb.so 2>/dev/null |
        sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p' | sort -u | tr '\n' ' ')
    [ -z "$lost" ] || stop "the windows cannot be shown, because this system lacks ${lost% }"
}

missing='' changed=''
case $purpose in
run)
    want_packages $run_packages
    make_venv
    # The environment of the tests holds all that the program needs.
    up_to_date dev || install_into_venv "" run
    [ -z "$missing$changed" ] || check_libraries
    ;;
test)
    want_packages $run_packages $test_packages
    make_venv
    install_into_venv "[dev]" dev
    ;;
bench)
    want_packages $run_packages $test_packages $bench_packages
    make_venv
    install_into_venv "[dev]" dev
    ;;
*)
    say "usage: tools/setup.sh run|test|bench"
    exit 2
    ;;
esac
compile_translations
