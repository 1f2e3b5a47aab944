"""The bank's daily file, as it is served, and everything else that may answer in its place."""

import asyncio
from collections.abc import Mapping
from datetime import date

from aiohttp import web

REAL = {
    "USD": "1.1603", "JPY": "178.75", "CZK": "24.31", "DKK": "7.4670", "GBP": "0.8791",
    "HUF": "388.10", "PLN": "4.2530", "RON": "5.0870", "SEK": "10.9520", "CHF": "0.9265",
    "ISK": "146.90", "NOK": "11.6995", "TRY": "48.7650", "AUD": "1.7713", "BRL": "6.2417",
    "CAD": "1.6245", "CNY": "8.2588", "HKD": "9.0125", "IDR": "19269.50", "ILS": "3.7735",
    "INR": "102.9165", "KRW": "1655.48", "MXN": "21.5300", "MYR": "4.8615", "NZD": "2.0247",
    "PHP": "68.2860", "SGD": "1.5096", "THB": "37.5840", "ZAR": "20.0683",
}  # fmt: skip


def xml(on: date, rates: Mapping[str, str] = REAL) -> str:
    """As the bank writes it, tabs, quotes and all."""
    lines = "\n".join(
        f"\t\t\t<Cube currency='{code}' rate='{rate}'/>" for code, rate in rates.items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" \
xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>
\t\t<gesmes:name>European Central Bank</gesmes:name>
\t</gesmes:Sender>
\t<Cube>
\t\t<Cube time='{on.isoformat()}'>
{lines}
\t\t</Cube>
\t</Cube>
</gesmes:Envelope>"""


class Bank:
    """Answers with what the test wants; ``asked`` counts."""

    def __init__(self) -> None:
        self.body: str | bytes = ""
        self.status = 200
        self.goes_to: str | None = None
        self.waits = 0.0
        self.asked = 0
        self.url = ""

    async def answer(self, _request: web.Request) -> web.StreamResponse:
        """The file."""
        self.asked += 1
        if self.goes_to is not None:
            raise web.HTTPFound(self.goes_to)
        await asyncio.sleep(self.waits)
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return web.Response(body=body, status=self.status, content_type="text/xml")

    async def secret(self, _request: web.Request) -> web.StreamResponse:
        """Something on a private network that nobody should be led to."""
        self.asked += 100
        return web.Response(text=xml(date(2026, 11, 20)))

    def app(self) -> web.Application:
        """Served under the bank's own path."""
        app = web.Application()
        app.router.add_get("/stats/eurofxref/eurofxref-daily.xml", self.answer)
        app.router.add_get("/secret", self.secret)
        return app
