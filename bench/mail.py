"""Letters: how many a second come in by LMTP, and in how much memory: ``python -m bench.mail``.

A whole installation (``holdfast up``) with the embedded PostgreSQL on the disk takes a mix of every kind (CJK charsets,
nested parts with pictures, broken ones, forgeries; tests/chaos/letters.py) over four connections to its listener, then
letters of 20 MB over two. Every answer 250 stands for a commit. Taking letters apart alone is measured beside it.
"""

import argparse
import smtplib
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from tests.chaos.letters import ENGLISH, Sent, letters
from tests.support.mail_desk import ask
from tests.support.server import Holdfast, free_port, running

from holdfast.channels.mail.letters import Unreadable, parse
from holdfast.channels.mail.screening import screen

_PLACE = "support+none@wallet.example"


def _send(port: int, some: Sequence[Sent]) -> None:
    with smtplib.LMTP("127.0.0.1", port) as server:
        for letter in some:
            # Of bytes smtplib mends no line ends.
            server.sendmail(letter.sender, [ENGLISH], letter.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def _together(port: int, sent: Sequence[Sent], connections: int) -> float:
    """Seconds until all are stored."""
    threads = [threading.Thread(target=_send, args=(port, sent[number::connections])) for number in range(connections)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def _worker(server: Holdfast) -> tuple[float, float]:
    """Processor seconds and MB (resident, with the highest so far) of the worker."""
    process = server.service("worker")
    spent = process.cpu_times()
    return spent.user + spent.system, process.memory_info().rss / 1e6


def _peak(server: Holdfast) -> float:
    """MB at the most, since the process began."""
    with open(f"/proc/{server.service('worker').pid}/status", encoding="ascii") as status:  # noqa: PTH123 - of the kernel
        return next(int(line.split()[1]) / 1e3 for line in status if line.startswith("VmHWM"))


def _apart(sent: Sequence[Sent]) -> float:
    """Milliseconds to take a letter apart and to look for secrets in it, at the median."""
    times = []
    for letter in sent:
        begun = time.perf_counter()
        with suppress(Unreadable):
            screen(parse(letter.raw))
        times.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(times)


def main(count: int, large: int) -> None:
    port = free_port()
    sent = [replace(letter, to=ENGLISH) for letter in letters(count, 0, _PLACE)]
    heavy = [letter for letter in letters(18 * large, large, _PLACE) if letter.kind == "large"]
    sys.stdout.write(f"taken apart and searched   {_apart(sent):8.2f} ms a letter (median)\n")
    with running(environment={"HOLDFAST_MAIL_LISTEN": f"lmtp://127.0.0.1:{port}"}) as server:
        box = {"address": ENGLISH, "name": "Wallet help", "way": "lmtp"}
        ask(server.data_dir, server.dsn, "mailboxes", [box])
        _together(port, sent[:20], 1)
        before, idle = _worker(server)
        seconds = _together(port, sent[20:], 4)
        spent, after = _worker(server)
        rest = len(sent) - 20
        sys.stdout.write(f"mixed letters              {rest / seconds:8.1f} a second, 4 connections\n")
        sys.stdout.write(f"processor                  {(spent - before) / rest * 1e3:8.1f} ms a letter\n")
        sys.stdout.write(
            f"memory                     {idle:8.0f} MB before, {after:.0f} MB after, {_peak(server):.0f} MB most\n"
        )
        seconds = _together(port, heavy, 2)
        size = f"letters of {min(len(letter.raw) for letter in heavy) / 1e6:.1f} MB"
        sys.stdout.write(f"{size:26} {len(heavy) / seconds:8.2f} a second, 2 connections\n")
        sys.stdout.write(
            f"memory                     {_worker(server)[1]:8.0f} MB after, {_peak(server):.0f} MB most\n"
        )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--letters", type=int, default=1000)
    options.add_argument("--large", type=int, default=8)
    given = options.parse_args()
    main(given.letters, given.large)
