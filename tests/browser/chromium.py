"""Finds a Chromium for the browser tests, and installs one when there is none: `python tests/browser/chromium.py`."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Where a Chromium is; "" means the one that Playwright brought; None when there is none."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found:
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return "" if os.path.exists(playwright.chromium.executable_path) else None


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
        print("No Chromium found: installing one for the browser tests.")
        install()
    if chromium() is None:
        sys.exit(
            "The browser tests need a Chromium: apt-get install chromium, or playwright install chromium."
        )
