#!/bin/sh
# Puts the installers of all systems below a draft release of the tag: packaging/release.sh TAG FOLDER
#
# FOLDER holds what `make package` left in dist/ on each system, in a folder for each. A person looks at the draft, signs
# its sums with the offline key (CONTRIBUTING.md) and publishes it; nothing is published here. Needs gh with GH_TOKEN.
set -eu
cd "$(dirname "$0")/.."

tag=$1
folder=$2
version=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' app/identity.py)
if [ "$tag" != "v$version" ]; then
  echo "The tag $tag does not belong to version $version of app/identity.py." >&2
  exit 1
fi

release=${folder%/}-release
notes=${folder%/}-notes.md
rm -rf "$release"
mkdir -p "$release"
for system in "$folder"/*/; do
  [ -f "$system/SHA256SUMS" ] || continue
  (cd "$system" && sha256sum --check --quiet SHA256SUMS)
  cat "$system/SHA256SUMS" >>"$release/SHA256SUMS"
  for file in "$system"/*; do
    case $file in
      */SHA256SUMS) ;;
      *)
        [ ! -e "$release/${file##*/}" ] || {
          echo "Two systems made a file ${file##*/}." >&2
          exit 1
        }
        cp "$file" "$release/"
        ;;
    esac
  done
done
[ -s "$release/SHA256SUMS" ] || {
  echo "There are no installers below $folder." >&2
  exit 1
}
(cd "$release" && sha256sum --check --quiet SHA256SUMS)

# Not the tag's own words: the checkout of the CI service has only the commit that the tag names.
python3 packaging/changes.py "$version" >"$notes"
gh release create "$tag" --draft --verify-tag --title "Triptych $version" --notes-file "$notes" "$release"/*
