#!/bin/sh
# Prepares this checkout on a fresh machine; a second run finds everything in place and ends at once.
#
#   packaging/bootstrap.sh check   the packages for lint, types and shape
#   packaging/bootstrap.sh run     the program, its system libraries and the default models
#   packaging/bootstrap.sh demo    the same, and a virtual screen
#   packaging/bootstrap.sh test    what the tests need, with the small models
#   packaging/bootstrap.sh package what makes installers, in an environment of its own with nothing that tests need
#   packaging/bootstrap.sh test-package what tries installers on bare machines
#
# What the environment may say:
#   TRIPTYCH_PYTHON=/path/to/python    the Python to make .venv from
#   TRIPTYCH_NO_SYSTEM_PACKAGES=1      never call a package manager
# Mirrors of PyPI are named as uv knows them (UV_DEFAULT_INDEX) or as pip does (PIP_INDEX_URL).
set -eu
cd "$(dirname "$0")/.."

VENV=.venv
VENV_PYTHON=$VENV/bin/python
FETCH_MODELS="$VENV_PYTHON -m app models fetch"
TEST_MODELS=build/models
PYTHON_RANGE="3.12 to 3.15"

say() { printf 'set-up: %s\n' "$*" >&2; }

stop() {
  say "$@"
  exit 1
}

# --- Python and uv ---------------------------------------------------------------------------------------------------

# True if the candidate really runs and can carry the program: pyenv's shims, among others, may be there and fail.
is_usable_python() {
  "$1" -c '
import ctypes, sqlite3, ssl, sys, sysconfig
ordinary = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
sys.exit(not (ordinary and (3, 12) <= sys.version_info[:2] < (3, 16)))' </dev/null >/dev/null 2>&1
}

# True if the candidate, of whatever later version, can make a virtual environment with pip to get uv from.
can_install_uv() {
  "$1" -c 'import ensurepip, ssl, sys, venv; sys.exit(sys.version_info < (3, 9))' </dev/null >/dev/null 2>&1
}

# Prints the first Python that passes the named check.
find_python() {
  python_candidates | while read -r candidate; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    if "$1" "$path"; then
      printf '%s\n' "$path"
      break
    fi
  done | grep .
}

# pyenv's own folders are looked into because its shims work only for the versions that are switched on.
python_candidates() {
  [ -z "${TRIPTYCH_PYTHON:-}" ] || printf '%s\n' "$TRIPTYCH_PYTHON"
  pyenv=${PYENV_ROOT:-${HOME:-}/.pyenv}/versions
  for version in 3.13 3.12 3.14 3.15; do
    printf '%s\n' "python$version" "$pyenv/$version".*/bin/python3
  done
  printf '%s\n' python3 "$pyenv"/3.*/bin/python3
}

# Prints the uv to use, if there is one: our own from an earlier run, or one on the PATH that is not too old.
find_uv() {
  for candidate in .boot/bin/uv uv; do
    case $("$candidate" --version 2>/dev/null) in
      "uv 0."[0-6].*) ;;
      "uv "*)
        printf '%s\n' "$candidate"
        return 0
        ;;
    esac
  done
  return 1
}

install_uv() {
  python=$(find_python can_install_uv) || stop_without_python
  say "getting uv, which installs the Python packages, with $python"
  "$python" -m venv --clear .boot
  .boot/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement packaging/requirements-boot.txt || stop "uv could not be fetched; the lines above say why"
  UV=.boot/bin/uv
}

download_python() {
  say "no Python $PYTHON_RANGE is installed; downloading 3.12 with uv"
  UV_HTTP_TIMEOUT=15 UV_HTTP_RETRIES=0 "$UV" python install 3.12 >&2 || stop_without_python
  PYTHON=$("$UV" python find --managed-python 3.12) || stop_without_python
}

stop_without_python() {
  case $(system_name) in
    debian-12*) advice="Debian 12 has 3.11 only: get 3.12 with pyenv (pyenv install 3.12), or upgrade to Debian 13" ;;
    ubuntu-2[0-2]*)
      advice="run: sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt-get install python3.12 python3.12-venv"
      ;;
    debian-* | ubuntu-*) advice="run: sudo apt-get install python3 python3-venv" ;;
    fedora-*) advice="run: sudo dnf install python3.13" ;;
    arch-*) advice="run: sudo pacman -S python" ;;
    Darwin-*) advice="run: brew install python@3.13" ;;
    *) advice="install it with your system's package manager or with pyenv (pyenv install 3.13)" ;;
  esac
  say "Triptych needs Python $PYTHON_RANGE: the window library crashes on 3.11, and older ones cannot load it."
  say "None was found and none could be downloaded. $advice"
  stop "a Python in an unusual place can be named: TRIPTYCH_PYTHON=/path/to/python make run"
}

# Prints, say, debian-12 or Darwin-23.1.
system_name() {
  if [ -r /etc/os-release ]; then
    # shellcheck disable=SC1091
    (. /etc/os-release && printf '%s-%s\n' "${ID:-unknown}" "${VERSION_ID:-rolling}")
  else
    printf '%s-%s\n' "$(uname -s)" "$(uname -r)"
  fi
}

# --- System packages -------------------------------------------------------------------------------------------------

# Prints the package manager, which is also a column of system_packages.txt; fails where there is none of them.
find_package_manager() {
  for manager in apt-get dnf pacman brew; do
    if command -v "$manager" >/dev/null 2>&1; then
      printf '%s\n' "$manager"
      return 0
    fi
  done
  return 1
}

list_libraries() {
  for tool in ldconfig /sbin/ldconfig /usr/sbin/ldconfig; do
    if command -v "$tool" >/dev/null 2>&1; then
      "$tool" -p 2>/dev/null || true
      return 0
    fi
  done
}

# True if what the sign stands for is on this machine; LIBRARIES holds the linker's list.
is_present() {
  case $1 in
    lib:*) case $LIBRARIES in *"${1#lib:} "*) return 0 ;; *) return 1 ;; esac ;;
    cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
    file:*) any_file_matches "${1#file:}" ;;
  esac
}

any_file_matches() (
  # Splitting at the bars and expanding the patterns are meant.
  IFS='|'
  for file in $1; do
    if [ -e "$file" ]; then exit 0; fi
  done
  exit 1
)

# Prints the packages that a group lacks, in the column of a package manager.
missing_packages() {
  while read -r group sign apt dnf pacman brew; do
    [ "$group" = "$1" ] || continue
    case $2 in apt-get) names=$apt ;; dnf) names=$dnf ;; pacman) names=$pacman ;; *) names=$brew ;; esac
    if [ "$names" != - ] && ! is_present "$sign"; then
      printf '%s\n' "$names" | tr ',' '\n'
    fi
  done <packaging/system_packages.txt | sort -u | tr '\n' ' '
}

purpose() {
  case $1 in
    python) printf 'to run Python' ;;
    network) printf 'to check certificates' ;;
    window) printf 'to show a window' ;;
    sound) printf 'to record and play' ;;
    sound-server) printf 'to record and play beside other programs' ;;
    screen) printf 'to draw without a display' ;;
    fonts) printf 'to draw Chinese and emoji' ;;
    microphone) printf 'to test with a virtual microphone' ;;
    observer) printf 'to test that nothing but the servers you set up is called' ;;
    installers) printf 'to make installers' ;;
    bare-machines) printf 'to try installers on bare machines' ;;
  esac
}

# Where no server shares the sound card there is none to reach; the group is large.
is_pointless() { [ "$1" = sound-server ] && ! is_present cmd:pulseaudio && ! is_present cmd:pipewire; }

# Installs in one call what the given groups lack, and says what and why before it asks for more rights.
install_system_packages() {
  [ -z "${TRIPTYCH_NO_SYSTEM_PACKAGES:-}" ] || return 0
  LIBRARIES=$(list_libraries)
  manager=$(find_package_manager) || manager=""
  column=$manager
  if [ -z "$column" ] && [ "$(uname -s)" != "Darwin" ]; then column="apt-get"; fi
  missing=""
  for group in "$@"; do
    if is_pointless "$group"; then continue; fi
    packages=$(missing_packages "$group" "$column")
    [ -z "$packages" ] || say "missing $(purpose "$group"): $packages"
    missing=$missing$packages
  done
  [ -n "$missing" ] || return 0
  if [ -z "$manager" ]; then
    say "no apt-get, dnf, pacman or brew is here to install them; going on without them"
    return 0
  fi
  install_missing
}

install_missing() {
  case $manager in
    apt-get) install="apt-get install -y --no-install-recommends" ;;
    dnf) install="dnf install -y" ;;
    pacman) install="pacman -S --needed --noconfirm" ;;
    brew) install="brew install" ;;
  esac
  sudo=$(choose_sudo) || stop "they need an administrator; please run: sudo $install $missing"
  say "installing them with $manager${sudo:+ and sudo, which may ask for your password}"
  # Splitting is meant below: these are commands and a list of names. Another apt-get may be at work: it is waited for.
  # shellcheck disable=SC2086
  if [ "$manager" = apt-get ]; then
    quiet="-q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600"
    $sudo apt-get $quiet update >&2 || say "some package lists could not be refreshed"
    $sudo env DEBIAN_FRONTEND=noninteractive $install $quiet $missing </dev/null >&2
  else
    $sudo $install $missing </dev/null >&2
  fi || stop "$manager failed; when it works again, run: $sudo $install $missing"
}

# Prints nothing for an administrator and for brew, else sudo; fails where sudo is missing or could not ask.
choose_sudo() {
  if [ "$manager" = brew ] || [ "$(id -u)" = 0 ]; then return 0; fi
  command -v sudo >/dev/null 2>&1 || return 1
  [ -t 2 ] || sudo -n true 2>/dev/null || return 1
  printf 'sudo'
}

# --- What lives inside the checkout ----------------------------------------------------------------------------------

fingerprint() { cksum <"$1"; }

# True if .venv works and holds exactly what the lock file says.
packages_are_current() {
  [ "$(cat "$VENV/$1.stamp" 2>/dev/null)" = "$(fingerprint "packaging/$1")" ] && is_usable_python "$VENV_PYTHON"
}

install_python_packages() {
  if ! is_usable_python "$VENV_PYTHON"; then
    say "making $VENV with $PYTHON"
    "$UV" venv --quiet --clear --python "$PYTHON" "$VENV"
  fi
  rm -f "$VENV"/requirements*.stamp
  say "installing the Python packages of packaging/$1 (the first time this downloads about 200 MB)"
  "$UV" pip sync --python "$VENV_PYTHON" --require-hashes --only-binary :all: --compile-bytecode "packaging/$1" >&2 ||
    stop "the packages could not be installed; the lines above say why"
  install_program
  # The packages for tests include those of the program, at the same versions.
  fingerprint packaging/requirements.txt >"$VENV/requirements.txt.stamp"
  fingerprint "packaging/$1" >"$VENV/$1.stamp"
}

# Makes the checkout importable from everywhere and gives .venv/bin the command `triptych`.
install_program() {
  packages=$("$VENV_PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  pwd >"$packages/triptych.pth"
  printf '#!/bin/sh\nexec "%s" -P -m app "$@"\n' "$PWD/$VENV_PYTHON" >"$VENV/bin/triptych"
  chmod +x "$VENV/bin/triptych"
}

# Start-up is measured with compiled bytecode, and where PYTHONDONTWRITEBYTECODE is set nothing else would write it.
compile_bytecode() {
  stamp=$VENV/bytecode.stamp
  if [ ! -e "$stamp" ] || [ -n "$(find app -name '*.py' -newer "$stamp" | head -n 1)" ]; then
    "$VENV_PYTHON" -m compileall -q app
    : >"$stamp"
  fi
}

# Fetches a set of models once. Takes the stamp file, then the arguments of the command, which resumes and verifies.
fetch_models() {
  stamp=$1
  shift
  wanted="$* ${TRIPTYCH_DATA_DIR:-} $(fingerprint resources/models.json)"
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
  if ! "$VENV_PYTHON" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("cyllama") is None)'; then
    say "the built-in engine does not exist for this system, so no models are fetched; providers work as everywhere"
    return 0
  fi
  say "fetching the models of the built-in engine"
  $FETCH_MODELS "$@" >&2 || return 1
  mkdir -p "$(dirname "$stamp")"
  printf '%s\n' "$wanted" >"$stamp"
}

fetch_default_models() {
  fetch_models "$VENV/default-models.stamp" --default ||
    say "they could not all be fetched; Triptych runs without them and offers them again on its Models page"
}

# --- Profiles --------------------------------------------------------------------------------------------------------

# Makes .venv hold a lock file's packages, after one call for the system packages of the named groups.
prepare() {
  lock=$1
  shift
  if packages_are_current "$lock"; then
    install_system_packages "$@"
    return 0
  fi
  adopt_pip_settings
  if [ -n "${TRIPTYCH_PYTHON:-}" ] && ! is_usable_python "$TRIPTYCH_PYTHON"; then
    stop "TRIPTYCH_PYTHON=$TRIPTYCH_PYTHON does not work or is not a Python $PYTHON_RANGE"
  fi
  UV=$(find_uv) || UV=""
  [ -n "$UV" ] || find_python can_install_uv >/dev/null || set -- python "$@"
  install_system_packages "$@"
  [ -n "$UV" ] || install_uv
  PYTHON=$(find_python is_usable_python) || download_python
  install_python_packages "$lock"
}

# A mirror and certificates that pip knows of are used by uv as well.
adopt_pip_settings() {
  if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
  fi
  if [ -s /etc/ssl/certs/ca-certificates.crt ] || [ "$(uname -s)" = Darwin ]; then
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"
  fi
}

case ${1:-} in
  check)
    prepare requirements-test.txt
    ;;
  run)
    prepare requirements.txt network window sound sound-server
    packaging/translations.sh compile
    compile_bytecode
    fetch_default_models
    ;;
  demo)
    prepare requirements.txt network window sound sound-server screen fonts
    packaging/translations.sh compile
    compile_bytecode
    fetch_default_models
    ;;
  test)
    prepare requirements-test.txt network window sound screen fonts microphone observer
    packaging/translations.sh compile
    compile_bytecode
    fetch_models "$TEST_MODELS/fetched.stamp" --test --into "$TEST_MODELS" ||
      stop "the tests need these models; the lines above say why they could not be fetched"
    ;;
  package)
    VENV=.venv-package
    VENV_PYTHON=$VENV/bin/python
    prepare requirements-package.txt network window sound installers
    VENV=$VENV packaging/translations.sh compile
    ;;
  test-package)
    prepare requirements-test.txt network window sound screen fonts microphone observer bare-machines
    packaging/translations.sh compile
    compile_bytecode
    ;;
  *) stop "usage: packaging/bootstrap.sh check|run|demo|test|package|test-package" ;;
esac
