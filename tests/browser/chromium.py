"""Finds a Chromium for the browser tests, and installs one when there is none: `python tests/browser/chromium.py`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Where a Chromium is; "" means the one that Playwright brought; None when there is none."""
    if found := installed():
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return "" if Path(playwright.chromium.executable_path).exists() else None


def installed() -> str | None:
    """Where the machine's own Chromium is."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install() -> None:
    """Install one: Debian's package for root, else Playwright's build."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        done = subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium"], stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode == 0:
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


if __name__ == "__main__":
    if chromium() is None:
        sys.stderr.write("No Chromium found: installing one for the browser tests.\n")
        install()
    if chromium() is None:
        sys.exit(
            "The browser tests need a Chromium: apt-get install chromium, or playwright install chromium."
        )
