"""Chains are asked by the one way out: what it refuses is a node that failed."""

import json

import pytest

from holdfast.app.nodes import fetch_by, nodes
from holdfast.chains.ports import NodeFailed
from holdfast.core.outgoing import Outgoing, rules_of
from holdfast.core.settings import load
from tests.support.outside import answering, outside


async def test_a_node_of_ones_own_network() -> None:
    async with outside(answering(200, b'{"jsonrpc":"2.0","id":1,"result":"0x1"}')) as node:
        url = f"http://127.0.0.1:{node.port}/KEY"
        closed = fetch_by(Outgoing(rules_of(load({}))))
        with pytest.raises(NodeFailed, match="scheme"):
            await closed("POST", url, {"id": 1})
        assert node.connections == 0
        opened = {"HOLDFAST_OUTGOING_NETWORKS": "127.0.0.1", "HOLDFAST_OUTGOING_HTTP_HOSTS": f"127.0.0.1:{node.port}"}
        status, body = await fetch_by(Outgoing(rules_of(load(opened))))("POST", url, {"id": 1})
    assert (status, json.loads(body)["result"]) == (200, "0x1")
    assert json.loads(node.heard[0].body) == {"id": 1}


def test_only_chains_have_nodes() -> None:
    assert nodes(load({"HOLDFAST_NODES": "eip155:1=https://node.example.org"})) is not None
    with pytest.raises(ValueError, match="no chain"):
        nodes(load({"HOLDFAST_NODES": "nochain:1=https://node.example.org"}))
