"""The ledger of erasures: a file outside of the database, so that a restored backup cannot bring anybody back."""

import json
import os
from pathlib import Path
from uuid import UUID

from holdfast.core.clock import now


def append(path: Path, customer_id: UUID, request_id: UUID) -> None:
    """One line, on the disk when it returns. Twice the same customer is harmless."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = json.dumps({"customer": str(customer_id), "request": str(request_id), "at": now().isoformat()}) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def customers(path: Path) -> set[UUID]:
    """Everybody in the ledger. A last line that was cut off by a crash is passed over: its erasure had not begun."""
    found: set[UUID] = set()
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            found.add(UUID(json.loads(line)["customer"]))
        except (ValueError, KeyError):
            continue
    return found
