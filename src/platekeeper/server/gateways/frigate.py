"""From Frigate's MQTT messages to the server: in order for each camera, and nothing let go before the server has it.

The session at the broker is a lasting one and a message is acknowledged only when the server has answered that it is on
disk. So what comes while the server is down, or while this process is, waits at the broker. The broker hands out no more
than some twenty messages that are not acknowledged, which bounds what is held here. Messages that Frigate publishes with
QoS 0 have no such safety; they wait here, in a queue that is bounded and loud. So do those of a camera whose key is refused:
left at the broker, twenty of them would keep back the messages of every other camera. The keys are read again meanwhile.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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
KEY_REFUSED = 401

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
    """Subscribes at a broker and forwards to a server.

    `keys` reads the LPR's key by the camera's name in Frigate; it is asked again whenever a key is refused. Raises what
    that raises.
    """

    def __init__(self, broker: Broker, sender: Sender, keys: Callable[[], Mapping[str, str]]) -> None:
        self._broker, self._sender, self._read_keys, self._keys = broker, sender, keys, dict(keys())
        self._waiting: dict[str, queue.Queue[_Waiting]] = {camera: queue.Queue(MOST_WAITING) for camera in self._keys}
        self._refused: set[str] = set()  # cameras whose messages wait here alone
        self._one = threading.RLock()  # of what waits, and where
        self._session = 0  # the broker numbers messages anew for every connection
        self._stopping = threading.Event()
        self._strangers: set[str] = set()
        self.forwarded = 0
        self._client = self._made()
        self._threads = [
            threading.Thread(target=self._forward_all, args=(camera,), name=f"frigate-{camera}", daemon=True)
            for camera in self._keys
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
        with self._one:
            self._session += 1
            for waiting in self._waiting.values():
                for each in _emptied(waiting):
                    if each.qos == 0:  # nobody sends it again
                        waiting.put_nowait(each)
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
        arrived = _Waiting(content, message.mid, message.qos, self._session)
        with self._one:
            try:
                self._waiting[camera].put_nowait(self._kept(arrived) if camera in self._refused else arrived)
            except queue.Full:
                why = "its key is refused" if camera in self._refused else "set `mqtt: qos: 1` in Frigate"
                log.error("A message of %r is lost, too many wait: %s.", camera, why)

    def _kept(self, waiting: _Waiting) -> _Waiting:
        """Let the broker forget a message: it waits here alone."""
        if waiting.session == self._session:
            self._client.ack(waiting.mid, waiting.qos)
        return replace(waiting, qos=0)

    def _forward_all(self, camera: str) -> None:
        in_hand: _Waiting | None = None
        while not self._stopping.is_set():
            try:
                waiting = self._waiting[camera].get(timeout=0.2)
            except queue.Empty:
                continue
            in_hand = self._forward(camera, waiting)
        self._forward_the_last(camera, in_hand)

    def _forward(self, camera: str, waiting: _Waiting) -> _Waiting | None:
        """Send a message until the server has it, or the broker will hand it out anew; return it where this ends before."""
        pause = AGAIN_FIRST
        while waiting.session == self._session or waiting.qos == 0:
            try:
                self._post(camera, waiting)
                break
            except NotDelivered as refused:
                log.warning("%s: not taken yet (%s); again in %.1f s.", camera, refused, pause)
                if refused.status == KEY_REFUSED:
                    waiting = self._kept_all(camera, waiting)
                    self._look_for_keys()
            if self._stopping.wait(pause):
                return waiting
            pause = min(pause * 2, AGAIN_MOST)
        return None

    def _post(self, camera: str, waiting: _Waiting) -> None:
        """Let the server have a message, and the broker forget it. Raises `NotDelivered` for what is to be sent again."""
        try:
            self._sender.post("/ingest/frigate/", waiting.content, key=self._keys[camera])
        except NotDelivered as refused:
            if refused.status != FOR_EVER_REFUSED:
                raise
            log.error("%s: a message is too large for the server and is given up.", camera)
        self.forwarded += 1
        with self._one:
            self._refused.discard(camera)
            if waiting.session == self._session and waiting.qos:
                self._client.ack(waiting.mid, waiting.qos)

    def _kept_all(self, camera: str, waiting: _Waiting) -> _Waiting:
        """Keep what waits of a camera whose key is refused here, so that the broker hands out the others'."""
        with self._one:
            if camera in self._refused:
                return waiting
            self._refused.add(camera)
            for each in _emptied(self._waiting[camera]):
                self._waiting[camera].put_nowait(self._kept(each))
            log.error(
                "The server refuses the key of the camera %r. Its reads wait here, %d at most, and are lost when this ends: "
                "write the right key into the file of keys, which is read again.", camera, MOST_WAITING,
            )  # fmt: skip
            return self._kept(waiting)

    def _look_for_keys(self) -> None:
        try:
            self._keys |= {camera: key for camera, key in self._read_keys().items() if camera in self._waiting}
        except (ValueError, OSError) as error:
            log.error("The keys cannot be read: %s", error)

    def _forward_the_last(self, camera: str, in_hand: _Waiting | None) -> None:
        """Try once more what waits here alone: it is lost when this process ends."""
        held = [in_hand, *_emptied(self._waiting[camera])]
        left = [each for each in held if each is not None and each.qos == 0]
        if camera in self._refused:
            self._look_for_keys()
        for tried, each in enumerate(left):
            try:
                self._post(camera, each)
            except NotDelivered as refused:
                log.error("%s: %d messages that waited here are lost (%s).", camera, len(left) - tried, refused)
                return


def _emptied(waiting: queue.Queue[_Waiting]) -> list[_Waiting]:
    found = []
    while True:
        try:
            found.append(waiting.get_nowait())
        except queue.Empty:
            return found
