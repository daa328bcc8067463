"""What an empty choice says, on every form."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

CHOOSE = ("", _("Choose"))
"""Of a field that wants one; `select.html` says the same for Django's own dashes, and "none" where none is wanted."""
