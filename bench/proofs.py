"""How many wallet signatures are verified in a second, by the kind of signature, on one core; no node is asked.

python -m bench.proofs [seconds per kind]
"""

import asyncio
import sys
import time
from contextlib import suppress

from tests.verification.challenges import ACCOUNT, Signed, recorded

from holdfast.verification.proofs.checking import verify
from holdfast.verification.proofs.outcome import ProofRefused


async def rate(row: Signed, signature: str, seconds: float) -> float:
    """Checks per second, refused ones too."""
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        with suppress(ProofRefused):
            await verify(row.text, row.address, signature)
        count += 1
    return count / (time.perf_counter() - begun)


async def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
    print(f"{'signed by':60} {'good/s':>8} {'refused/s':>10}")
    rows = {row.signer: row for row in reversed(recorded()) if row.address != ACCOUNT}
    for signer, row in reversed(rows.items()):
        other = next(each for each in recorded() if each.signer == signer and each.address != row.address)
        good, refused = await rate(row, row.signature, seconds), await rate(row, other.signature, seconds)
        print(f"{row.address.chain + ': ' + signer:60} {good:8.0f} {refused:10.0f}")


if __name__ == "__main__":
    asyncio.run(main())
