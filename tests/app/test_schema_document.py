"""The REST interface's description: a document, and no page that would load anything from elsewhere."""

import json
import re
from pathlib import Path

import pytest

from tests.app.support import application, demo_settings


@pytest.mark.parametrize(
    "page", ["", "/swagger", "/redoc", "/elements", "/rapidoc", "/scalar", "/oauth2-redirect.html"]
)
async def test_no_page_is_made_of_it(fresh_database_url: str, tmp_path: Path, page: str) -> None:
    async with application(fresh_database_url, demo_settings(tmp_path)) as app:
        answer = await app.browser.get(f"/api/schema{page}")
    assert answer.status_code == 404 or "html" not in answer.headers["content-type"]
    assert "<script" not in answer.text
    assert not re.search(r"(?:src|href)=", answer.text)


async def test_the_document_names_no_other_host_and_the_demo_links_to_it(
    fresh_database_url: str, tmp_path: Path
) -> None:
    async with application(fresh_database_url, demo_settings(tmp_path)) as app:
        answer = await app.browser.get("/api/schema/openapi.json")
        assert 'href="/api/schema/openapi.json"' in (await app.browser.get("/demo")).text
    assert answer.status_code == 200
    assert "json" in answer.headers["content-type"]
    document = json.loads(answer.content)
    assert "/api/conversations" in document["paths"]
    assert re.findall(r"\bhttps?://(?!localhost)", answer.text) == []
