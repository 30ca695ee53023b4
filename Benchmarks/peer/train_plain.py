"""Supervised steps of all weights in a plain loop over PyTorch and transformers: the peer's fastest form.

Under torchrun with --ranks it is data-parallel over gloo; --batch is then all ranks' together.
"""

from measuring import arguments, repeat, report, torch_for

options = arguments()
torch = torch_for(options)

import contextlib

from transformers import AutoModelForCausalLM

rank = 0
if options.ranks > 1:
    torch.distributed.init_process_group("gloo")
    rank = torch.distributed.get_rank()
base = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)
base.config.use_cache = False
base.train()
model = torch.nn.parallel.DistributedDataParallel(base) if options.ranks > 1 else base
optimizer = torch.optim.AdamW(base.parameters(), lr=1e-5, weight_decay=0.0, fused=True)
share = options.batch // options.ranks


def precision():
    if options.precision == "bfloat16":
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def step(index):
    generator = torch.Generator().manual_seed(index * options.ranks + rank)
    ids = torch.randint(4, base.config.vocab_size, (share, options.answer), generator=generator)
    with precision():
        loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(base.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return options.batch * options.answer


repetitions = repeat(options, step)
if rank == 0:
    report(options, repetitions)
if options.ranks > 1:
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()
