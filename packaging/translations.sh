#!/bin/sh
# Brings the catalogues of texts up to date with the code. Run it after a text that people see has changed.
#
#   packaging/translations.sh update            collect the texts of app/ into both catalogues, then compile them
#   packaging/translations.sh compile           only compile those that changed, as the set-up does
#   packaging/translations.sh collect FOLDER    only collect, into the catalogues of another folder (for the tests)
#
# New texts are marked as unfinished until someone translates them, and those that left the code are dropped. English
# fills itself but for plural forms that "(s)" does not tell. Places in the code are left out: they would change with
# every line.
set -eu
cd "$(dirname "$0")/.."

CATALOGUES=resources/translations

# Takes the folder, the language, then options.
collect() {
  catalogue=$1/triptych_$2.ts
  language=$2
  shift 2
  # Splitting is meant: the names of modules have no spaces.
  # shellcheck disable=SC2046
  .venv/bin/pyside6-lupdate -silent -locations none -no-obsolete -source-language en -target-language "$language" "$@" \
    $(find app -name '*.py' | LC_ALL=C sort) -ts "$catalogue"
}

collect_all() {
  collect "$1" zh_CN
  # A similar text's English would be the old wording.
  collect "$1" en -disable-heuristic similartext -disable-heuristic sametext
  .venv/bin/python packaging/english_catalogue.py "$1/triptych_en.ts"
}

compile() {
  for catalogue in "$CATALOGUES"/triptych_*.ts; do
    compiled=${catalogue%.ts}.qm
    if [ ! -e "$catalogue" ] || { [ -e "$compiled" ] && [ -z "$(find "$catalogue" -newer "$compiled")" ]; }; then
      continue
    fi
    echo "compiling $catalogue" >&2
    # In one step: a program that runs has the old file mapped into its memory and would die of a change to it.
    "${VENV:-.venv}/bin/pyside6-lrelease" -silent "$catalogue" -qm "$compiled.new" >&2
    mv "$compiled.new" "$compiled"
  done
}

case ${1:-} in
  update)
    collect_all "$CATALOGUES"
    compile
    echo "unfinished texts:"
    grep -c 'type="unfinished"' "$CATALOGUES"/triptych_*.ts || true
    ;;
  compile) compile ;;
  collect) collect_all "${2:?the folder is missing}" ;;
  *)
    echo "usage: packaging/translations.sh update|compile|collect FOLDER" >&2
    exit 2
    ;;
esac
