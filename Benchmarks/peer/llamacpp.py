"""Sampling with llama.cpp from a GGUF file, one prompt at a time."""

from measuring import arguments, repeat, report

options = arguments()

import random

from llama_cpp import Llama

random.seed(0)
model = Llama(
    options.model,
    n_ctx=options.prompt + options.answer,
    n_threads=options.threads,
    n_threads_batch=options.threads,
    verbose=False,
)


def step(index):
    model.reset()
    model.eval([random.randrange(100, model.n_vocab()) for _ in range(options.prompt)])
    for _ in range(options.answer - 1):
        model.eval([model.sample(temp=1.0, top_k=0, top_p=1.0, min_p=0.0)])
    model.sample(temp=1.0, top_k=0, top_p=1.0, min_p=0.0)
    return options.answer


report(options, repeat(options, step), ("llama-cpp-python",))
