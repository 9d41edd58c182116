"""GitHub's REST interface (also of its Enterprise server), by our own one way out. One request after the other, as it
asks for; what is unchanged is asked for with its ETag, and costs nothing of the hourly allowance."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from holdfast.conversations.intake import hide
from holdfast.core.clock import now
from holdfast.core.outgoing import Answer, Outgoing, OutgoingError, Refused
from holdfast.technical.ports import Issue, IssueGone, IssueMoved, Place, TrackerError

# A page of a hundred issues with long texts; GitHub's texts have at most 64 KB each.
_LIMIT = 8 << 20
_PAGES = 5
_EACH = 100
# Without a time, GitHub asks for a minute at least.
_LEAST_WAIT, _LONGEST_WAIT = 60.0, 3700.0


class GitHub:
    """What ``ports.Tracker`` promises."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    async def find(self, place: Place, marker: str, since: str) -> Issue | None:
        """By listing, not by search: a search knows of a new issue only after a while."""
        query = {"state": "all", "sort": "created", "direction": "desc", "since": since, "per_page": str(_EACH)}
        for page in range(1, _PAGES + 1):
            answer = await self._ask(place, "GET", f"/issues?{urlencode({**query, 'page': str(page)})}")
            found = _list(answer)
            for one in found:
                if marker in str(one.get("body") or "") and "pull_request" not in one:
                    return _issue(one)
            if len(found) < _EACH:
                return None
        return None

    async def create(self, place: Place, title: str, body: str) -> Issue:
        return _issue(_object(await self._ask(place, "POST", "/issues", {"title": title, "body": body})))

    async def look(self, place: Place, number: int, etag: str | None = None) -> Issue | None:
        answer = await self._ask(place, "GET", f"/issues/{number}", etag=etag)
        if answer.status == 304:
            return None
        found = _object(answer)
        if "pull_request" in found:
            raise TrackerError("no_issue", final=True)
        return _issue(found, _header(answer.headers, "etag"))

    async def commented(self, place: Place, number: int, marker: str, since: str) -> bool:
        for page in range(1, _PAGES + 1):
            query = urlencode({"since": since, "per_page": str(_EACH), "page": str(page)})
            found = _list(await self._ask(place, "GET", f"/issues/{number}/comments?{query}"))
            if any(marker in str(one.get("body") or "") for one in found):
                return True
            if len(found) < _EACH:
                return False
        return False

    async def comment(self, place: Place, number: int, body: str) -> None:
        await self._ask(place, "POST", f"/issues/{number}/comments", {"body": body})

    async def set_state(self, place: Place, number: int, state: str) -> Issue:
        said = {"state": state, "state_reason": "completed" if state == "closed" else "reopened"}
        answer = await self._ask(place, "PATCH", f"/issues/{number}", said)
        return _issue(_object(answer))

    async def _ask(
        self, place: Place, method: str, path: str, said: Mapping[str, str] | None = None, etag: str | None = None
    ) -> Answer:
        answer = await self._send(place, method, f"{place.api}/repos/{quote(place.repository)}{path}", said, etag)
        of_issue = re.match(r"/issues/\d", path) is not None
        if answer.status in (301, 302, 307, 308):
            if not of_issue:
                raise TrackerError("repository_moved", final=True)
            raise IssueMoved(await self._moved(place, _header(answer.headers, "location") or ""))
        if of_issue and answer.status in (404, 410):
            raise IssueGone
        if answer.status >= 400:
            raise _refusal(answer)
        return answer

    async def _moved(self, place: Place, location: str) -> Issue:
        """Where it is now. The token goes nowhere but to the interface it was given for."""
        if not location.startswith(f"{place.api}/"):
            raise TrackerError("moved_elsewhere", final=True)
        answer = await self._send(place, "GET", re.sub(r"/comments.*", "", location), None, None)
        if answer.status in (404, 410):
            raise IssueGone
        if answer.status >= 300:
            raise _refusal(answer)
        return _issue(_object(answer))

    async def _send(
        self, place: Place, method: str, url: str, said: Mapping[str, str] | None, etag: str | None
    ) -> Answer:
        headers = {
            "accept": "application/vnd.github+json",
            "authorization": f"Bearer {place.token}",
            "x-github-api-version": "2022-11-28",
            **({"if-none-match": etag} if etag else {}),
            **({"content-type": "application/json"} if said is not None else {}),
        }
        body = json.dumps(said).encode() if said is not None else None
        try:
            return await self._outgoing.request(method, url, body=body, headers=headers, limit=_LIMIT)
        except OutgoingError as error:
            raise TrackerError(error.reason, final=isinstance(error, Refused)) from None


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _refusal(answer: Answer) -> TrackerError:
    """What a status means: asked too much, not allowed, not understood, or out of order."""
    if answer.status in (403, 429):
        wait = _wait(answer)
        if wait is not None:
            return TrackerError("rate_limited", wait=min(max(wait, 1.0), _LONGEST_WAIT))
    if answer.status in (401, 403):
        return TrackerError(str(answer.status), denied=True)
    final = 400 <= answer.status < 500 and answer.status not in (408, 425)
    return TrackerError(str(answer.status), final=final)


def _wait(answer: Answer) -> float | None:
    """Seconds; None if it is no limit of requests."""
    after = _header(answer.headers, "retry-after")
    if after is not None and after.strip().isdigit():
        return float(after)
    reset = _header(answer.headers, "x-ratelimit-reset")
    if _header(answer.headers, "x-ratelimit-remaining") == "0" and reset is not None and reset.isdigit():
        return float(reset) - now().timestamp()
    if answer.status == 429 or b"rate limit" in answer.body.lower():
        return _LEAST_WAIT
    return None


def _parsed(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise TrackerError("protocol") from None


def _object(answer: Answer) -> dict[str, Any]:
    found = _parsed(answer)
    if not isinstance(found, dict):
        raise TrackerError("protocol")
    return found


def _list(answer: Answer) -> list[dict[str, Any]]:
    found = _parsed(answer)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TrackerError("protocol")
    return found


def _issue(found: dict[str, Any], etag: str | None = None) -> Issue:
    try:
        number, state, url = found["number"], found["state"], found["html_url"]
        owner, name = str(found["repository_url"]).rstrip("/").split("/")[-2:]
    except (KeyError, ValueError):
        raise TrackerError("protocol") from None
    # Its address is shown as a link: only one that a browser opens as a page.
    if (
        not isinstance(number, int)
        or state not in ("open", "closed")
        or not str(url).startswith(("https://", "http://"))
    ):
        raise TrackerError("protocol")
    reason = found.get("state_reason")
    # Its words and names are stored and shown as any other's: redacted before they are cut.
    repository, address, why, tag = (hide(str(text or "")).body for text in (f"{owner}/{name}", url, reason, etag))
    return Issue(repository, number, address[:500], state, why[:40] or None, etag if tag == etag else None)
