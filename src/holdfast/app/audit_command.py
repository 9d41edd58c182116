"""``holdfast audit``: check the log, hand it out, show the public key, check a proof, lay out canaries."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from holdfast.access import checkpoints, sealing, seals, verifying
from holdfast.access.models import AuditEntry, AuditSeal
from holdfast.access.seals import Proof
from holdfast.access.signing import load_signing_key, public_text, read_public_key
from holdfast.app import canaries
from holdfast.app.operator import OperatorError, database
from holdfast.app.start import started
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.settings import Settings


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="holdfast audit", description=__doc__)
    commands = top.add_subparsers(dest="act", required=True, metavar="ACT")
    verify = commands.add_parser("verify", help="look at every entry and seal; exit status 1 if something is wrong")
    verify.add_argument(
        "--checkpoints", type=Path, action="append", default=[], metavar="FILE", help="of a second place; repeatable"
    )
    verify.add_argument("--public-key", type=Path, metavar="FILE", help="default: this installation's key")
    export = commands.add_parser("export", help="write every entry and checkpoint as JSON lines")
    export.add_argument("file", type=Path, metavar="FILE")
    commands.add_parser("public-key", help="print the key that checks seals, to be published")
    proof = commands.add_parser("verify-proof", help="check a downloaded proof; needs no database")
    proof.add_argument("file", type=Path, metavar="FILE")
    proof.add_argument("--public-key", type=Path, metavar="FILE", help="default: the key that the proof names")
    canary = commands.add_parser("canary", help="made-up customers that nobody has a reason to open")
    acts = canary.add_subparsers(dest="canary", required=True, metavar="ACT")
    add = acts.add_parser("add", help="lay out one more")
    add.add_argument("--language", default="en", help="of its conversation: en or zh-Hans")
    add.add_argument("--agent", metavar="EMAIL", help="among whose resolved conversations it lies (leads see all)")
    acts.add_parser("list", help="those that are laid out")
    return top


def main(settings: Settings, rest: Sequence[str]) -> int:
    """0 all is well, 1 something is wrong or could not be done."""
    given = parser().parse_args(list(rest))
    match given.act:
        case "public-key":
            sys.stdout.write(public_text(load_signing_key(settings.signing_key_file, settings.audit_key)) + "\n")
            return 0
        case "verify-proof":
            return _verify_proof(given.file, _public(given.public_key))
        case "verify":
            return asyncio.run(_verify(settings, given.checkpoints, _public(given.public_key)))
        case "export":
            return asyncio.run(_export(settings, given.file))
        case _:
            return asyncio.run(_canary(settings, given))


def _public(path: Path | None) -> Ed25519PublicKey | None:
    if path is None:
        return None
    try:
        return read_public_key(path)
    except (OSError, ValueError, IndexError) as error:
        raise OperatorError(f"{path} is not a public key as `holdfast audit public-key` prints it ({error})") from error


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    with database(settings) as dsn:
        async with started(settings, dsn) as opened:
            yield opened


async def _verify(settings: Settings, remembered: Sequence[Path], public: Ed25519PublicKey | None) -> int:
    files = list(remembered)
    if not files and settings.checkpoint_file is not None and settings.checkpoint_file.exists():
        files = [settings.checkpoint_file]
    try:
        known = [checkpoint for path in files for checkpoint in checkpoints.read(path)]
    except (OSError, ValueError) as error:
        raise OperatorError(f"the checkpoints cannot be read: {error}") from error
    public = public or load_signing_key(settings.signing_key_file, settings.audit_key).public_key()
    async with _opened(settings) as opened, opened.snapshot() as session:
        report = await verifying.verify(session, moment=now(), public=public, checkpoints=known)
    rate = report.entries / report.seconds if report.seconds else 0
    say = sys.stdout.write
    say(
        f"{report.entries} entries in {report.seals} seals, {report.unsealed} not sealed yet,"
        f" {report.checkpoints} checkpoints; {report.seconds:.1f} s, {rate:,.0f} entries/s\n"
    )
    if report.last is not None:
        say(f"last seal {report.last.statement.number} of {report.last.statement.at}: {report.last.statement.root}\n")
    for finding in report.findings:
        say(f"WRONG  {finding.words()}\n")
    if not known:
        say("No checkpoints were given: a log that was rewritten as a whole, with the key, would not be noticed.\n")
    say("the log is as it was sealed\n" if report.whole else "THE LOG WAS CHANGED\n")
    return 0 if report.whole else 1


async def _export(settings: Settings, target: Path) -> int:
    """Entries, then checkpoints, one JSON object a line; in the order of ids and numbers."""
    async with _opened(settings) as opened, opened.snapshot() as session:
        with target.open("x", encoding="utf-8") as file:
            count = 0
            result = await session.stream(
                select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=verifying.PAGE)
            )
            async for (entry,) in result:
                file.write(seals.canonical(sealing.fields(entry)).decode() + "\n")
                session.expunge(entry)
                count += 1
            signed = await session.stream(select(AuditSeal).order_by(AuditSeal.number))
            async for (row,) in signed:
                file.write(sealing.checkpoint_of(row).line() + "\n")
    sys.stdout.write(f"{count} entries in {target}\n")
    return 0


def _verify_proof(path: Path, public: Ed25519PublicKey | None) -> int:
    try:
        data = path.read_bytes()
        found = msgspec.json.decode(data, type=list[Proof] | Proof)
    except (OSError, msgspec.MsgspecError) as error:
        raise OperatorError(f"{path} is not a proof: {error}") from error
    proofs = found if isinstance(found, list) else [found]
    wrong = [proof for proof in proofs if not seals.proven(proof, public)]
    for proof in proofs:
        state = "WRONG " if proof in wrong else "proven"
        sys.stdout.write(
            f"{state} {proof.entry.get('at')} {proof.entry.get('action')} in seal {proof.seal.statement.number}"
            f" of {proof.seal.statement.at}, key {proof.seal.key}\n"
        )
    if public is None:
        sys.stdout.write("Compare the key with the one that is published, or name it: --public-key FILE\n")
    return 1 if wrong or not proofs else 0


async def _canary(settings: Settings, given: argparse.Namespace) -> int:
    async with _opened(settings) as opened, opened.transaction() as session:
        if given.canary == "add":
            reference = await canaries.add(session, language=given.language, agent_email=given.agent)
            sys.stdout.write(f"laid out: {reference}. Whoever opens it raises an alarm.\n")
        else:
            for reference, at in await canaries.listed(session):
                sys.stdout.write(f"{reference}  since {at:%Y-%m-%d}\n")
    return 0
