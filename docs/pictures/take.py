"""Take the pictures of docs/quick-start.md from the real screens of the demo department: `make pictures`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser import CHROMIUM

HERE = Path(__file__).parent
PORT = 8137
ADDRESS = f"http://127.0.0.1:{PORT}"
PASSWORD = "harbor-falls-demo"
LAPTOP, PHONE = (1100, 720), (390, 780)
PICTURES = (
    ("member", "/", "member-home", PHONE),
    ("member", "/tours/", "member-tour", PHONE),
    ("member", "/hits/", "member-board", LAPTOP),
    ("dispatcher", "/hits/dispatch/", "dispatcher-queue", LAPTOP),
    ("investigator", "/queries/", "investigator-search", LAPTOP),
    ("sergeant", "/tours/today/", "sergeant-today", LAPTOP),
    ("custodian", "/hot-lists/", "custodian-hot-lists", LAPTOP),
    ("administrator", "/lprs/", "administrator-lprs", LAPTOP),
    ("auditor", "/register/", "auditor-register", LAPTOP),
    ("trainer", "/training/keeping/", "trainer-training", LAPTOP),
    ("chief", "/policy/", "chief-policy", LAPTOP),
)
"""Who looks at which page, the picture's name, and the size of the window."""


def main() -> None:
    """Found the demo in a folder of its own, look at it, and take it down."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"PLATEKEEPER_HOME": home}
        command = [sys.executable, "-m", "platekeeper.server.cli.main", "demo", "--port", str(PORT)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as demo:
            try:
                _wait()
                _take()
            finally:
                demo.send_signal(signal.SIGINT)


def _wait() -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"{ADDRESS}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
    raise SystemExit("The demo does not answer.")


def _take() -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        time.sleep(20)  # some cars drive by
        for who, place, name, (width, height) in PICTURES:
            page = chromium.new_context(viewport={"width": width, "height": height}).new_page()
            _sign_in(page, who)
            page.goto(ADDRESS + place)
            page.wait_for_load_state()
            page.wait_for_timeout(700)
            page.screenshot(path=HERE / f"{name}.jpg", type="jpeg", quality=70)
            page.context.close()
        chromium.close()


def _sign_in(page: Page, who: str) -> None:
    page.goto(ADDRESS)
    page.get_by_label("Login").first.fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{ADDRESS}/")


if __name__ == "__main__":
    main()
