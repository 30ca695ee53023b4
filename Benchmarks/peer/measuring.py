"""What the peer's scripts share: their arguments, the clock, and the line of JSON that they print.

Words and fields are those of `zhinao-bench work`.
"""

import argparse
import json
import os
import statistics
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
TICK = os.sysconf("SC_CLK_TCK")
# A repetition is as many whole steps as fill this many seconds; with several ranks it is one.
FEWEST_SECONDS = 0.5


def arguments(**own):
    """The work's words, and those of one script; sets the threads before anything starts some."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work")
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--answer", type=int, default=128)
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--rows")
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--quiet", type=float, default=0.0)
    for name, default in own.items():
        parser.add_argument("--" + name, type=type(default), default=default)
    options = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(options.threads)
    return options


def torch_for(options):
    import torch

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    return torch


def checksum_reward(tokens):
    return float(sum(int(token) for token in tokens) % 7)


class Stretch:
    """Wall time, and the processors that others used meanwhile."""

    def __init__(self):
        self.start = time.perf_counter()
        self.busy, self.stolen = self.machine()
        self.used = self.own()

    @staticmethod
    def machine():
        with open("/proc/stat") as file:
            fields = [int(field) for field in file.readline().split()[1:]]
        return sum(fields[index] for index in (0, 1, 2, 5, 6)) / TICK, fields[7] / TICK

    @staticmethod
    def own():
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system

    def seconds(self):
        return time.perf_counter() - self.start

    def stop(self, steps, tokens, companions=0):
        seconds = self.seconds()
        busy, stolen = self.machine()
        own = self.own() - self.used + companions * seconds
        others = max(0.0, busy - self.busy - own) + stolen - self.stolen
        return {
            "seconds": seconds / steps,
            "tokens": tokens / steps,
            "stretch": seconds,
            "others": others / seconds,
        }


def wait_for_quiet(limit):
    """Sleeps until the machine has been idle for half a second, or `limit` seconds have passed."""
    end = time.time() + limit
    while time.time() < end:
        stretch = Stretch()
        time.sleep(0.5)
        if stretch.stop(1, 0)["others"] < 0.1:
            return


def repeat(options, step):
    """Repetitions of `step(index)`, which says how many tokens it was."""
    for index in range(options.warmup):
        step(index)
    index = options.warmup
    repetitions = []
    for _ in range(options.reps):
        if options.ranks == 1:
            wait_for_quiet(options.quiet)
        stretch, steps, tokens = Stretch(), 0, 0
        while True:
            tokens += step(index)
            index += 1
            steps += 1
            if options.ranks > 1 or stretch.seconds() >= FEWEST_SECONDS:
                break
        repetitions.append(stretch.stop(steps, tokens, (options.ranks - 1) * options.threads))
    return repetitions


def peak_bytes():
    """The most that this process has held; `getrusage` also remembers what its parent held."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def report(options, repetitions, packages=("torch", "transformers"), parts=None):
    from importlib.metadata import version

    seconds = [repetition["seconds"] for repetition in repetitions]
    print(
        json.dumps(
            {
                "work": options.work,
                "precision": options.precision,
                "repetitions": repetitions,
                "median_seconds": statistics.median(seconds),
                "min_seconds": min(seconds),
                "max_seconds": max(seconds),
                "tokens_per_second": statistics.median(
                    repetition["tokens"] / repetition["seconds"] for repetition in repetitions
                ),
                "peak_bytes": peak_bytes(),
                "parts": parts or {},
                "versions": {name: version(name) for name in packages},
            }
        ),
        flush=True,
    )
