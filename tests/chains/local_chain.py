"""A real chain of this machine's own (anvil), and what tests do on it without a library of Ethereum's."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from holdfast.chains import evm
from holdfast.chains.hashes import keccak256
from holdfast.chains.nodes import EvmNode
from holdfast.chains.ports import NodeFailed
from tests.support.waiting import until

HERE = Path(__file__).parent
WALLETS: dict[str, str] = json.loads((HERE / "contracts" / "Wallets.json").read_text())["bytecode"]
CHAIN_ID = 31337


def anvil() -> str:
    (binary,) = (HERE / "node" / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil*")
    return str(binary)


async def fetch(method: str, url: str, json: object | None = None) -> tuple[int, bytes]:
    """``chains.ports.Fetch`` without the guard that production has: the node is on this machine."""
    async with httpx.AsyncClient(timeout=20) as client:
        try:
            answer = await client.request(method, url, json=json)
        except httpx.HTTPError as error:
            raise NodeFailed(type(error).__name__) from None
        return answer.status_code, answer.content


class LocalChain:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.node = EvmNode(fetch, self.url)
        self._client = httpx.Client(timeout=20)

    def call(self, method: str, *params: object) -> Any:
        question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._client.post(self.url, json=question).json()
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def answers(self) -> bool:
        try:
            return bool(self.call("eth_chainId"))
        except httpx.HTTPError:
            return False

    def send(self, data: str, to: str | None = None, **fields: object) -> dict[str, Any]:
        """A transaction of the chain's first account; its receipt."""
        sender = self.call("eth_accounts")[0]
        transaction = {"from": sender, "data": data, "gas": hex(5_000_000)} | ({"to": to} if to else {}) | fields
        sent = self.call("eth_sendTransaction", transaction)
        receipts: list[dict[str, Any]] = []

        def mined() -> bool:
            receipts.extend(filter(None, [self.call("eth_getTransactionReceipt", sent)]))
            return bool(receipts)

        until(mined, 20, "the transaction is in a block")
        assert receipts[0]["status"] == "0x1"
        return receipts[0]

    def deploy(self, contract: str, *words: bytes) -> str:
        """The address, with its checksum."""
        address = self.send("0x" + WALLETS[contract] + arguments(*words).hex())["contractAddress"]
        return str(evm.parse(address))

    def code(self, address: str) -> str:
        return str(self.call("eth_getCode", address, "latest"))


def arguments(*words: bytes) -> bytes:
    return b"".join(word.rjust(32, b"\0") for word in words)


def function(signature: str, *words: bytes) -> bytes:
    return keccak256(signature.encode())[:4] + arguments(*words)


@contextmanager
def running(port: int, hardfork: str = "prague") -> Iterator[LocalChain]:
    command = [anvil(), "--port", str(port), "--silent", "--hardfork", hardfork, "--chain-id", str(CHAIN_ID)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        chain = LocalChain(port)
        until(chain.answers, 20, "the local chain answers")
        yield chain
    finally:
        process.kill()
        process.wait()
