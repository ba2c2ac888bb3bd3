#!/bin/sh
# Makes certificates for tests and experiments:  Scripts/make-certs.sh FOLDER
#
#   ca.pem                       the authority the others lead to
#   server.pem, server.key       for localhost and 127.0.0.1
#   client.pem, client.key       for mutual TLS
#   other-ca.pem                 an authority that has signed none of them
#   other-name.pem, .key         signed by ca.pem, for another host
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
cd "$1"

authority() { # FILE NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout "$1.key" -out "$1.pem" \
        -subj "/CN=$2" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
}

certificate() { # FILE NAME USAGE SUBJECT-ALTERNATIVE-NAMES
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" \
        -subj "/CN=$2" 2>/dev/null
    printf 'extendedKeyUsage=%s\nsubjectAltName=%s\n' "$3" "$4" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" \
        -out "$1.pem" 2>/dev/null
    rm -f "$1.csr" "$1.ext"
}

authority ca "test authority"
authority other-ca "another authority"
certificate server localhost serverAuth DNS:localhost,IP:127.0.0.1
certificate client "a client" clientAuth DNS:client
certificate other-name elsewhere.example serverAuth DNS:elsewhere.example
