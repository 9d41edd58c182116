"""Dated evidence from which the right to answer is derived; never a stored flag."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Interval
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class Evidence(Identified, Base):
    """Something an agent has shown; kind is attestation, and later exam, practice, shift, briefing, vetting."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "agent_id", "kind", "ref"),)

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    kind: Mapped[str]
    ref: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    score: Mapped[float | None]
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    note: Mapped[str] = mapped_column(default="")


class Rule(Identified, Base):
    """What a skill needs: ``needs`` is a list of {kind, ref, version, score} minima; each piece holds for
    ``valid`` and a further ``grace``. The newest rule of a skill whose ``since`` has come is in force."""

    __tablename__ = "rule"
    __table_args__ = (Index(None, "skill", "since", unique=True),)

    skill: Mapped[str]
    needs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    valid: Mapped[timedelta] = mapped_column(Interval)
    grace: Mapped[timedelta] = mapped_column(Interval, default=timedelta())
    since: Mapped[datetime] = mapped_column(default=now)


class Revocation(Identified, Base):
    """A right taken away: evidence older than ``at`` no longer counts for ``skill``."""

    __tablename__ = "revocation"
    __table_args__ = (Index(None, "agent_id", "skill"),)

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    skill: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    why: Mapped[str]
