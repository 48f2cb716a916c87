"""A part that does not hear SIGTERM."""

import signal
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(60)
