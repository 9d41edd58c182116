"""What others see of what came in (ways.py)."""

# What others see, and what is kept beside the tables; test_every_way.py looks into each.
SEEN: dict[str, str] = {
    "answers": "every answer of every request above, also the refusals, which quote what they refuse",
    "status": "the page of known problems, and what customers of a case were told",
    "take-down packs": "of the reports of impostors, opened",
    "register": "the signed document of official channels, and the audit log as auditors read it",
    "archives": "what a customer gets of their own data, opened",
    "frames": "everything that the sockets of customer and agent were sent",
    "tables": "a dump of the whole database: messages, audit log, jobs, mails",
    "data files": "PostgreSQL's own files and its log after a checkpoint",
    "write-ahead log": "what a standby or an archive gets",
    "files": "uploaded files",
    "logs": "of the web process, the worker and the supervisor",
    "backup": "the archive, and an installation restored from it",
}
