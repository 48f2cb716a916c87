"""Posts webhooks as their senders would: signed, over a few kept-open connections, again when the server was busy."""

import hmac
import http.client
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

from plimsoll.console.demo.hooks import Hook
from plimsoll.errors import PlimsollError

CONNECTIONS = 4
# How long one webhook is tried before the demo gives up.
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Door:
    """Where webhooks of one source go, and the secret they are signed with."""

    path: str
    secret: str


@dataclass(frozen=True, slots=True)
class Doors:
    """The web server's address, and a door for each provider."""

    host: str
    port: int
    by_provider: Mapping[str, Door]


def headers_of(hook: Hook, secret: str, now: float) -> dict[str, str]:
    """Return the headers a sender adds, with its proof of who it is (webhook-providers, section 3)."""
    common = {"Content-Type": "application/json"}
    if hook.provider == "github":
        return common | {
            "User-Agent": "GitHub-Hookshot/demo",
            "X-GitHub-Event": hook.event,
            "X-GitHub-Delivery": hook.key,
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), hook.body, sha256).hexdigest(),
        }
    if hook.provider == "alertmanager":
        return common | {"User-Agent": "Alertmanager/0.28", "Authorization": f"Bearer {secret}"}
    stamp = str(int(now))
    signed = b".".join((hook.key.encode(), stamp.encode(), hook.body))
    digest = hmac.new(b64decode(secret.removeprefix("whsec_")), signed, sha256).digest()
    return common | {
        "webhook-id": hook.key,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + b64encode(digest).decode(),
    }


class Sender:
    """One connection that is kept open; not for several threads at once."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._connection = http.client.HTTPConnection(doors.host, doors.port, timeout=10)

    def send(self, hook: Hook) -> None:
        """Post a webhook until the server has it; PlimsollError when it is refused or PATIENCE_S are over."""
        door = self._doors.by_provider[hook.provider]
        deadline, pause_s = time.monotonic() + PATIENCE_S, 0.1
        while True:
            status, answer = self._post(hook, door)
            if status in (200, 202):
                return
            if status not in (0, 429, 502, 503) or time.monotonic() > deadline:
                raise PlimsollError(
                    f"The demo's {hook.provider} webhook was not taken: {status or 'no answer'} {answer}"
                )
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 2.0)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _post(self, hook: Hook, door: Door) -> tuple[int, str]:
        """Return the status and the beginning of the answer, status 0 when there was none."""
        try:
            self._connection.request("POST", door.path, hook.body, headers_of(hook, door.secret, time.time()))
            response = self._connection.getresponse()
            return response.status, response.read()[:300].decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return 0, str(error)


def send_all(doors: Doors, hooks: Iterable[Hook], sent: Callable[[], None] = lambda: None) -> None:
    """Post webhooks in order over CONNECTIONS connections, and call `sent` after each; the first refusal ends it.

    The order is kept to within the few that are under way at a time, as it is with real senders.
    """
    waiting, lock = iter(hooks), threading.Lock()
    failed = threading.Event()

    def work() -> None:
        sender = Sender(doors)
        try:
            for hook in _shared(waiting, lock):
                if failed.is_set():
                    return
                sender.send(hook)
                sent()
        except BaseException:
            failed.set()
            raise
        finally:
            sender.close()

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for done in [threads.submit(work) for _ in range(CONNECTIONS)]:
            done.result()


def _shared(items: Iterator[Hook], lock: threading.Lock) -> Iterator[Hook]:
    """Yield from an iterator that several threads read."""
    while True:
        with lock:
            item = next(items, None)
        if item is None:
            return
        yield item
