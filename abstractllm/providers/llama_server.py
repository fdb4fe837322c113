"""A llama.cpp server as a process of its own, which `LocalModel` starts and ends.

It reads one line of JSON from stdin, `{"path", "contextLength", "apiKey"}`, loads the
model and answers with one line, `{"port"}`. Where it cannot, it says why on stderr and
ends. It also ends when stdin does, so that it never outlives the process that
started it, however that one died.
"""

import json
import os
import sys
from typing import Any

_PARALLEL_REPLIES = 2
_PROMPT_CACHE_MEGABYTES = 512
_LOG_ERRORS_ONLY = 1


def main() -> None:
    """Serve the model that stdin names until stdin ends."""
    # Native code prints to stdout, so the answer goes through a copy of it.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    order = json.loads(sys.stdin.readline())
    try:
        server = _serve(order["path"], order["contextLength"], order["apiKey"])
    except (ImportError, RuntimeError) as error:
        sys.exit(str(error))
    port = int(server.listening_address.rpartition(":")[2])
    print(json.dumps({"port": port}), file=answer, flush=True)
    sys.stdin.read()
    os._exit(0)  # replies may still be running, and nobody waits for them


def _serve(path: str, context_length: int, api_key: str) -> Any:
    from xllamacpp import CommonParams, Server

    params = CommonParams()
    params.verbosity = _LOG_ERRORS_ONLY
    params.model.path = path
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [api_key]
    params.ui = False
    params.endpoint_slots = False
    params.use_jinja = True
    # llama.cpp divides the context among the replies it gives at the same time.
    params.n_parallel = _PARALLEL_REPLIES
    params.n_ctx = context_length * _PARALLEL_REPLIES
    # A small model that repeats itself would go on to the end of its context.
    params.n_predict = context_length // 2
    params.cache_ram_mib = _PROMPT_CACHE_MEGABYTES
    # Its threads spin while they wait for each other: with one for every processor, a
    # busy machine gets its words many times slower.
    params.cpuparams.n_threads = max(1, (os.cpu_count() or 1) // 2)
    # Its defaults, 0.8 and no penalty, let a small model wander and repeat itself to
    # the end of the context; a higher penalty has it avoid the question's own words.
    # SmolLM2's card advises 0.2 and 0.9.
    params.sampling.temp = 0.2
    params.sampling.top_p = 0.9
    params.sampling.penalty_repeat = 1.05
    params.sampling.penalty_last_n = 256
    return Server(params)


if __name__ == "__main__":
    main()
