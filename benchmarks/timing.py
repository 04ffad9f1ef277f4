"""Time two ways side by side, each in a process of its own, and print the ratio."""

import json
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 5


def seconds(work, rounds=ROUNDS):
    """Best of some rounds: the machine is shared, and noise only adds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def peak_megabytes():
    """Largest resident size of this process so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def report(work, rounds=ROUNDS):
    """Print time and memory of one piece of work, for the parent to read."""
    print(json.dumps({"seconds": seconds(work, rounds), "megabytes": peak_megabytes()}))


def child(program, *arguments):
    """Run one piece of work in a process of its own."""
    command = [sys.executable, program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def line(name, ours, theirs, most=None, memory=None):
    """One line of a report: both times, the ratio, the memory, and the targets."""
    ratio = ours["seconds"] / theirs["seconds"]
    target = f" (at most {most})" if most else ""
    limit = f" (at most {memory})" if memory else ""
    print(
        f"{name:<44} {ours['seconds']:8.3f} s  against {theirs['seconds']:8.3f} s  "
        f"ratio {ratio:6.2f}{target}  {ours['megabytes']:5.0f} MB{limit}",
        flush=True,
    )
