"""Departments that are measured, each with a home and processes of its own; this process has one, too, that stays empty."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

import django

if "PLATEKEEPER_HOME" not in os.environ:
    _home = tempfile.mkdtemp(prefix="platekeeper-bench-home-")
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    os.environ["PLATEKEEPER_HOME"] = _home
os.environ["DJANGO_SETTINGS_MODULE"] = "platekeeper.server.config.settings"
django.setup()
