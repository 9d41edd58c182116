"""The sealer and the look over the whole log, as the worker runs them; the second places of this installation."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import alarms, checkpoints, sealing, verifying
from holdfast.access.models import AuditEntry, Verification
from holdfast.access.ports import SecondPlace
from holdfast.access.seals import Checkpoint
from holdfast.access.signing import load_signing_key
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.outgoing import outgoing_of
from holdfast.core.settings import Settings
from holdfast.people.mail import send_later

# Seconds between two looks over the whole log.
VERIFY_EVERY = 86_400.0


class Mail:
    """A mail to somebody who keeps it: the checkpoint is a line of its own, so that the saved mail can be given to
    ``holdfast audit verify --checkpoints``."""

    def __init__(self, database: Database, to: str, organisation: str, every: float) -> None:
        self.name = f"mail:{to}"
        self.every = every
        self._database = database
        self._to = to
        self._organisation = organisation

    async def put(self, checkpoint: Checkpoint) -> None:
        number = checkpoint.statement.number
        # In English, whoever reads it: it goes to an archive, and a machine reads it back.
        subject = f"Checkpoint {number} of the audit log of {self._organisation}"
        text = "Keep this mail. It shows later whether the audit log was rewritten."
        async with self._database.transaction() as session:
            await send_later(session, self._to, subject, f"{text}\n\n{checkpoint.line()}\n")


def second_places(settings: Settings, database: Database) -> list[SecondPlace]:
    """Those that are set up; a slow one gets a checkpoint an interval."""
    places: list[SecondPlace] = []
    if settings.checkpoint_file is not None:
        places.append(checkpoints.File(settings.checkpoint_file))
    if settings.checkpoint_mail is not None:
        places.append(Mail(database, settings.checkpoint_mail, settings.organisation, settings.checkpoint_every))
    if settings.checkpoint_url is not None:
        places.append(
            checkpoints.Web(
                outgoing_of(settings),
                settings.checkpoint_url,
                settings.checkpoint_authorization,
                settings.checkpoint_every,
            )
        )
    return places


async def _sealed(session: AsyncSession, entries: Sequence[AuditEntry]) -> None:
    await alarms.look(session, entries)


async def run(settings: Settings, database: Database) -> None:
    """Seal until cancelled."""
    key = load_signing_key(settings.signing_key_file, settings.audit_key)
    await sealing.run(database, key, second_places(settings, database), sealed=_sealed)


async def verify(settings: Settings, database: Database) -> None:
    """The job ``audit.verify``: look the whole log over and keep what was found."""
    public = load_signing_key(settings.signing_key_file, settings.audit_key).public_key()
    remembered = settings.checkpoint_file
    async with database.snapshot() as session:
        report = await verifying.verify(
            session,
            moment=now(),
            public=public,
            checkpoints=checkpoints.read(remembered) if remembered is not None and remembered.exists() else (),
        )
    async with database.transaction() as session:
        session.add(
            Verification(
                entries=report.entries,
                seals=report.seals,
                seconds=report.seconds,
                findings=[{"what": finding.what, "about": finding.about} for finding in report.findings],
            )
        )
