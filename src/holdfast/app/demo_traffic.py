"""``holdfast demo traffic``: customers, and if wanted agents, who use the public protocol and nothing else.

Each keeps a journal of what it sent and saw; at the end the journals are compared: an acknowledged message that its
sender does not find exactly once in the timeline is a fault, and the command says so.
"""

import asyncio
import http.client
import random
import signal
import sys
import time
from contextlib import suppress

from holdfast.app.demo_agent import Answering
from holdfast.app.demo_customer import Asking
from holdfast.app.demo_stage import Caller, Plan, Refused, Stage, Tally

_SHOWN_EVERY = 10.0


async def play(plan: Plan) -> Tally:
    """Play to the end of the plan. Raises OSError when the server cannot be reached at the beginning."""
    await Caller(plan.url).call("GET", "/api/health")
    dice = random.Random(plan.seed)  # noqa: S311 - plays people, keeps no secret
    stage = Stage(plan, Tally(), time.monotonic() + plan.seconds, dice)
    agents = [asyncio.create_task(Answering(stage, email).run()) for email in plan.agents]
    customers = [asyncio.create_task(Asking(stage, random.Random(dice.random())).run()) for _ in range(plan.customers)]  # noqa: S311 - as above
    shown = asyncio.create_task(_show(stage))
    try:
        await asyncio.gather(*customers)
    finally:
        for task in [shown, *agents, *customers]:
            task.cancel()
        await asyncio.gather(shown, *agents, *customers, return_exceptions=True)
    return stage.tally


async def _show(stage: Stage) -> None:
    while True:
        await asyncio.sleep(_SHOWN_EVERY)
        sys.stdout.write(f"{max(0.0, stage.over - time.monotonic()):5.0f} s left: {stage.tally.line()}\n")
        sys.stdout.flush()


async def _until_told(plan: Plan) -> Tally | None:
    task = asyncio.create_task(play(plan))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        return await task
    return None


def main(plan: Plan) -> int:
    """0 when every acknowledged message was found once and in order, 1 when not, or nobody answered at ``url``."""
    try:
        tally = asyncio.run(_until_told(plan))
    except (OSError, http.client.HTTPException, Refused) as error:
        sys.stderr.write(f"holdfast demo traffic: {plan.url} does not answer ({error}). Is Holdfast up?\n")
        return 1
    if tally is None:
        sys.stdout.write("stopped\n")
        return 0
    sys.stdout.write(f"{tally.line()}\n")
    return 0 if tally.faultless else 1
