"""``holdfast openapi``: the document of the REST interface, from which the console's client is generated."""

import json
import sys
from pathlib import Path

import msgspec

from holdfast.app.web import create_litestar
from holdfast.core.database import Database
from holdfast.core.settings import Settings


def document(settings: Settings) -> str:
    """The OpenAPI document as JSON with sorted keys, so that an unchanged interface gives an unchanged file."""
    # Nothing is asked of the database: the engine connects at its first query only.
    application = create_litestar(settings, Database("postgresql://nowhere/none"))
    return (
        json.dumps(
            msgspec.to_builtins(application.openapi_schema.to_schema()), indent=1, sort_keys=True, ensure_ascii=False
        )
        + "\n"
    )


def main(settings: Settings, target: Path | None) -> int:
    """Write the document to ``target``, or to standard output."""
    text = document(settings)
    if target is None:
        sys.stdout.write(text)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return 0
