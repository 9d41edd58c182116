"""A stand-in for GitHub's REST interface on this machine: issues, comments, ETags, limits, issues that are deleted or
transferred, and webhooks signed as GitHub signs them."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.outside import Heard, Outside, outside, raw

TOKEN = "github_pat_of_a_test"
SECRET = "a webhook's secret"

Answer = tuple[int, Any, list[str]]


@dataclass
class GitHub:
    """``moved`` says where transferred issues are now. ``before`` is awaited before a request is answered, ``after``
    when it was done and before its answer leaves; ``refuse`` answers the next requests instead."""

    origin: str = ""
    server: Outside | None = None
    issues: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    comments: dict[tuple[str, int], list[dict[str, Any]]] = field(default_factory=dict)
    moved: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    deleted: set[tuple[str, int]] = field(default_factory=set)
    repositories: list[str] = field(default_factory=lambda: ["acme/wallet", "acme/core"])
    refuse: list[Answer] = field(default_factory=list)
    before: Callable[[Heard], Awaitable[None]] | None = None
    after: Callable[[Heard], Awaitable[None]] | None = None
    changes: int = 0
    unchanged: int = 0

    @property
    def asked(self) -> list[str]:
        assert self.server is not None
        return [f"{heard.method} {urlsplit(heard.path).path}" for heard in self.server.heard]

    @property
    def sent(self) -> str:
        """Everything that was ever sent here."""
        assert self.server is not None
        return "\n".join(f"{heard.path} {heard.body.decode()}" for heard in self.server.heard)

    def person(self, number: int, state: str, reason: str | None = None, repository: str = "acme/wallet") -> None:
        """A developer opens or closes an issue."""
        self._change(self.issues[repository, number], {"state": state, "state_reason": reason})

    def new(self, title: str = "Found by a developer", body: str = "", repository: str = "acme/wallet") -> int:
        number = 1 + sum(1 for where, _ in self.issues if where == repository)
        issue = {
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "state_reason": None,
            "html_url": f"https://github.example/{repository}/issues/{number}",
            "repository_url": f"{self.origin}/repos/{repository}",
        }
        self.issues[repository, number] = issue
        self._change(issue, {})
        return number

    def transfer(self, number: int, to: str = "acme/core", repository: str = "acme/wallet") -> int:
        issue = self.issues[repository, number]
        there = self.new(issue["title"], issue["body"], to)
        self._change(self.issues[to, there], {"state": issue["state"]})
        self.moved[repository, number] = (to, there)
        return there

    def hook(self, number: int, action: str, repository: str = "acme/wallet") -> tuple[bytes, dict[str, str]]:
        """The body and headers of a webhook."""
        body = json.dumps(
            {"action": action, "issue": {"number": number}, "repository": {"full_name": repository}}
        ).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return body, {"x-github-event": "issues", "x-hub-signature-256": f"sha256={signature}"}

    def _change(self, issue: dict[str, Any], how: dict[str, Any]) -> None:
        self.changes += 1
        issue.update(how, version=self.changes)

    def answer(self, heard: Heard) -> Answer:
        if heard.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}, []
        if self.refuse:
            return self.refuse.pop(0)
        url = urlsplit(heard.path)
        match url.path.strip("/").split("/"):
            case ["repos", owner, name, "issues", *rest] if f"{owner}/{name}" in self.repositories:
                said = json.loads(heard.body) if heard.body else {}
                return self._issues(heard, f"{owner}/{name}", rest, said, parse_qs(url.query))
            case ["repositories", place, "issues", number]:
                return 200, self.issues[self.repositories[int(place)], int(number)], []
            case _:
                return 404, {"message": "Not Found"}, []

    def _issues(
        self, heard: Heard, repository: str, rest: list[str], said: dict[str, Any], asked: dict[str, list[str]]
    ) -> Answer:
        if rest:
            return self._issue(heard, (repository, int(rest[0])), rest[1:] == ["comments"], said)
        if heard.method == "POST":
            return 201, self.issues[repository, self.new(said["title"], said["body"], repository)], []
        each, page = int(asked["per_page"][0]), int(asked["page"][0])
        found = [issue for (where, _), issue in reversed(self.issues.items()) if where == repository]
        return 200, found[each * (page - 1) : each * page], []

    def _issue(self, heard: Heard, key: tuple[str, int], of_comments: bool, said: dict[str, Any]) -> Answer:
        if key in self.moved:
            to, number = self.moved[key]
            place = f"{self.origin}/repositories/{self.repositories.index(to)}/issues/{number}"
            return 301, {"message": "Moved Permanently"}, [f"location: {place}"]
        if key in self.deleted:
            return 410, {"message": "This issue was deleted"}, []
        if key not in self.issues:
            return 404, {"message": "Not Found"}, []
        issue = self.issues[key]
        if of_comments:
            comments = self.comments.setdefault(key, [])
            comments += [said] if heard.method == "POST" else []
            return 200, comments[-1] if heard.method == "POST" else comments, []
        if heard.method == "PATCH":
            self._change(issue, said)
        tag = f'W/"{issue["version"]}"'
        if heard.method == "GET" and heard.headers.get("if-none-match") == tag:
            self.unchanged += 1
            return 304, None, [f"etag: {tag}"]
        return 200, issue, [f"etag: {tag}"]


@asynccontextmanager
async def github(port: int = 0) -> AsyncIterator[GitHub]:
    """On 127.0.0.1, in clear."""
    made = GitHub()

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        if made.before is not None:
            await made.before(heard)
        status, body, headers = made.answer(heard)
        if made.after is not None:
            await made.after(heard)
        content = b"" if body is None else json.dumps(body).encode()
        writer.write(raw(status, content, "content-type: application/json", *headers))
        await writer.drain()

    async with outside(reply, port=port) as server:
        made.server = server
        made.origin = f"http://127.0.0.1:{server.port}"
        yield made
