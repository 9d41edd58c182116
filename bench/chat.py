"""How fast is chat, beside what its own PostgreSQL can do at best? ``python -m bench.chat`` prints the ratios.

Every figure is the median of interleaved runs on one machine, which server, PostgreSQL and load generator share; so
the ratios say more than the rates. docs/operations/performance.md holds what was reached.
"""

import argparse
import platform
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.installation import RESTING, Installation, installation

# Messages of each side in flight at saturation: 64 sides, 256 messages.
WINDOW = 4
# The rate at which goal 4 asks for latencies.
RATE = 500.0


@dataclass(frozen=True, slots=True)
class Goal:
    """``reached`` compared with ``wanted``; ``smaller`` says which way is good."""

    text: str
    reached: float
    wanted: float
    smaller: bool = False
    unit: str = ""

    @property
    def held(self) -> bool:
        return self.reached <= self.wanted if self.smaller else self.reached >= self.wanted

    def line(self) -> str:
        sign = "<=" if self.smaller else ">="
        mark = "held" if self.held else "MISSED"
        return f"{self.text:<72} {self.reached:>9.2f} {sign} {self.wanted:<7.2f}{self.unit:<4} {mark}"


Samples = dict[str, list[float]]


def measure(place: Installation, seconds: float, into: Samples) -> None:
    """One run of everything on one installation."""
    into["ceiling"].append(place.ceiling(seconds))
    full = place.load("closed", seconds, window=WINDOW)
    count = max(1.0, full["acknowledged"])
    into["rate"].append(full["rate"])
    into["cpu_server"].append(full["cpu_server"] / count * 1e6)
    into["cpu_postgres"].append(full["cpu_postgres"] / count * 1e6)
    into["cpu"].append((full["cpu_server"] + full["cpu_postgres"]) / count * 1e6)
    into["ratio"].append(full["rate"] / into["ceiling"][-1])
    calm = place.load("open", seconds, rate=RATE)
    into["calm_rate"].append(calm["rate"])
    into["p50"].append(calm["p50"])
    into["p99"].append(calm["p99"])
    for figures in (full, calm):
        ours = figures["cpu_server"] + figures["cpu_postgres"] + figures["load_cpu"] * seconds
        into["others"].append((figures["cpu_machine"] - ours) / seconds)
    into["refused"].append(full["refused"] + calm["refused"])
    if len(into["ratio"]) == 1:
        into["idle"].append(place.idle(RESTING) / 1024)


def goals(measured: dict[int, Samples]) -> list[Goal]:
    """Goals 1, 2, 4, 5 and 8; 8 needs an installation with history beside one without."""
    empty = {name: statistics.median(values) for name, values in measured[0].items()}
    found = [
        Goal("1  messages/s, of pgbench's with the same insert and update", empty["ratio"], 0.4),
        Goal("2  CPU a message at saturation, server + PostgreSQL", empty["cpu"], 200, smaller=True, unit=" us"),
        Goal(f"4  p50 from send to delivered at {RATE:.0f} messages/s", empty["p50"], 2, smaller=True, unit=" ms"),
        Goal(f"4  p99 from send to delivered at {RATE:.0f} messages/s", empty["p99"], 20, smaller=True, unit=" ms"),
        Goal(f"5  memory of an idle connection, at {RESTING:,}", empty["idle"], 25, smaller=True, unit=" KB"),
    ]
    for history, samples in measured.items():
        if history:
            share = statistics.median(samples["rate"]) / empty["rate"]
            found.append(Goal(f"8  messages/s with {history:,} stored messages, of those with none", share, 0.8))
            cost = statistics.median(samples["cpu"]) / empty["cpu"]
            found.append(Goal(f"8  CPU a message with {history:,} stored, of that with none", cost, 1.2, smaller=True))
    return found


_ROWS = (
    ("ceiling", "pgbench, 32 clients, same insert + update", "/s"),
    ("rate", "chat at saturation, acknowledged", "/s"),
    ("ratio", "ratio of the two", ""),
    ("cpu_server", "CPU a message, server", "us"),
    ("cpu_postgres", "CPU a message, PostgreSQL", "us"),
    ("calm_rate", f"chat asked for {RATE:.0f}/s", "/s"),
    ("p50", "send to delivered, p50", "ms"),
    ("p99", "send to delivered, p99", "ms"),
    ("idle", "idle connection", "KB"),
    ("refused", "refused", ""),
    ("others", "processors busy with something else", ""),
)


def report(measured: dict[int, Samples]) -> str:
    """The table: medians with the lowest and highest run, then the goals."""
    lines = [f"{platform.machine()}, {_processor()}, Python {platform.python_version()}", ""]
    for history, samples in measured.items():
        lines.append(f"{history:,} stored messages{'':<30}     median      (lowest .. highest)")
        for name, text, unit in _ROWS:
            values = samples[name]
            lines.append(
                f"  {text:<44} {statistics.median(values):>10,.2f} {unit:<3} ({min(values):,.2f} .. {max(values):,.2f})"
            )
        lines.append("")
    return "\n".join([*lines, *(goal.line() for goal in goals(measured))])


def _processor() -> str:
    with Path("/proc/cpuinfo").open() as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return f"{len(names)} x {names[0] if names else 'unknown'}"


def run(runs: int, seconds: float, messages: int) -> dict[int, Samples]:
    """Measure ``runs`` times, without history and (if ``messages``) with, one after the other."""
    measured: dict[int, Samples] = {}
    with ExitStack() as stack:
        places = [stack.enter_context(installation(history)) for history in ([0, messages] if messages else [0])]
        for place in places:
            measured[place.history] = defaultdict(list)
        for turn in range(runs):
            for place in places:
                measure(place, seconds, measured[place.history])
                sys.stderr.write(f"run {turn + 1} of {runs}, {place.history:,} stored: done\n")
    return measured


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every measured goal was held, 1 when one was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.chat", description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=5, help="interleaved runs, of which medians are taken (%(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=8, help="seconds of each measurement (%(default)s)")
    parser.add_argument(
        "--messages", type=int, default=0, help="compare with so many stored messages, such as 10000000 (none)"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table to this file too")
    given = parser.parse_args(arguments)
    measured = run(given.runs, given.seconds, given.messages)
    text = report(measured)
    sys.stdout.write(text + "\n")
    if given.report:
        given.report.write_text(text + "\n", encoding="utf-8")
    return 0 if all(goal.held for goal in goals(measured)) else 1


if __name__ == "__main__":
    sys.exit(main())
