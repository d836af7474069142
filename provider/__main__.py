"""`pulumi-resource-ecs`: the provider as the engine starts it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent import futures

HANDS = 512
"""How many operations may be under way at once."""

LOOK_SECONDS = 0.2
LARGEST = 400 * 1024 * 1024


def main() -> None:
    """Serve the engine whose address is the last argument, until it says to stop or is gone."""
    import grpc

    from provider.messages import without_sdk

    without_sdk()
    from pulumi.runtime.proto import provider_pb2_grpc

    from provider.reach import connected
    from provider.serving import Provider
    from provider.telling import Telling

    addresses = [one for one in sys.argv[1:] if not one.startswith("-")]
    limits = [("grpc.max_receive_message_length", LARGEST), ("grpc.max_send_message_length", LARGEST)]
    hands = futures.ThreadPoolExecutor(HANDS)
    server = grpc.server(hands, options=limits)
    provider = Provider(connected, Telling(addresses[-1] if addresses else ""))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    stop = threading.Event()

    def asked(*_: object) -> None:
        provider.cancelled.set()
        stop.set()

    # Set again on purpose: a shell that starts a job in the background makes it ignore the signal.
    signal.signal(signal.SIGINT, asked)
    signal.signal(signal.SIGTERM, asked)
    threading.Thread(target=_outlive_nobody, args=(os.getppid(),), daemon=True).start()
    server.start()
    print(port, flush=True)
    stop.wait()
    server.stop(grace=4.0).wait()
    # What was begun is ended, as after the grace too.
    hands.shutdown()
    # Nothing is left to do, and the interpreter would take a tenth of a second to take itself apart while the engine waits.
    sys.stdout.flush()
    os._exit(0)


def _outlive_nobody(parent: int) -> None:
    """End at once where the engine was killed: whatever it would still make, nobody would record."""
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
