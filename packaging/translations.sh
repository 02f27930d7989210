#!/bin/sh
# Brings the catalogues of texts up to date with the code. Run it after a text that people see has changed.
#
#   packaging/translations.sh update    collect the texts of app/ into both catalogues, then compile them
#   packaging/translations.sh compile   only compile them, as the set-up does before each start
#
# triptych_en.ts holds only texts with a number in them: "%n file(s)" becomes "1 file" and "2 files" there; all others
# are English already. triptych_zh_CN.ts holds every text. New ones are marked as unfinished until someone translates
# them, and those that left the code are dropped. Places in the code are left out: they would change with every line.
set -eu
cd "$(dirname "$0")/.."

CATALOGUES=resources/translations

# Takes the language, then options.
collect() {
  language=$1
  shift
  # Splitting is meant: the names of modules have no spaces.
  # shellcheck disable=SC2046
  .venv/bin/pyside6-lupdate -silent -locations none -no-obsolete -source-language en -target-language "$language" "$@" \
    $(find app -name '*.py' | LC_ALL=C sort) -ts "$CATALOGUES/triptych_$language.ts"
}

compile() {
  for catalogue in "$CATALOGUES"/triptych_*.ts; do
    .venv/bin/pyside6-lrelease -silent "$catalogue" -qm "${catalogue%.ts}.qm"
  done
}

case ${1:-} in
  update)
    collect en -pluralonly
    collect zh_CN
    compile
    echo "unfinished texts:"
    grep -c 'type="unfinished"' "$CATALOGUES"/triptych_*.ts || true
    ;;
  compile) compile ;;
  *)
    echo "usage: packaging/translations.sh update|compile" >&2
    exit 2
    ;;
esac
