"""Numbers and dates in Spanish are written as the department writes them in English: 1,234.5 and 2026-03-01."""

from django.conf.locale.en.formats import *  # type: ignore[import-untyped]  # noqa: F403
