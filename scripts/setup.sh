#!/usr/bin/env bash
# Make everything `make demo` and `make test` need, from any state of the machine and of .venv:
#     scripts/setup.sh demo|test
# A second run finds its stamp in .venv and does nothing. PYTHON=… chooses the interpreter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly purpose="${1:?demo ou test}"
readonly venv=.venv log=.venv-installation.log

# What the reader's shell may carry and that would lead pip or Python elsewhere than .venv.
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# ---- the machine -----------------------------------------------------------------------------------------------------

find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null </dev/null; then
            command -v "$name"
            return
        fi
    done
}

venv_package() {  # Debian keeps ensurepip apart, in a package named after the interpreter's version
    "$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
}

has_library() { [[ "$libraries" == *"$1"* ]]; }

missing_packages() {
    local python libraries
    libraries="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)"
    python="$(find_python)"
    if [ -z "$python" ]; then
        echo python3 python3-venv
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        venv_package "$python"
    fi
    if [ "$(uname)" = Linux ]; then  # WeasyPrint finds these by name, at run time
        has_library libpango-1.0.so.0 || echo libpango-1.0-0
        has_library libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0
        has_library libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
    fi
    if [ "$purpose" = test ]; then
        [ -x /usr/bin/chromium ] || command -v chromium >/dev/null || echo chromium
        command -v pdftotext >/dev/null || echo poppler-utils
    fi
}

# What some tests use and skip without. Debian starts nginx as it installs it, so never on a machine that runs services:
# only in a container or in CI.
wished_packages() {
    if [ "$purpose" = test ] && { [ -n "${CI:-}" ] || [ ! -d /run/systemd/system ]; }; then
        PATH="$PATH:/sbin:/usr/sbin" command -v nginx >/dev/null || echo nginx
        command -v openssl >/dev/null || echo openssl
    fi
}

become_root() {  # the prefix that makes apt-get an administrator's, without asking for a password
    if [ "$(id -u)" = 0 ]; then
        echo env DEBIAN_FRONTEND=noninteractive
    elif sudo -n true 2>/dev/null </dev/null; then
        echo sudo -n env DEBIAN_FRONTEND=noninteractive
    fi
}

apt_command() {
    if [ "$(id -u)" = 0 ]; then
        echo "apt-get install $*"
    elif command -v sudo >/dev/null; then
        echo "sudo apt-get install $*"
    else
        echo "su - -c \"apt-get install $*\""
    fi
}

install_wished() {  # in silence, and going on whatever apt says
    local prefix
    prefix="$(become_root)"
    if [ $# -gt 0 ] && [ -n "$prefix" ] && command -v apt-get >/dev/null; then
        say "Installation de ce qui permet tous les tests : $*…"
        { $prefix apt-get -qq update && $prefix apt-get -qq install --no-install-recommends -y "$@"; } </dev/null >/dev/null 2>&1 ||
            say "Sans eux, quelques tests sont passés sous silence."
    fi
}

install_packages() {
    local packages=("$@") prefix
    prefix="$(become_root)"
    if [ -n "$prefix" ] && command -v apt-get >/dev/null; then
        say "Installation des paquets Debian : ${packages[*]}…"
        $prefix apt-get -qq update </dev/null >&2 || true  # a list a little old may still do
        $prefix apt-get -qq install --no-install-recommends -y "${packages[@]}" </dev/null >&2 || true
    fi
    # shellcheck disable=SC2207  # package names hold no space
    packages=($(missing_packages))
    [ ${#packages[@]} -eq 0 ] || die "Il manque à cette machine : ${packages[*]}. Tapez la commande suivante," \
        "puis relancez « make $purpose » :
    $(apt_command "${packages[@]}")"
}

# ---- the virtual environment -----------------------------------------------------------------------------------------

# Everything that, when it changes, makes an environment stale: its place and interpreter, which its scripts name, and
# what it must hold; not the options of ruff or pytest.
stamp_for() {
    {
        pwd -P
        readlink -f "$python"
        cat scripts/setup.sh
        "$python" - <<'PYTHON'
import sys, tomllib
with open("pyproject.toml", "rb") as stream:
    said = tomllib.load(stream)
print(sys.version, said["build-system"], said["project"], said["tool"]["hatch"])
PYTHON
    } | sha256sum | cut -d' ' -f1
}

is_sound() {  # the interpreter runs, and finds this very project and what it stands on
    "$venv/bin/python" -I - "$PWD" >/dev/null 2>&1 <<'PYTHON'
import importlib.util as u, os, sys
found = [u.find_spec(n) for n in ("acompta", "acompta_cli", "beancount", "fava", "weasyprint", "click")]
assert all(found), found
here = os.path.realpath(sys.argv[1])
assert os.path.realpath(list(found[0].submodule_search_locations)[0]).startswith(here + os.sep)
PYTHON
}

is_ready() {  # an environment made for the tests serves the demo too
    local made
    for made in "$venv/stamp-$purpose" "$venv/stamp-test"; do
        if [ "$(cat "$made" 2>/dev/null)" = "$stamp" ] && [ -x "$venv/bin/acompta" ] && is_sound; then
            return 0
        fi
    done
    return 1
}

fill_environment() {
    local extras=""
    [ "$purpose" = demo ] || extras="[test]"
    "$python" -m venv "$venv" &&
        "$venv/bin/python" -m pip install --quiet --no-input --editable ".$extras" &&
        is_sound
}

build_environment() {
    # To the reader's own screen: the step cut short may be writing to the log.
    exec 8>&2
    trap 'die "Installation interrompue : relancez « make $purpose », elle reprendra du début." 2>&8' INT TERM
    say "Installation des bibliothèques Python dans $venv (une à deux minutes la première fois)…"
    # Always from nothing: neither what an interruption left nor what is no longer asked for stays behind.
    rm -rf "$venv"
    fill_environment </dev/null >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        die "L'installation des bibliothèques Python a échoué (détail ci-dessus, entier dans $log)." \
            "Vérifiez la connexion au réseau, puis relancez « make $purpose »."
    }
    printf '%s\n' "$stamp" >"$venv/stamp-$purpose"
    rm -f "$log"
    trap - INT TERM
    exec 8>&-
}

# ---- one at a time ---------------------------------------------------------------------------------------------------

if command -v flock >/dev/null; then
    exec 9>.venv.lock
    flock -n 9 || { say "Une autre installation est en cours : on attend qu'elle finisse…"; flock 9; }
fi

# shellcheck disable=SC2046,SC2207  # package names hold no space
missing=($(missing_packages))
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
# shellcheck disable=SC2046
install_wished $(wished_packages)
python="$(find_python)"
stamp="$(stamp_for)"
is_ready || build_environment
