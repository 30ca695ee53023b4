"""Sampling with transformers' generate and its cache; tokens are those of the answers."""

from measuring import arguments, repeat, report, torch_for

options = arguments()
torch = torch_for(options)

from transformers import AutoModelForCausalLM

dtype = torch.bfloat16 if options.precision == "bfloat16" else torch.float32
model = AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype).eval()


def step(index):
    generator = torch.Generator().manual_seed(index)
    shape = (options.batch, options.prompt)
    ids = torch.randint(4, model.config.vocab_size, shape, generator=generator)
    output = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=options.answer,
        min_new_tokens=options.answer,
        num_return_sequences=options.samples,
        do_sample=True,
        top_k=0,
        temperature=1.0,
        pad_token_id=0,
        use_cache=True,
    )
    assert output.shape == (options.batch * options.samples, options.prompt + options.answer)
    return options.batch * options.samples * options.answer


report(options, repeat(options, step))
