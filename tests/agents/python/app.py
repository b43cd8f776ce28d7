"""Burns processor time for a while under the agent of Pyroscope."""

import sys
import time

import pyroscope


def checksum(rounds):
    total = 0
    for at in range(rounds):
        total = (total * 31 + at) % 2147483647
    return total


pyroscope.configure(application_name="agent.python", server_address=sys.argv[1], sample_rate=100, tags={"region": "eu"})
with pyroscope.tag_wrapper({"endpoint": "/checkout"}):
    end = time.time() + 16
    while time.time() < end:
        checksum(20_000)
pyroscope.shutdown()
