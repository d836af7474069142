"""Start the policy pack: the engine runs this folder and talks to it over gRPC until it asks it to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

from policy.orphan import end_with_parent
from policy.pack import policies
from policy.serving import serve

if __name__ == "__main__":
    end_with_parent()
    # A shell's background job ignores SIGINT, and so would this process: the engine would then wait five seconds for it to end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # It serves until it is interrupted, but does not catch what arrives just before it begins to wait.
    with contextlib.suppress(KeyboardInterrupt):
        serve(policies())
    # The engine waits for the end, and the interpreter would take a fifth of a second to take itself apart.
    sys.stdout.flush()
    os._exit(0)
