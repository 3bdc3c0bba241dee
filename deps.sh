#!/bin/sh
# SPDX-License-Identifier: MIT
# deps.sh - find out what the suite still needs, and install it where that is possible.
#
# Looks for programs on PATH and for libraries with the compiler, so that it is right on any
# system; touches the network only when something is missing.  As root on Debian or Ubuntu it
# installs the missing packages, anywhere else it prints what to install and stops.

CC=${CC:-cc}
probe=$(mktemp -d) || exit 1
trap 'rm -rf "$probe"' EXIT
trap 'exit 1' HUP INT TERM
missing=

# need_program PROGRAM PACKAGE
need_program() {
    command -v "$1" >"$probe/found" 2>&1 || missing="$missing $2"
}

# need_library "HEADER or -" "COMPILER AND LINKER FLAGS" PACKAGE
need_library() {
    if [ "$1" = - ]; then : >"$probe/p.c"; else echo "#include <$1>" >"$probe/p.c"; fi
    echo 'int main(void) { return 0; }' >>"$probe/p.c"
    # The flags are words to be split.
    # shellcheck disable=SC2086
    $CC $CPPFLAGS -o "$probe/p" "$probe/p.c" $LDFLAGS $2 >"$probe/log" 2>&1 ||
        missing="$missing $3"
}

# To build.
need_program "${CC%% *}" gcc
need_program make       make
need_library stdio.h       ""          libc6-dev
need_library htslib/vcf.h  -lhts       libhts-dev
need_library libdeflate.h  -ldeflate   libdeflate-dev
need_library jansson.h     -ljansson   libjansson-dev
need_library openssl/sha.h -lcrypto    libssl-dev
need_library zlib.h        -lz         zlib1g-dev

# predict loads OpenBLAS when it finds it, at run time; no header is needed.
[ -e "/usr/lib/$(uname -m)-linux-gnu/libopenblas.so.0" ] ||
    need_library - "-lopenblas" libopenblas0-pthread

# In pipelines, the demo and the tests.
need_program bcftools bcftools
need_program bedtools bedtools
need_program parallel parallel
need_program tabix    tabix
need_program mandoc   mandoc

if [ -z "$missing" ]; then
    echo "deps: nothing is missing"
    exit 0
fi

install="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >"$probe/found" 2>&1; then
    cat <<END
deps: missing, by the names of Debian's packages:
   $missing
On this system, install what provides them (see "Install" in README.md), then run make again.
END
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    cat <<END
deps: missing:
   $missing
Install them as root, then run make again:
    sudo apt-get update && sudo $install
END
    exit 1
fi

echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if apt-get update -q && $install; then
    echo "deps: done"
else
    echo "deps: apt-get failed; the command was: apt-get update && $install" >&2
    exit 1
fi
