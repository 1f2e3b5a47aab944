"""Files sent to the product as browsers send them."""

import io
from typing import Any

import aiohttp

from livecommerce.demo.client import Browser


async def send_sheet(owner: Browser, merchant: str, content: bytes) -> dict[str, Any]:
    """A sheet sent to the catalogue: its report."""
    sheet = await send_file(owner, f"/v1/merchants/{merchant}/imports", content)
    assert sheet[0] == 201, sheet
    return sheet[1]


async def send_file(
    who: Browser, path: str, content: bytes, name: str = "sheet.csv"
) -> tuple[int, dict[str, Any]]:
    """A file sent as browsers send it: the status and the parsed answer."""
    form = aiohttp.FormData()
    form.add_field(
        "file", io.BytesIO(content), filename=name, content_type="application/octet-stream"
    )
    jar = {c.key: c.value for c in who._http.cookie_jar}
    headers = {"X-CSRF-Token": jar.get("lc_csrf", "")}
    async with who._http.post(f"{who.url}{path}", data=form, headers=headers) as answer:
        told: dict[str, Any] = await answer.json(content_type=None)
        return answer.status, told
