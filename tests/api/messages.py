"""One message of every camera format as it goes over the wire: of a plate, captured at a time, of one event."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

JPEG = b"\xff\xd8\xff\xe0" + bytes(64) + b"\xff\xd9"
BOUNDARY = "a-boundary"

Wire = tuple[bytes, str]
"""Body and content type."""


def multipart(*parts: tuple[str, str, bytes]) -> Wire:
    """Return parts of a name, a file name and content as one body."""
    pieces = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, file_name, content in parts
    ]
    return b"".join([*pieces, f"--{BOUNDARY}--\r\n".encode()]), f"multipart/form-data; boundary={BOUNDARY}"


def of_json(message: Any, content_type: str = "application/json") -> Wire:
    """Return a message as a JSON body."""
    return json.dumps(message).encode(), content_type


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def axis(plate: str, at: datetime) -> Wire:
    event = _axis(plate, at)
    return multipart(("event", "event.json", json.dumps(event).encode()), ("image", "car.jpg", JPEG))


def _axis(plate: str, at: datetime) -> dict[str, Any]:
    return {
        "plateASCII": plate, "plateCountry": "USA", "plateRegion": "NY", "carID": "7", "carState": "update",
        "capture_timestamp": str(_milliseconds(at)), "camera_info": {"SerialNumber": "B8"},
    }  # fmt: skip


def blue_iris(plate: str, at: datetime) -> Wire:
    model = {"api": "alpr", "found": {"predictions": [{"plate": plate, "confidence": 0.9}]}}
    told = {"ai_dump": [model], "Image": base64.b64encode(JPEG).decode(), "camera": "c", "timestamp": at.isoformat()}
    return of_json(told, "text/plain")


def bof2(plate: str, at: datetime) -> Wire:
    line = f"sig|user|{plate}|1|2|3|{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}|43.05|-76.15|0|0|0|1|88|true\r\n"
    return line.encode(), "text/plain"


def dahua(plate: str, at: datetime) -> Wire:
    picture = {
        "UUID": "u-1", "Plate": {"PlateNumber": plate, "Confidence": 220, "IsExist": True, "State": "NY"},
        "SnapInfo": {"DeviceID": "d", "AccurateTime": at.isoformat(sep=" ")},
        "NormalPic": {"Content": base64.b64encode(JPEG).decode()},
    }  # fmt: skip
    return of_json({"Picture": picture}, "application/json;charset=UTF-8")


def frigate(plate: str, at: datetime) -> Wire:
    return of_json(
        {"type": "lpr", "id": "f-1", "plate": plate, "score": 0.9, "camera": "c", "timestamp": at.timestamp()}
    )


def genetec(plate: str, at: datetime) -> Wire:
    at = at.astimezone(UTC)
    told = f"""<?xml version="1.0" encoding="utf-16"?><AutoVu><Plate>{plate}</Plate><State>NY</State><Guid>g-1</Guid>
    <UTCDate>{at:%Y:%m:%d}</UTCDate><UTCTime>{at:%H:%M:%S}</UTCTime></AutoVu>"""
    return told.encode(), "application/xml"


def hikvision(plate: str, at: datetime) -> Wire:
    told = f"""<?xml version="1.0" encoding="UTF-8"?>
    <e:EventNotificationAlert xmlns:e="urn:new"><e:eventType>ANPR</e:eventType><e:dateTime>{at.isoformat()}</e:dateTime>
    <e:ANPR><e:licensePlate>{plate}</e:licensePlate><e:confidenceLevel>97</e:confidenceLevel></e:ANPR><e:UUID>u-1</e:UUID>
    </e:EventNotificationAlert>"""
    return multipart(
        ("anpr.xml", "anpr.xml", told.encode()),
        ("licensePlatePicture.jpg", "licensePlatePicture.jpg", b""),
        ("detectionPicture.jpg", "detectionPicture.jpg", JPEG),
    )


def openalpr(plate: str, at: datetime) -> Wire:
    return of_json(_openalpr(plate, at))


def _openalpr(plate: str, at: datetime) -> dict[str, Any]:
    return {
        "data_type": "alpr_group", "epoch_start": _milliseconds(at), "best_plate_number": plate, "best_confidence": 95.0,
        "best_region": "us-ny", "uuids": ["u-1"], "vehicle_crop_jpeg": base64.b64encode(JPEG).decode(),
    }  # fmt: skip


def plate_recognizer(plate: str, at: datetime) -> Wire:
    result = {"plate": plate.lower(), "score": 0.9, "region": {"code": "us-ny", "score": 0.7}}
    told = {"hook": {"id": "camera-1"}, "data": {"timestamp": at.isoformat(), "results": [result]}}
    return multipart(("json", "", json.dumps(told).encode()), ("upload", "a.jpg", JPEG))


def verkada(plate: str, at: datetime) -> Wire:
    data = {
        "camera_id": "c",
        "detected": _milliseconds(at),
        "license_plate_number": plate,
        "license_plate_state": "us-ny",
    }
    return of_json({"webhook_type": "lpr", "webhook_id": "w", "data": data})


MESSAGES: dict[str, Callable[[str, datetime], Wire]] = {
    "axis": axis,
    "blueiris": blue_iris,
    "bof2": bof2,
    "dahua": dahua,
    "frigate": frigate,
    "genetec": genetec,
    "hikvision": hikvision,
    "openalpr": openalpr,
    "platerecognizer": plate_recognizer,
    "verkada": verkada,
}
CORRECTED = ("axis", "dahua", "frigate", "genetec", "hikvision", "openalpr")
"""Formats whose messages name their event, so that a later one with another text corrects the first."""


def _frigate_event(plate: str, at: datetime) -> dict[str, Any]:
    tracked = {"id": "f-1", "label": "car", "start_time": at.timestamp(), "recognized_license_plate": plate}
    return {"before": tracked, "after": tracked}


STAGED: dict[str, Callable[[str, datetime], dict[str, Any]]] = {
    "axis": _axis,
    "frigate": _frigate_event,
    "openalpr": _openalpr,
}
"""Messages of formats that say how far they are with a read."""
