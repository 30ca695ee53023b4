"""Steps of TRL's own trainers, with PEFT where an adapter is trained: ragged, dpo, reward, grpo, online-dpo.

Gradient checkpointing, which TRL switches on, is off: the steps are faster without. A step's time runs from the end of
the one before, and so has its batch's preparation in it.
"""

from measuring import (
    FEWEST_SECONDS,
    Stretch,
    arguments,
    checksum_reward,
    report,
    torch_for,
    wait_for_quiet,
)

options = arguments()
torch = torch_for(options)

import json
import random
import tempfile

from datasets import Dataset
from peft import LoraConfig
from torch.utils.data import SequentialSampler
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    TrainerCallback,
)

# As many as can be wanted: short steps come many to a repetition, and training is stopped when all are measured.
STEPS = 20_000

random.seed(0)
tokenizer = AutoTokenizer.from_pretrained(options.model)
lora = LoraConfig(
    r=16,
    lora_alpha=32,
    lora_dropout=0.0,
    task_type="CAUSAL_LM",
    target_modules="all-linear",
)
adapter = None if options.full else lora
common = dict(
    output_dir=tempfile.mkdtemp(),
    use_cpu=True,
    bf16=options.precision == "bfloat16",
    gradient_checkpointing=False,
    max_steps=STEPS,
    report_to="none",
    save_strategy="no",
    logging_strategy="no",
    disable_tqdm=True,
    learning_rate=1e-5,
    per_device_train_batch_size=options.batch,
    dataloader_num_workers=0,
)


class Clock(TrainerCallback):
    """Takes the time between the ends of steps, unmeasured ones first, and stops training at the last."""

    def __init__(self):
        self.repetitions, self.step = [], 0
        self.since, self.tokens = 0, 0

    def on_train_begin(self, *_, **__):
        self.clock = Stretch()

    def on_step_end(self, args, state, control, **_):
        self.since += 1
        self.tokens += tokens_of_step(self.step)
        self.step += 1
        if self.step > options.warmup:
            if self.clock.seconds() < FEWEST_SECONDS:
                return
            self.repetitions.append(self.clock.stop(self.since, self.tokens))
            control.should_training_stop |= len(self.repetitions) >= options.reps
        if self.step >= options.warmup and not control.should_training_stop:
            wait_for_quiet(options.quiet)
        self.since, self.tokens, self.clock = 0, 0, Stretch()


def load(kind=AutoModelForCausalLM, **more):
    return kind.from_pretrained(options.model, dtype=torch.float32, **more)


def stable_words():
    """Tokens of a space and a word that stay one token each wherever they stand."""
    vocabulary = tokenizer.get_vocab()
    if "t4" in vocabulary:
        return [f" t{index}" for index in range(4, len(vocabulary))]
    words = [tokenizer.decode([token]) for token in range(len(vocabulary))]
    words = [word for word in words if word.startswith(" ") and word[1:].isalpha()]
    return [word for word in words if len(tokenizer(word)["input_ids"]) == 1]


WORDS = stable_words()


def texts(count, rows=256):
    """Texts that are so many tokens each, also one behind the other."""
    made = ["".join(random.choices(WORDS, k=count)) for _ in range(rows)]
    assert len(tokenizer(made[0] + made[1])["input_ids"]) == 2 * count
    return made


def ragged():
    from trl import SFTConfig, SFTTrainer

    with open(options.rows) as file:
        rows = [json.loads(line) for line in file]
    start = options.skip * options.batch % len(rows)
    rows = rows[start:] + rows[:start]
    rows = rows[: len(rows) // options.batch * options.batch]

    class InOrder(SFTTrainer):
        def _get_train_sampler(self, dataset=None):
            return SequentialSampler(dataset if dataset is not None else self.train_dataset)

    trainer = InOrder(
        load(),
        SFTConfig(max_length=1024, packing=False, **common),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )

    def tokens(step):
        places = [(step * options.batch + row) % len(rows) for row in range(options.batch)]
        return sum(len(rows[place]["input_ids"]) for place in places)

    return trainer, tokens


def dpo():
    from trl import DPOConfig, DPOTrainer

    rows = Dataset.from_dict(
        {
            "prompt": texts(options.prompt),
            "chosen": texts(options.answer),
            "rejected": texts(options.answer),
        }
    )
    trainer = DPOTrainer(
        load(),
        ref_model=load() if options.full else None,
        args=DPOConfig(max_length=options.prompt + options.answer, **common),
        train_dataset=rows,
        processing_class=tokenizer,
        peft_config=adapter,
    )
    return trainer, lambda step: 2 * options.batch * (options.prompt + options.answer)


def reward():
    from trl import RewardConfig, RewardTrainer

    # The trainer puts the end's token behind each text.
    rows = Dataset.from_dict(
        {"chosen": texts(options.answer - 1), "rejected": texts(options.answer - 1)}
    )
    trainer = RewardTrainer(
        load(AutoModelForSequenceClassification, num_labels=1),
        RewardConfig(max_length=options.answer, **common),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    return trainer, lambda step: 2 * options.batch * options.answer


def grpo():
    from trl import GRPOConfig, GRPOTrainer

    settings = common | {"per_device_train_batch_size": options.batch * options.samples}
    trainer = GRPOTrainer(
        load(),
        reward_funcs=lambda completion_ids, **_: [checksum_reward(row) for row in completion_ids],
        args=GRPOConfig(
            num_generations=options.samples,
            max_completion_length=options.answer,
            beta=0.04,
            temperature=1.0,
            generation_kwargs={"min_new_tokens": options.answer},
            **settings,
        ),
        train_dataset=Dataset.from_dict({"prompt": texts(options.prompt)}),
        processing_class=tokenizer,
        peft_config=adapter,
    )
    return trainer, lambda step: options.batch * options.samples * options.answer


def online_dpo():
    from trl.experimental.online_dpo import OnlineDPOConfig, OnlineDPOTrainer

    trainer = OnlineDPOTrainer(
        load(),
        reward_funcs=lambda completions, **_: [float(len(text) % 7) for text in completions],
        args=OnlineDPOConfig(
            max_new_tokens=options.answer,
            beta=0.1,
            temperature=1.0,
            generation_kwargs={"min_new_tokens": options.answer},
            **common,
        ),
        train_dataset=Dataset.from_dict({"prompt": texts(options.prompt)}),
        processing_class=tokenizer,
        peft_config=adapter,
    )
    return trainer, lambda step: options.batch * 2 * options.answer


tasks = {"ragged": ragged, "dpo": dpo, "reward": reward, "grpo": grpo, "online-dpo": online_dpo}
trainer, tokens_of_step = tasks[options.work]()
clock = Clock()
trainer.add_callback(clock)
trainer.train()
report(options, clock.repetitions, ("torch", "transformers", "trl", "peft"))
