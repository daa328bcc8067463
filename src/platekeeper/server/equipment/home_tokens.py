"""How a command on the server's own machine speaks for an LPR: whoever may read the home's secrets is the department."""

from __future__ import annotations

from django.core import signing

from platekeeper.server.equipment.models import LPR

GOOD_FOR = 300
"""Seconds."""
_SALT = "platekeeper.home"


def home_token(lpr: LPR) -> str:
    """Return what goes along as `Authorization: Home <token>`."""
    return signing.dumps({"lpr": lpr.pk}, salt=_SALT)


def lpr_of_home_token(token: str) -> LPR | None:
    """Return the LPR that a token speaks for."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    return LPR.objects.filter(pk=said["lpr"]).first()
