"""Sign the tests' challenges anew with the chains' own libraries: `python -m tests.verification.record`.

First `npm ci` in tests/verification/signers (half a minute, 250 MB: why the signatures are recorded and not made by
every run of the tests).
"""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

from holdfast.chains.addresses import Address
from tests.verification.challenges import ACCOUNT, RECORDING, SEEDS, SIGNERS, Signed, rendered

FOLDER = Path(__file__).with_name("signers")


def node(script: str, question: Any) -> Any:
    asked = json.dumps(question).encode()
    answer = subprocess.run(["node", script], cwd=FOLDER, input=asked, capture_output=True, check=False)
    if answer.returncode:
        raise SystemExit(answer.stderr.decode())
    return json.loads(answer.stdout)


def main() -> None:
    asked = [(signer, seed) for signer in SIGNERS for seed in SEEDS]
    keys = node("sign.mjs", [{"signer": signer, "seed": seed} for signer, seed in asked])
    addresses = [Address(SIGNERS[signer], key["address"]) for (signer, _), key in zip(asked, keys, strict=True)]
    # Of an account the key itself is not in the text.
    asked += [("@wharfkit/antelope", SEEDS[0])]
    addresses += [ACCOUNT]
    texts = [rendered(address) for address in addresses]
    answers = node(
        "sign.mjs",
        [{"signer": signer, "seed": seed, "text": text} for (signer, seed), text in zip(asked, texts, strict=True)],
    )
    rows = [
        asdict(Signed(signer, seed, address, text, answer["signature"], answer.get("key", "")))
        for (signer, seed), address, text, answer in zip(asked, addresses, texts, answers, strict=True)
    ]
    for row in rows:
        row["address"] = [row["address"]["chain"], row["address"]["canonical"]]
    ethereum = [row["text"] for row in rows if row["address"][0] == "eip155"][:1]
    recording = {
        "versions": json.loads((FOLDER / "package.json").read_text())["dependencies"],
        "signatures": rows,
        "eip4361": [{"text": text, **read} for text, read in zip(ethereum, node("parse.mjs", ethereum), strict=True)],
    }
    RECORDING.write_text(json.dumps(recording, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
