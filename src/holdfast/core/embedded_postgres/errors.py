"""What can be wrong with the embedded PostgreSQL. The messages are for the operator and say what to do."""


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the message says why and how to repair it."""


class AlreadyRunning(EmbeddedPostgresError):
    """Another process of ours holds this folder. ``pid`` is that process (0 when it could not be read)."""

    def __init__(self, folder: object, pid: int) -> None:
        super().__init__(f"the PostgreSQL in {folder} is in use by the running process {pid or '(unknown)'}")
        self.pid = pid


class OtherMajorVersion(EmbeddedPostgresError):
    """The folder was made by a PostgreSQL of another major version, which cannot open it."""
