"""As much of Amazon SQS as a queue of tasks needs: its JSON protocol, queues in memory, messages hidden in hand."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers import free_port


@dataclass
class Held:
    """A message: its text, and until when nobody else gets it."""

    body: str
    attributes: dict[str, Any]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    hidden_until: float = 0.0


class FakeSqs:
    """The server; `queues` by name. What it doesn't know it refuses."""

    def __init__(self) -> None:
        self.port = free_port()
        self.queues: dict[str, dict[str, Held]] = {}
        self.visibility: dict[str, float] = {}
        self.asked: set[str] = set()
        self._lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
                verb = self.headers.get("X-Amz-Target", "").partition(".")[2]
                answer = getattr(fake, f"_{verb}", fake._unknown)(said)
                status = 400 if "__type" in answer else 200
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                fake.asked.add(verb)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> FakeSqs:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _unknown(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"__type": "com.amazonaws.sqs#UnsupportedOperation", "message": "not here"}

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/0/{name}"

    def _of(self, said: dict[str, Any]) -> dict[str, Held]:
        return self.queues[said["QueueUrl"].rpartition("/")[2]]

    def _ListQueues(self, said: dict[str, Any]) -> dict[str, Any]:
        prefix = said.get("QueueNamePrefix", "")
        return {"QueueUrls": [self._url(name) for name in self.queues if name.startswith(prefix)]}

    def _CreateQueue(self, said: dict[str, Any]) -> dict[str, Any]:
        name = said["QueueName"]
        self.queues.setdefault(name, {})
        self.visibility[name] = float(said.get("Attributes", {}).get("VisibilityTimeout", 30))
        return {"QueueUrl": self._url(name)}

    def _GetQueueUrl(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["QueueName"] not in self.queues:
            return {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue"}
        return {"QueueUrl": self._url(said["QueueName"])}

    def _GetQueueAttributes(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self._of(said)))}}

    def _SendMessage(self, said: dict[str, Any]) -> dict[str, Any]:
        held = Held(said["MessageBody"], said.get("MessageAttributes", {}))
        with self._lock:
            self._of(said)[held.id] = held
        return {"MessageId": held.id, "MD5OfMessageBody": hashlib.md5(held.body.encode()).hexdigest()}

    def _ReceiveMessage(self, said: dict[str, Any]) -> dict[str, Any]:
        name = said["QueueUrl"].rpartition("/")[2]
        until = time.monotonic() + min(float(said.get("WaitTimeSeconds", 0)), 2)
        while True:
            with self._lock:
                now = time.monotonic()
                free = [held for held in self.queues[name].values() if held.hidden_until <= now]
                taken = free[: int(said.get("MaxNumberOfMessages", 1))]
                for held in taken:
                    held.hidden_until = now + self.visibility[name]
            if taken or time.monotonic() > until:
                break
            time.sleep(0.05)
        return {"Messages": [self._told(held) for held in taken]} if taken else {}

    def _told(self, held: Held) -> dict[str, Any]:
        sums = hashlib.md5(held.body.encode()).hexdigest()
        return {"MessageId": held.id, "ReceiptHandle": held.id, "Body": held.body, "MD5OfBody": sums, "Attributes": {}}

    def _DeleteMessage(self, said: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._of(said).pop(said["ReceiptHandle"], None)
        return {}

    def _DeleteMessageBatch(self, said: dict[str, Any]) -> dict[str, Any]:
        for each in said["Entries"]:
            self._DeleteMessage({**said, **each})
        return {"Successful": [{"Id": each["Id"]} for each in said["Entries"]], "Failed": []}

    def _ChangeMessageVisibility(self, said: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._of(said)[said["ReceiptHandle"]].hidden_until = time.monotonic() + float(said["VisibilityTimeout"])
        return {}
