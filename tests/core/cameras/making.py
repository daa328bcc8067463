"""One good message of every format, and how tests take it apart."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from platekeeper.core.formats.cameras.payload import Item, Part, Payload, body
from platekeeper.core.formats.reads import ParsedRead, UnparsedRead

JPEG = b"\xff\xd8\xff\xe0 a small picture"
CROP = b"\xff\xd8\xff\xe0 a plate"
MS = 1772564707250
AT = datetime.fromtimestamp(MS / 1000, tz=UTC)


def b64(content: bytes) -> str:
    """Return bytes as payloads carry them."""
    return base64.b64encode(content).decode()


RESULTS: dict[str, Any] = {
    "data_type": "alpr_results", "version": 2, "uuid": "cam-1", "camera_id": 7, "epoch_time": MS,
    "results": [
        {
            "plate": "ABC1234", "confidence": 91.5, "region": "us-ny", "region_confidence": 80, "plate_crop_jpeg": b64(CROP),
            "candidates": [{"plate": "ABC1234", "confidence": 91.5}, {"plate": "A8C1234", "confidence": "80.0"}],
        },
        {"plate": "XYZ99", "confidence": "60", "region": "", "region_confidence": 0, "candidates": []},
    ],
}  # fmt: skip
GROUP: dict[str, Any] = {
    "data_type": "alpr_group", "epoch_start": MS, "epoch_end": MS + 900, "best_plate_number": "ABC1234",
    "best_confidence": 95.0, "best_region": "us-ny", "best_uuid": "u-2", "uuids": ["u-1", "u-2"], "is_preview": False,
    "gps_latitude": 41.03, "gps_longitude": -73.76, "travel_direction": 47.5,
    "candidates": [{"plate": "ABC1234", "confidence": 95.0, "matches_template": 1}],
    "vehicle": {
        "color": [{"name": "gray", "confidence": 10}, {"name": "blue", "confidence": 85}],
        "make": [{"name": "honda", "confidence": 70}], "make_model": [{"name": "honda_civic", "confidence": 60}],
        "body_type": [{"name": "sedan-compact", "confidence": 50}], "year": [{"name": "2010-2014", "confidence": 40}],
    },
    "vehicle_crop_jpeg": b64(JPEG), "best_plate": {"plate": "ABC1234", "plate_crop_jpeg": b64(CROP)},
}  # fmt: skip
AXIS: dict[str, Any] = {
    "plateUTF8": "ÄBC1234", "plateASCII": "ABC1234", "plateCountry": "USA", "plateRegion": "NY", "carState": "new",
    "plateConfidence": "0.719034", "carID": "1327", "capture_timestamp": str(MS), "carMoveDirection": "in",
    "geotag": {"lat": "41.03", "lon": -73.76}, "camera_info": {"SerialNumber": "B8A44F000001", "MACAddress": ""},
    "vehicle_info": {"type": "CAR", "brand": "Honda", "color": "BLUE", "model": "Civic", "view": "front"},
    "plateCoordinates": [1, 2, 3, 4], "imagesURI": ["/local/image"],
}  # fmt: skip
VERKADA: dict[str, Any] = {
    "org_id": "o", "webhook_type": "lpr", "created_at": MS // 1000, "webhook_id": "w-1",
    "data": {
        "camera_id": "c-1", "created": MS // 1000, "detected": MS, "license_plate_number": "ABC1234", "confidence": 0.96,
        "crop": [0.3, 0.3, 0.5, 0.5], "image_url": "https://example.invalid/a.jpg", "license_plate_state": "us-ca",
    },
}  # fmt: skip
BLUE_IRIS: dict[str, Any] = {
    "ai_dump": [
        {"api": "objects", "found": {"success": True, "predictions": [{"label": "car", "confidence": 0.9}]}},
        {"api": "alpr", "found": {"success": True, "predictions": [
            {"plate": "ABC1234", "label": "Plate: ABC1234", "confidence": 0.87, "x_min": 1, "y_min": 2},
            {"plate": "XYZ99", "confidence": "66.0"},
        ]}},
    ],
    "Image": b64(JPEG), "camera": "drive", "timestamp": "2026-03-03T14:05:07.250-05:00",
}  # fmt: skip
LINE = "sig|user|AB12CDE|1|2|3|2026-03-03T19:05:07Z|51.5|-0.12|0|10|20|1|88|true"

STREAM: dict[str, Any] = {
    "hook": {"target": "t", "id": "camera-1", "event": "recognition", "filename": "camera-1_screenshots/a.jpg"},
    "data": {
        "camera_id": "camera-1", "filename": "camera-1_screenshots/a.jpg", "timestamp": "2026-03-03T19:05:07.250Z",
        "timestamp_local": "2026-03-03 14:05:07.250-05:00",
        "results": [
            {
                "plate": "abc1234", "score": 0.9, "dscore": 0.8, "region": {"code": "us-ny", "score": 0.7},
                "candidates": [{"plate": "abc1234", "score": 0.9}, {"plate": "a8c1234", "score": 0.4}],
                "vehicle": {"type": "Sedan", "score": 0.6}, "model_make": [{"make": "Honda", "model": "Civic", "score": 0.4}],
                "color": [{"color": "blue", "score": 0.8}], "orientation": [{"orientation": "Front", "score": 0.9}],
                "direction": 225, "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}, "source_url": "rtsp://x",
            }
        ],
    },
}  # fmt: skip
DAHUA: dict[str, Any] = {
    "Picture": {
        "Plate": {"PlateNumber": "ABC1234", "PlateColor": "White", "Confidence": 92, "IsExist": True, "PlateType": "N"},
        "Vehicle": {"VehicleColor": "Blue", "VehicleSeries": "Civic", "VehicleSign": "Honda", "VehicleType": "Car"},
        "SnapInfo": {
            "DeviceID": "d-1", "AccurateTime": "2026-03-03 14:05:07.250", "SnapTime": "2026-03-03 14:05:07",
            "Direction": "Obverse", "TriggerSource": "Video",
        },
        "NormalPic": {"PicName": "a.jpg", "Content": b64(JPEG)}, "CutoutPic": {"Content": b64(CROP)},
    }
}  # fmt: skip
FRIGATE_UPDATE: dict[str, Any] = {
    "type": "lpr", "id": "1772564700.1-x", "name": None, "plate": "ABC1234", "score": 0.95, "camera": "drive",
    "timestamp": MS / 1000, "plate_box": [1, 2, 3, 4],
}  # fmt: skip
FRIGATE_EVENT: dict[str, Any] = {
    "type": "update",
    "before": {"id": "1772564700.1-x", "camera": "drive", "label": "car", "start_time": MS / 1000},
    "after": {
        "id": "1772564700.1-x", "camera": "drive", "label": "car", "start_time": MS / 1000, "frame_time": MS / 1000 + 2,
        "recognized_license_plate": "ABC1234", "recognized_license_plate_score": 0.95,
    },
}  # fmt: skip
GENETEC: dict[str, Any] = {
    "Plate": "ABC1234", "State": "NY", "CameraName": "North", "ContextImage": b64(JPEG), "DateUtc": "03/04/2026",
    "TimeUtc": "19:05:07.250", "ConfidenceScore": "97", "LongitudeX": -73.76, "LatitudeY": 41.03, "Guid": "g-1",
    "Attributes": {"Relative Motion": "Closer", "Lane": 2},
}  # fmt: skip
GENETEC_XML = f"""<?xml version="1.0" encoding="utf-8"?>
<AutoVu><Plate>ABC1234</Plate><State>NY</State><UTCDate>2026:04:03</UTCDate><UTCTime>19:05:07.250</UTCTime>
<CameraName>North</CameraName><SourceName>Car 1</SourceName><ContextImage>{b64(JPEG)}</ContextImage><PlateImage/>
<LongitudeX>-73.76</LongitudeX><LatitudeY>41.03</LatitudeY><Guid>g-1</Guid><ConfidenceScore>97</ConfidenceScore>
<Relative_Motion>Closer</Relative_Motion></AutoVu>"""
HIKVISION = """<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
<ipAddress>192.0.2.7</ipAddress><macAddress>44:19:00:00:00:01</macAddress><channelID>1</channelID>
<dateTime>2026-03-03T14:05:07.250-05:00</dateTime><eventType>ANPR</eventType><eventState>active</eventState>
<ANPR><country>9</country><licensePlate>ABC1234</licensePlate><line>1</line><direction>forward</direction>
<confidenceLevel>97</confidenceLevel><plateType>unknown</plateType><plateColor>white</plateColor>
<vehicleType>vehicle</vehicleType><originalLicensePlate>A8C1234</originalLicensePlate>
<vehicleInfo><index>1</index><color>blue</color></vehicleInfo><pictureInfoList/></ANPR>
<UUID>u-1</UUID><isDataRetransmission>false</isDataRetransmission>
<DeviceGPSInfo><longitudeType>W</longitudeType><latitudeType>N</latitudeType>
<Longitude><deg>73</deg><min>45</min><sec>36</sec></Longitude><Latitude><deg>41</deg><min>1</min><sec>48</sec></Latitude>
</DeviceGPSInfo></EventNotificationAlert>"""


def sent(message: Any) -> Payload:
    return body(json.dumps(message).encode())


def parts(event: Any, image: bytes | None = JPEG) -> Payload:
    told = Part(name="event", content=json.dumps(event).encode(), media_type="application/json")
    images = () if image is None else (Part(name="image", content=image, filename="car.jpg"),)
    return Payload(parts=(told, *images))


def lines(*written: str, ending: str = "\n") -> Payload:
    return body((ending.join(written) + ending).encode())


def read_of(items: list[Item]) -> ParsedRead:
    (item,) = items
    assert isinstance(item, tuple), item
    return item[0]


def image_of(items: list[Item]) -> bytes | None:
    (item,) = items
    assert isinstance(item, tuple), item
    return item[1]


def refusal(items: list[Item]) -> UnparsedRead:
    (item,) = items
    assert isinstance(item, UnparsedRead), item
    return item


def changed(message: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a message with fields replaced; `...` takes one away."""
    return {name: value for name, value in {**message, **fields}.items() if value is not ...}


def alert(xml: str, *images: tuple[str, bytes]) -> Payload:
    """Return a Hikvision message: its XML and its pictures."""
    told = Part(name="anpr.xml", content=xml.encode(), filename="anpr.xml", media_type="application/xml")
    return Payload(parts=(told, *(Part(name=name, content=image, filename=name) for name, image in images)))


def stream(message: Any, image: bytes | None = JPEG) -> Payload:
    """Return a message of Plate Recognizer Stream."""
    told = Part(name="json", content=json.dumps(message).encode())
    images = () if image is None else (Part(name="upload", content=image, filename="a.jpg"),)
    return Payload(parts=(told, *images))


SAMPLES: dict[str, tuple[Payload, ...]] = {
    "axis": (parts(AXIS), sent(AXIS)),
    "blueiris": (sent(BLUE_IRIS),),
    "bof2": (lines(LINE),),
    "dahua": (sent(DAHUA),),
    "frigate": (sent(FRIGATE_UPDATE), sent(FRIGATE_EVENT)),
    "genetec": (sent(GENETEC), body(GENETEC_XML.encode())),
    "hikvision": (
        alert(HIKVISION, ("detectionPicture.jpg", JPEG), ("licensePlatePicture.jpg", b"")),
        body(HIKVISION.encode()),
    ),
    "openalpr": (sent(RESULTS), sent(GROUP), sent({"data_type": "alpr_alert", "group": GROUP})),
    "platerecognizer": (stream(STREAM), sent(STREAM)),
    "verkada": (sent(VERKADA),),
}
"""Good messages by the name of their format; each holds at least one read."""
