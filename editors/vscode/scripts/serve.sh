#!/bin/bash
# Serves a VS Code with the extension, to a browser on this machine, until Ctrl+C:
# serve.sh [FOLDER]. PORT is 8137 unless the environment says otherwise.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../../.." && pwd)
folder=$(cd "${1:-$repository}" && pwd)
home=$repository/build/vscode/home
address=127.0.0.1:${PORT:-8137}

code_server() {
    "$repository/build/vscode/node/node" \
        "$repository/build/vscode/code-server/node_modules/code-server" \
        --config "$home/config.yaml" --user-data-dir "$home/user" \
        --extensions-dir "$home/extensions" --disable-telemetry --disable-update-check \
        "$@"
}

mkdir -p "$home/user/Machine"
printf '{"abstractllm.serverPath": "%s"}\n' "$repository/.venv/bin/abstractllm-ls" \
    >"$home/user/Machine/settings.json"
code_server --force --install-extension "$repository/build/abstractllm.vsix" >/dev/null
# Others on this machine can reach the address too, and a VS Code has a terminal.
PASSWORD=$("$repository/.venv/bin/python" -c 'import secrets; print(secrets.token_hex(8))')
export PASSWORD
echo "VS Code is at http://$address/?folder=$folder (Ctrl+C ends it)"
echo "Its password, this time: $PASSWORD"
code_server --auth password --bind-addr "$address" --disable-getting-started-override \
    >/dev/null
