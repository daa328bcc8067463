"""Sends reads at a steady pace over keep-alive connections, each request when it is due, however the ones before fare.

Arguments: port, key, reads a second, reads a request, seconds, reads a hit, number of the first hit. Prints JSON: when the
request with each hit's plate was due (monotonic), and how long each request took from when it was due, in seconds.
"""

from __future__ import annotations

import json
import secrets
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.sending.sender import answer_of, request_of

CONNECTIONS = 32


def main() -> None:
    """Send, and print."""
    port, key = sys.argv[1:3]
    pace, batch, seconds, reads_a_hit, first_hit = map(int, sys.argv[3:])
    numbers, taking, run = iter(range(0, pace * seconds, batch)), threading.Lock(), secrets.token_hex(4)
    begins = time.monotonic() + 0.5
    due_of: dict[str, float] = {}
    took: list[float] = []
    problems: list[str] = []

    def send() -> None:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with taking:
                    first = next(numbers, None)
                if first is None:
                    return
                due = begins + first / pace
                time.sleep(max(0.0, due - time.monotonic()))
                at, reads = datetime.now(UTC).isoformat(), []
                for number in range(first, first + batch):
                    plate = f"R{number:07d}"
                    if number % reads_a_hit == 0:
                        plate = f"HVK{first_hit + number // reads_a_hit:04d}W"
                        due_of[plate] = due
                    reads.append({"plate": plate, "captured_at": at, "event_id": f"{run}-{number}", "state": "NY"})
                connection.sendall(request_of(key, reads))
                answer = answer_of(connection)
                took.append(time.monotonic() - due)
                if b" 200 " not in answer[:20]:
                    problems.append(answer.decode(errors="replace")[:300])

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems or len(took) != len(range(0, pace * seconds, batch)):
        sys.exit(f"{len(problems)} of {len(took)} requests were refused: {problems[:2]}")
    print(json.dumps({"due": due_of, "took": took}))


if __name__ == "__main__":
    main()
