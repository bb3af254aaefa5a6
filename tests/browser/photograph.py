"""Save what a browser shows of a page as a picture: `python tests/browser/photograph.py PAGE.html PICTURE.png`."""

import asyncio
import sys
from pathlib import Path

from chromium import chromium

WIDTH, HEIGHT = 1000, 1250


async def photograph(page: str, *, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The top of the page at this address, as a PNG."""
    async with chromium() as browser:
        await browser.open(page, width=width, height=height)
        return await browser.picture()


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(asyncio.run(photograph(Path(sys.argv[1]).absolute().as_uri())))
