"""From Frigate's MQTT messages to the server: in order for each camera, and nothing let go before the server has it.

The session at the broker is a lasting one and a message is acknowledged only when the server has answered that it is on
disk. So what comes while the server is down, or while this process is, waits at the broker. The broker hands out no more
than some twenty messages that are not acknowledged, which bounds what is held here. Messages that Frigate publishes with
QoS 0 have no such safety; they wait here, in a queue that is bounded and loud.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from platekeeper.core.formats.cameras import frigate
from platekeeper.core.formats.cameras.payload import body
from platekeeper.server.gateways.sender import NotDelivered, Sender

TOPICS = ("tracked_object_update", "events")
MOST_WAITING = 1000
"""Messages of one camera that wait here."""
AGAIN_FIRST, AGAIN_MOST = 0.5, 30.0
"""Seconds before a message is sent again: at first, and at most."""
FOR_EVER_REFUSED = 413
"""The one answer that sending again cannot change: too large."""

log = logging.getLogger("platekeeper.frigate")


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and how to log in; `ca` names a file of certificates that are trusted with `tls`."""

    host: str
    port: int = 1883
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca: str | None = None
    client_id: str = "platekeeper"
    prefix: str = "frigate"


@dataclass(frozen=True, slots=True)
class _Waiting:
    content: bytes
    mid: int
    qos: int
    session: int


def camera_of(content: bytes) -> str:
    """Return the camera that a message is about, empty text where it names none."""
    try:
        message = json.loads(content)
        told = message.get("after") or message.get("before") or message
        return str(told.get("camera") or "")
    except (ValueError, AttributeError, RecursionError):
        return ""


class Forwarder:
    """Subscribes at a broker and forwards to a server. `keys` gives the LPR's key by the camera's name in Frigate."""

    def __init__(self, broker: Broker, sender: Sender, keys: Mapping[str, str]) -> None:
        self._broker, self._sender, self._keys = broker, sender, dict(keys)
        self._waiting: dict[str, queue.Queue[_Waiting]] = {camera: queue.Queue(MOST_WAITING) for camera in keys}
        self._session = 0  # the broker numbers messages anew for every connection
        self._stopping = threading.Event()
        self._strangers: set[str] = set()
        self.forwarded = 0
        self._client = self._made()
        self._threads = [
            threading.Thread(target=self._forward_all, args=(camera,), name=f"frigate-{camera}", daemon=True)
            for camera in keys
        ]

    def start(self) -> None:
        """Connect, now or as soon as the broker can be reached, and begin."""
        for thread in self._threads:
            thread.start()
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=30)
        self._client.loop_start()

    def stop(self) -> None:
        """Let go of the broker; what has not been forwarded waits there."""
        self._stopping.set()
        self._client.disconnect()
        self._client.loop_stop()
        for thread in self._threads:
            thread.join(timeout=self._sender.timeout + 1)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until stopped; return whether it was."""
        return self._stopping.wait(seconds)

    def _made(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=self._broker.client_id, clean_session=False, manual_ack=True
        )
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.tls:
            client.tls_set(ca_certs=self._broker.ca)
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_subscribe, client.on_message = self._subscribed, self._arrived
        return client

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("The broker refuses: %s.", reason)
            return
        self._session += 1
        client.subscribe([(f"{self._broker.prefix}/{topic}", 1) for topic in TOPICS])

    def _subscribed(
        self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        for topic, reason in zip(TOPICS, reasons, strict=False):
            if reason.is_failure:
                log.error("The broker does not let us listen to %s/%s: %s.", self._broker.prefix, topic, reason)
        log.info("Listening to the broker.")

    def _disconnected(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        # The broker sends again what was not acknowledged, under numbers of its own: what is left of it here must go,
        # or its acknowledgement would fit another message.
        self._session += 1
        for waiting in self._waiting.values():
            _empty(waiting)
        if not self._stopping.is_set():
            log.warning("The broker is gone (%s); trying again.", reason)

    def _arrived(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        content = bytes(message.payload)
        camera = camera_of(content)
        if not frigate.parse(body(content)):
            client.ack(message.mid, message.qos)  # about something else than a plate
            return
        if camera not in self._waiting:
            if camera not in self._strangers and len(self._strangers) < MOST_WAITING:
                self._strangers.add(camera)
                log.error("There is no key for the camera %r: its reads are not forwarded.", camera[:80])
            client.ack(message.mid, message.qos)
            return
        try:
            self._waiting[camera].put_nowait(_Waiting(content, message.mid, message.qos, self._session))
        except queue.Full:
            log.error("A message of %r is lost: too many wait. Set `mqtt: qos: 1` in Frigate.", camera)

    def _forward_all(self, camera: str) -> None:
        while not self._stopping.is_set():
            try:
                waiting = self._waiting[camera].get(timeout=0.2)
            except queue.Empty:
                continue
            self._forward(camera, waiting)

    def _forward(self, camera: str, waiting: _Waiting) -> None:
        pause = AGAIN_FIRST
        while not self._stopping.is_set() and (waiting.session == self._session or waiting.qos == 0):
            try:
                self._sender.post("/ingest/frigate/", waiting.content, key=self._keys[camera])
            except NotDelivered as refused:
                if refused.status != FOR_EVER_REFUSED:
                    log.warning("%s: not taken yet (%s); again in %.1f s.", camera, refused, pause)
                    self._stopping.wait(pause)
                    pause = min(pause * 2, AGAIN_MOST)
                    continue
                log.error("%s: a message is too large for the server and is given up.", camera)
            self.forwarded += 1
            if waiting.session == self._session:
                self._client.ack(waiting.mid, waiting.qos)
            return


def _empty(waiting: queue.Queue[_Waiting]) -> None:
    kept = []
    while True:
        try:
            each = waiting.get_nowait()
        except queue.Empty:
            break
        if each.qos == 0:  # nobody sends it again
            kept.append(each)
    for each in kept:
        waiting.put_nowait(each)
