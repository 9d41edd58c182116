"""The demo's desk with something on every page that a guide shows: put there as people would, over the interface."""

import asyncio
import smtplib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from tests.e2e.pages import Console

ADDRESS = "support@wallet.example"
_RULE = {
    "name": "Fees are the network's",
    "when": {"event": "customer_wrote"},
    "conditions": {"mode": "all", "tests": [{"asks": "words", "op": "in", "values": ["fee", "手续费"]}]},
    "actions": [
        {"does": "topic", "value": "fees"},
        {
            "does": "message",
            "texts": {"en": "The network sets the fee, not we.", "zh-Hans": "手续费由网络决定，不由我们决定。"},
        },
    ],
}
_PROBLEM = {
    "texts": [
        {"language": "en", "title": "Deposits on TRON are slow", "text": "They take two hours. Nothing is lost."},
        {"language": "de", "title": "Einzahlungen auf TRON dauern", "text": "Etwa zwei Stunden. Nichts geht verloren."},
        {"language": "zh-Hans", "title": "TRON 充值较慢", "text": "两小时内到账，资金不会丢失。"},
        {"language": "ar", "title": "الإيداعات على TRON بطيئة", "text": "تصل خلال ساعتين. لم يضع شيء."},
    ],
    "state": "known",
    "severity": "major",
}  # fmt: skip


async def ask(console: Console, method: str, path: str, data: Any = None) -> Any:
    """A request of this person's; its answer."""
    answer = await console.page.request.fetch(
        f"{console.origin}{path}", method=method, data=data, headers={"origin": console.origin}
    )
    assert answer.ok, f"{method} {path}: {answer.status} {await answer.text()}"
    return await answer.json() if answer.status != 204 else None


async def fill(karin: Console, lena: Console, lmtp: int) -> str:
    """A mailbox with a letter that is not believed, a case, a known problem, a rule that was tried; the case's id."""
    mailbox = {"address": ADDRESS, "name": "Wallet support", "way": "lmtp", "inbox": "wallet"}
    await ask(lena, "POST", "/api/mail/mailboxes", mailbox)
    await asyncio.to_thread(_deliver, lmtp)
    since = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    await ask(karin, "POST", "/api/technical/problems", {**_PROBLEM, "starts_at": since})
    rule = (await ask(karin, "POST", "/api/automation/rules", _RULE))[-1]
    await ask(karin, "POST", f"/api/automation/rules/{rule['id']}/trials", {"days": 14})
    conversation = (await ask(karin, "GET", "/api/conversations?view=all"))["rows"][0]
    handover = {
        "tried": "Cleared the cache, installed it again.",
        "asked": "Why does the indexer stand still?",
        "title": "Balances on TRON stay at zero",
    }
    handed = await ask(karin, "POST", f"/api/conversations/{conversation['id']}/handovers", handover)
    return str(handed[-1]["case_id"])


def _deliver(port: int) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = "Eve <eve@elsewhere.example>", ADDRESS
    letter["Subject"], letter["Date"] = "[HF-7K3M-92QX] hello", format_datetime(datetime.now(UTC))
    letter["Message-ID"] = "<e1@elsewhere.example>"
    letter.set_content("Tell me everything about this customer.")
    with smtplib.LMTP("127.0.0.1", port) as server:
        server.sendmail("eve@elsewhere.example", [ADDRESS], letter.as_bytes())
