"""Reports of impostors: one case a target, followed up by those who may, packed with proof."""

import hashlib
import io
import json
import zipfile
from typing import Any
from uuid import UUID

import httpx
from PIL import Image
from sqlalchemy import select, text, update

from holdfast.app.tesseract import Tesseract
from holdfast.authenticity.models import ImpostorReport
from holdfast.conversations.models import Attachment
from holdfast.conversations.pictures import Readings
from holdfast.core.files import FileStore
from tests.authenticity.conftest import House

FAKE = "https://holdfast-support.evil.example/login"
PHRASE = " ".join(["legal winner thank year wave sausage worth useful legal winner thank yellow"])


async def taken(house: House, **report: Any) -> None:
    async with house.browser() as anyone:
        answered = await anyone.post("/api/verify/report", json=report)
    assert answered.status_code == 200, answered.text


async def test_reports_of_one_target_are_one_case_and_a_confirmed_one_is_a_known_fake(house: House) -> None:
    await house.add(("domain", "holdfast.example"))
    await taken(house, target="evil.example", words="It wanted my words")
    await taken(house, target="EVIL.example.", language="de")
    async with house.browser() as anyone, house.browser(house.desk.karin) as karin:

        async def checked(what: str) -> str:
            return str((await anyone.post("/api/verify", json={"text": what})).json()["status"])

        cases = (await karin.get("/api/impostors")).json()["cases"]
        assert [(c["target"], c["reports"], c["state"]) for c in cases] == [("evil.example", 2, "new")]
        assert await checked("evil.example") == "not_listed"
        at = f"/api/impostors/{cases[0]['id']}"
        skipped = await karin.post(f"{at}/steps", json={"state": "taken_down"})
        assert skipped.json()["id"] == "step_refused"
        moved = (await karin.post(f"{at}/steps", json={"state": "confirmed", "note": "seen"})).json()
        assert [s["state"] for s in moved["steps"]] == ["confirmed"]
        # A link of a confirmed domain is known as well.
        assert await checked("https://evil.example/login?x=1") == "known_fake"
        await karin.post(f"{at}/steps", json={"state": "rejected"})
        assert await checked("evil.example") == "not_listed"


async def test_what_is_ours_cannot_be_reported(house: House) -> None:
    await house.add(("domain", "holdfast.example"))
    async with house.browser() as anyone:
        ours = await anyone.post("/api/verify/report", json={"target": "holdfast.example"})
        nothing = await anyone.post("/api/verify/report", json={"target": "???"})
    assert (ours.json()["id"], nothing.json()["id"]) == ("ours_reported", "report_empty")


async def test_who_sees_reports(house: House) -> None:
    await taken(house, target="evil.example")
    desk = house.desk
    for viewer, may in (
        (desk.ana, False),
        (desk.wei, True),
        (desk.karin, True),
        (house.ruth, True),
        (house.lena, False),
    ):
        async with house.browser(viewer) as browser:
            answered = await browser.get("/api/impostors")
            assert (answered.status_code == 200) is may, viewer.name
            if may:
                case = answered.json()["cases"][0]
                # Auditors look and do not touch.
                assert bool(case["next"]) is (viewer is not house.ruth)
                step = await browser.post(f"/api/impostors/{case['id']}/steps", json={"state": "confirmed"})
                assert step.status_code in (200, 403, 409)
                assert (step.status_code == 403) is (viewer is house.ruth)


async def test_texts_are_redacted_before_they_are_stored(house: House) -> None:
    await taken(house, target="evil.example", words=f"They took {PHRASE} from me")
    async with house.desk.database.transaction() as session:
        report = (await session.scalars(select(ImpostorReport))).one()
        assert "sausage" not in report.words
        assert "⛔" in report.words
        raw = (await session.execute(text("SELECT words, target FROM impostor_report, impostor_case"))).one()
    # Sealed at rest: neither the words nor the target stand in the table.
    assert b"They took" not in bytes(raw[0])
    assert b"evil" not in bytes(raw[1])


async def _picture(customer: httpx.AsyncClient, token: str) -> str:
    """Uploads one; its id."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    uploaded = await customer.post(
        "/api/widget/attachments",
        headers={"authorization": f"Bearer {token}"},
        files={"file": ("fake.png", picture.getvalue(), "image/png")},
    )
    return str(uploaded.json()["id"])


async def test_pictures_that_nobody_may_open_yet_have_no_links(house: House) -> None:
    desk = house.desk
    conversation_id = await desk.open()
    token = await house.token(conversation_id)
    async with house.browser() as customer, house.browser(house.ruth) as ruth, house.browser(desk.karin) as karin:
        picture = await _picture(customer, token)
        told = {"token": token, "target": FAKE, "attachments": [picture]}
        assert (await customer.post("/api/widget/impostor", json=told)).status_code == 200
        at = f"/api/impostors/{(await ruth.get('/api/impostors')).json()['cases'][0]['id']}"
        for state, links in (("reading", 0), ("unread", 0), ("secret", 0), ("clear", 1)):
            async with desk.database.transaction() as session:
                await session.execute(update(Attachment).values(state=state))
            for browser in (ruth, karin):
                (report,) = (await browser.get(at)).json()["reports"]
                assert (len(report["files"]), report["closed"]) == (links, 1 - links), state
        moved = (await karin.post(f"{at}/steps", json={"state": "confirmed"})).json()["reports"][0]
        assert (len(moved["files"]), moved["closed"]) == (1, 0)
        shown = await ruth.get(report["files"][0])
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")


async def test_a_customer_reports_with_a_picture_and_the_pack_proves_it(house: House) -> None:
    desk = house.desk
    conversation_id = await desk.open()
    token = await house.token(conversation_id)
    async with house.browser() as customer, house.browser(desk.karin) as karin:
        picture = await _picture(customer, token)
        report = {"token": token, "target": FAKE, "words": "看起来一样", "attachments": [picture]}
        assert (await customer.post("/api/widget/impostor", json=report)).status_code == 200
        # The same picture again belongs to that report already.
        assert (await customer.post("/api/widget/impostor", json=report)).json()["id"] == "attachment_unknown"
        case = (await karin.get("/api/impostors")).json()["cases"][0]
        assert case["reports"] == 1
        unread = await karin.get(f"/api/impostors/{case['id']}/pack")
        store = FileStore(house.app.state.settings.data_dir / "files")
        await Readings(desk.database, store, Tesseract()).read_all()
        pack = await karin.get(f"/api/impostors/{case['id']}/pack")
    # Before it was looked at, a picture goes to nobody.
    assert "evidence/001-1.png" not in zipfile.ZipFile(io.BytesIO(unread.content)).namelist()
    archive = zipfile.ZipFile(io.BytesIO(pack.content))
    manifest = json.loads(archive.read("manifest.json"))
    assert set(manifest["files"]) == set(archive.namelist()) - {"manifest.json"}
    for name, listed in manifest["files"].items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == listed["sha256"], name
    assert Image.open(io.BytesIO(archive.read("evidence/001-1.png"))).size == (40, 30)
    assert "holdfast-support.evil.example" in archive.read("letter-en.txt").decode()
    assert json.loads(archive.read("register.json"))["algorithm"] == "Ed25519"
    assert "看起来一样" in archive.read("report.html").decode()
    async with desk.database.transaction() as session:
        # It belongs to a line of the timeline, so housekeeping does not sweep it away as forgotten.
        assert (await session.get_one(Attachment, UUID(picture))).seq is not None
