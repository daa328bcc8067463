"""Debian's Chromium. Its headless shell does without a window's own pages, which cost as much as what a test looks at."""

from __future__ import annotations

import shutil

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "chromium"
"""The program."""
