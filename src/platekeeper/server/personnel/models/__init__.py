"""People and their training: who may act, since when, and what they were taught."""

from platekeeper.server.personnel.models.guarding import Seal, Workstation
from platekeeper.server.personnel.models.people import Agency, Disabling, Grant, Holding, People, Person, Position
from platekeeper.server.personnel.models.training import Bulletin, BulletinReceipt, ChangeNotice, Course, Training

__all__ = [
    "Agency",
    "Bulletin",
    "BulletinReceipt",
    "ChangeNotice",
    "Course",
    "Disabling",
    "Grant",
    "Holding",
    "People",
    "Person",
    "Position",
    "Seal",
    "Training",
    "Workstation",
]
