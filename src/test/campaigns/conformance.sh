#!/bin/sh
# Holds `jbuild registry serve` against a conformance suite of the OCI distribution specification, in
# each of its modes. The suite is a program built from the specification's repository, either the
# `conformance.test` of 1.1 (go test -c) or the `conformance` of later versions (go build).
#
#   conformance.sh SUITE [JBUILD]
set -eu

suite=$(realpath "$1")
jbuild=$(realpath "${2:-target/jbuild/bin/jbuild}")
work=$(mktemp -d)
failed=0
trap 'rm -rf "$work"' EXIT

# try NAME USER PASSWORD OPTIONS-OF-SERVE...
try() {
  name=$1 user=$2 password=$3
  shift 3
  mkdir -p "$work/$name"
  cd "$work/$name"
  "$jbuild" --root root registry serve --addr 127.0.0.1:0 --delete -q "$@" >url 2>log &
  server=$!
  while [ ! -s url ] && kill -0 $server 2>/dev/null; do sleep 0.1; done
  # the store knows content by sha256 only
  sha512=true
  case "$*" in *--store*) sha512=false ;; esac
  ca=data/tls/ca.crt
  [ ! -e $ca ] || export SSL_CERT_FILE="$PWD/$ca"
  if OCI_ROOT_URL=$(head -n 1 url) OCI_NAMESPACE=conformance/one \
    OCI_CROSSMOUNT_NAMESPACE=conformance/two OCI_USERNAME=$user OCI_PASSWORD=$password \
    OCI_TEST_PULL=1 OCI_TEST_PUSH=1 OCI_TEST_CONTENT_DISCOVERY=1 OCI_TEST_CONTENT_MANAGEMENT=1 \
    OCI_AUTOMATIC_CROSSMOUNT=1 OCI_DATA_SHA512=$sha512 "$suite" >report 2>errors; then
    echo "$name: passed"
  else
    echo "$name: FAILED"
    grep -a FAIL report | head -n 20 || true
    failed=1
  fi
  unset SSL_CERT_FILE
  kill $server
  wait $server || true
}

htpasswd -Bbn me secret >"$work/people"
try data '' '' --data data
try store '' '' --store
try password me secret --data data --auth "$work/people"
try tls me secret --data data --auth "$work/people" --tls self-signed
exit $failed
