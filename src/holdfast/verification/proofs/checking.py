"""One door for the signatures of every chain."""

from holdfast.chains.addresses import PARSERS, Address, Chain
from holdfast.chains.ports import Readers
from holdfast.verification.proofs import antelope, bitcoin, evm, solana, tron
from holdfast.verification.proofs.challenge import names
from holdfast.verification.proofs.outcome import Proof, ProofRefused, Reason

NOBODY = Readers()


async def verify(challenge_text: str, address: Address, signature: str, readers: Readers = NOBODY) -> Proof:
    """Check ``signature`` (as the wallet gave it: hex, Base58, Base64 or SIG_K1_…) over the *stored* text.

    Raises ProofRefused and nothing else. Pure, but for the calls of ``readers``. Before this, the caller looks whether
    the challenge is open, and burns its nonce. A signature is never an id of anything: the same proof can be signed in
    many ways.
    """
    try:
        challenge_text.encode()
    except UnicodeEncodeError:
        raise ProofRefused(Reason.MALFORMED) from None
    if PARSERS[address.chain](address.canonical) != address.canonical:
        raise ProofRefused(Reason.MALFORMED)
    if not names(challenge_text, address):
        raise ProofRefused(Reason.OTHER_ADDRESS)
    signature = signature.strip()
    match address.chain:
        case Chain.EVM:
            return await evm.verify(challenge_text, address, signature, readers.evm)
        case Chain.TRON:
            return await tron.verify(challenge_text, address, signature, readers.tron)
        case Chain.SOLANA:
            return solana.verify(challenge_text, address, signature)
        case Chain.BITCOIN:
            return bitcoin.verify(challenge_text, address, signature)
        case Chain.ANTELOPE:
            return await antelope.verify(challenge_text, address, signature, readers.antelope)
