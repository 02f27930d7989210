#!/bin/sh
# Runs a command with the signing keys that a CI service holds as texts: packaging/macos/keys.sh make package
#
#   MACOS_CERTIFICATE, MACOS_CERTIFICATE_PASSWORD   a .p12 file in base64, and what opens it
#   APPLE_KEY                                       a .p8 file's text
#
# The certificate goes into a key chain of its own, the key into a file; both are gone afterwards. Without them the
# command runs all the same, and says that nothing is signed.
set -eu
folder=$(mktemp -d)
chain=$folder/signing.keychain-db
clean_up() {
  [ ! -e "$chain" ] || security delete-keychain "$chain" || true
  # shellcheck disable=SC2086
  [ -z "${others:-}" ] || security list-keychains -d user -s $others || true
  rm -rf "$folder"
}
trap clean_up EXIT
umask 077

if [ -n "${MACOS_CERTIFICATE:-}" ]; then
  printf '%s' "$MACOS_CERTIFICATE" | base64 -d >"$folder/certificate.p12"
  secret=$(LC_ALL=C tr -dc 'a-zA-Z0-9' </dev/urandom | head -c 40)
  security create-keychain -p "$secret" "$chain"
  security set-keychain-settings -lut 21600 "$chain"
  security unlock-keychain -p "$secret" "$chain"
  security import "$folder/certificate.p12" -k "$chain" -P "${MACOS_CERTIFICATE_PASSWORD:-}" -T /usr/bin/codesign
  security set-key-partition-list -S apple-tool:,apple: -s -k "$secret" "$chain" >/dev/null
  others=$(security list-keychains -d user | tr -d '"')
  # Splitting is meant: each is searched, and each is again afterwards.
  # shellcheck disable=SC2086
  security list-keychains -d user -s "$chain" $others
fi
if [ -n "${APPLE_KEY:-}" ]; then
  printf '%s\n' "$APPLE_KEY" >"$folder/notarise.p8"
  export TRIPTYCH_APPLE_KEY="$folder/notarise.p8"
fi
unset MACOS_CERTIFICATE MACOS_CERTIFICATE_PASSWORD APPLE_KEY
"$@"
