"""A real MQTT broker on loopback, with TLS and a password, in a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.ports import await_listening, free_port

USER, PASSWORD = "platekeeper", "a long and quiet word"
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "mosquitto"


@dataclass(frozen=True)
class Broker:
    """Where the broker listens, and the certificate that it shows."""

    port: int
    certificate: Path

    def publish(self, *messages: tuple[str, str], qos: int = 1) -> None:
        """Publish messages in order, as Frigate does; return when the broker has them."""
        client = Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(USER, PASSWORD)
        client.tls_set(ca_certs=str(self.certificate))
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        for topic, payload in messages:
            client.publish(topic, payload, qos=qos).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """Run a broker for a block."""
    port, certificate, key = free_port(), folder / "broker.pem", folder / "broker.key"
    _certify(certificate, key)
    passwords = folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), USER, PASSWORD], check=True, capture_output=True)
    lines = (
        f"listener {port} 127.0.0.1", f"certfile {certificate}", f"keyfile {key}", "allow_anonymous false",
        f"password_file {passwords}", "user root",
    )  # fmt: skip
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(folder / "mosquitto.conf")])
    try:
        await_listening(port, runs=lambda: process.poll() is None)
        yield Broker(port, certificate)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _certify(certificate: Path, key: Path) -> None:
    secret, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(
            name, name, secret.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, SHA256())
    )
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    key.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o600)
