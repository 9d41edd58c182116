"""Addresses against the vectors of their standards, and what no standard gives: that one wrong letter is noticed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.chains import antelope, base58, bech32, bitcoin, evm, solana, tron
from holdfast.chains.addresses import Address, Chain, parse_address
from holdfast.chains.caip import MAIN, ChainId, parse_chain_id
from holdfast.chains.hashes import hash160, keccak256, ripemd160, tagged_hash

# Those of EIP-55, BIP-173 and BIP-350.
VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text())
EIP_55: list[str] = VECTORS["eip55"]
SEGWIT: dict[str, str] = VECTORS["segwit"]
USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
KEY, LEGACY_KEY = (
    "PUB_K1_6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5BoDq63",
    "EOS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
)
SAMPLES = {
    Chain.EVM: EIP_55[4],
    Chain.TRON: USDT,
    Chain.SOLANA: "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    Chain.BITCOIN: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    Chain.ANTELOPE: KEY,
}


@pytest.mark.parametrize("text", EIP_55)
def test_eip_55(text: str) -> None:
    assert evm.parse(text) == evm.parse(text.lower()) == evm.parse("0x" + text[2:].upper()) == text
    swapped = "0x" + text[2:].swapcase()
    assert evm.parse(swapped) == (text if text[2:].lower() in (text[2:], swapped[2:]) else None)


def test_hashes() -> None:
    """Keccak's team, RIPEMD-160's authors, and BIP-322."""
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert ripemd160(b"abc").hex() == "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"
    assert hash160(b"").hex() == "b472a266d0bd89c13706a4132ccfb16f7c3b9fcb"
    assert tagged_hash("BIP0322-signed-message", b"").hex().startswith("c90c269c4f8fcbe6")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
    ],
)
def test_base58(raw: bytes, text: str) -> None:
    """draft-msporny-base58-03."""
    assert base58.encode(raw) == text
    assert base58.decode(text) == raw


@given(st.binary(max_size=80))
def test_base58_is_read_as_it_was_written(raw: bytes) -> None:
    assert base58.decode(base58.encode(raw)) == raw
    assert base58.decode_checked(base58.encode_checked(raw)) == (raw or None)


def test_base58_ends() -> None:
    """Decoding is quadratic: what is longer than anything here is not tried."""
    assert base58.decode("2" * 129) is None
    assert base58.decode("0OIl") is None


@pytest.mark.parametrize(
    ("texts", "variant"), [(VECTORS["bech32"], bech32.BECH32), (VECTORS["bech32m"], bech32.BECH32M)]
)
def test_bech32_and_bech32m(texts: list[str], variant: int) -> None:
    """BIP-173, BIP-350."""
    for text in texts:
        decoded = bech32.decode(text)
        assert decoded is not None
        assert decoded[2] == variant
        assert bech32.encode(*decoded) == text.lower()


@pytest.mark.parametrize("text", VECTORS["not_bech32"])
def test_bech32_refuses(text: str) -> None:
    assert bech32.decode(text) is None


@pytest.mark.parametrize("text", SEGWIT)
def test_segwit_addresses(text: str) -> None:
    output = bitcoin.decode(text)
    assert output is not None
    assert output.script().hex() == SEGWIT[text]
    assert bech32.encode_segwit("bc", output.witness_version, output.payload) == text.lower() == bitcoin.parse(text)


@pytest.mark.parametrize("text", VECTORS["not_segwit"])
def test_segwit_refuses(text: str) -> None:
    assert bitcoin.decode(text) is None
    assert parse_address(text) is None


def test_bitcoins_older_addresses() -> None:
    genesis = bitcoin.decode("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    assert genesis is not None
    assert genesis.script().hex() == "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"
    script = bitcoin.decode("3P14159f73E4gFr7JterCCQh9QjiTjiZrG")
    assert script is not None
    assert script.script().hex() == "a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a87"
    # The test network's, and a checksum that is wrong.
    assert bitcoin.decode("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn") is None
    assert bitcoin.decode("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb") is None


def test_trons_addresses_are_ethereums() -> None:
    assert tron.parse(USDT) == USDT
    payload = base58.decode_checked(USDT)
    assert payload is not None
    assert evm.encode(payload[1:]) == "0xa614f803B6FD780986A42c78Ec9c7f77e6DeD13C"


def test_solanas_addresses_have_32_bytes() -> None:
    assert solana.decode("11111111111111111111111111111111") == bytes(32)
    assert solana.parse("1111111111111111111111111111111") is None
    assert solana.parse("So11111111111111111111111111111111111111112")


def test_keys_of_antelope_in_both_forms_are_one() -> None:
    assert antelope.parse(LEGACY_KEY) == antelope.parse(KEY) == KEY
    assert antelope.parse(KEY[:-1] + "4") is None
    assert antelope.parse(KEY.replace("K1", "R1")) is None


@pytest.mark.parametrize("text", ["a", "eosio", "eosio.token", "alice.gm", "zzzzzzzzzzzz", "aaaaaaaaaaaaj", "1.2.3"])
def test_names_of_antelope(text: str) -> None:
    assert parse_address(text, Chain.ANTELOPE) == Address(Chain.ANTELOPE, text)
    assert parse_address(text) is None


@pytest.mark.parametrize(
    "text", ["", "alice.", "Alice", "alice6", "alice_gm", "aaaaaaaaaaaaz", "aaaaaaaaaaaaaa", "a\n"]
)
def test_what_is_no_name_of_antelope(text: str) -> None:
    assert not antelope.is_name(text)


@pytest.mark.parametrize("chain", Chain)
def test_each_chain_knows_its_own(chain: Chain) -> None:
    address = Address(chain, SAMPLES[chain])
    assert parse_address(f"  {SAMPLES[chain]}\n") == address
    assert parse_address(SAMPLES[chain], chain) == address
    others = set(Chain) - {chain}
    assert [other for other in others if parse_address(SAMPLES[chain], other)] == []


@pytest.mark.parametrize("chain", sorted(set(Chain) - {Chain.SOLANA}))
def test_no_wrong_letter_passes(chain: Chain) -> None:
    """But for EVM addresses without a checksum, which are in letters of one case."""
    text = SAMPLES[chain]
    for place in range(len(text)):
        for letter in "0a1Bz":
            if letter.lower() != text[place].lower():
                assert parse_address(text[:place] + letter + text[place + 1 :], chain) is None


@given(st.text())
def test_any_text_may_be_asked(text: str) -> None:
    for chain in (None, *Chain):
        address = parse_address(text, chain)
        assert address is None or parse_address(address.canonical, address.chain) == address
    parse_chain_id(text)


def test_caip() -> None:
    """The examples of CAIP-2."""
    assert str(MAIN[Chain.EVM]) == "eip155:1"
    assert parse_chain_id("bip122:000000000019d6689c085ae165831e93") == MAIN[Chain.BITCOIN]
    assert parse_chain_id("eosio:aca376f206b8fc25a6ed44dbdc66547c") == MAIN[Chain.ANTELOPE]
    bad = ("eip155:01", "eip155", "cosmos:cosmoshub-3", "solana:1", ":1")
    assert [parse_chain_id(text) for text in bad] == [None] * len(bad)
    with pytest.raises(ValueError, match="not a chain of eip155"):
        ChainId(Chain.EVM, "1\n")
