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
echo "VS Code is at http://$address/?folder=$folder (Ctrl+C ends it)"
code_server --auth none --bind-addr "$address" --disable-getting-started-override \
    >/dev/null
