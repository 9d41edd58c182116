"""The demo's register of official channels, and the impostors that it has met. Everything here is made up."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.app.demo_organisation import DOMAIN, at
from holdfast.authenticity import impostors, queries, register
from holdfast.core.clock import now

CHANNELS = (
    ("domain", DOMAIN, "Website, help and downloads"),
    ("mail", f"hotline@{DOMAIN}", "Answers and notices"),
    ("phone", "+44 20 7946 0990", "We call from this number only"),
    ("handle", "x:@holdfastwallet", "News"),
    ("handle", "telegram:@holdfastwallet", "News; nobody answers questions there"),
    ("handle", "discord:@holdfastwallet", "Community"),
    ("app", "example.holdfast.wallet", "Android"),
    ("app", "9f2c4b1d7e8a05c36f41d2b9a7e3c85f60d19b47ca2e8f3351b6d70e94af1c28", "Android, SHA-256 of the certificate"),
    ("reference", "etherscan.io", "Block explorer of Ethereum"),
    ("reference", "tronscan.org", "Block explorer of TRON"),
    ("reference", "mempool.space", "Block explorer of Bitcoin"),
)

# kind, target, who told, words, language, and to which states it went.
IMPOSTORS: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    ("domain", "holdfast-support.example.net", "page", "It asked for my 12 words.", "en", ("confirmed",)),
    ("domain", "holdfast-support.example.net", "page", "网站要求我输入助记词。", "zh-Hans", ()),
    ("handle", "telegram:@holdfast_help", "widget", "Wrote to me first: AnyDesk!", "en", ("confirmed", "reported")),
    ("phone", "+44 20 7946 0991", "console", "A caller said he was from support and wanted the code.", "en", ()),
)  # fmt: skip


async def seed_proof(session: AsyncSession, staff: dict[str, StaffViewer]) -> None:
    """The register and two weeks of reports, where there is no register yet."""
    if await queries.channels(session):
        return
    with at(now() - timedelta(days=20)):
        for kind, value, note in CHANNELS:
            await register.add(session, staff["lena"], kind=kind, value=value, note=note)
    for number, (kind, target, source, words, language, states) in enumerate(IMPOSTORS):
        with at(now() - timedelta(days=9 - 2 * number)):
            made = await impostors.report(
                session, source=source, kind=kind, target=target, words=words, language=language
            )
        for step, state in enumerate(states):
            with at(now() - timedelta(days=8 - 2 * number - step)):
                await impostors.move(session, staff["karin"], made.case_id, state, "")
