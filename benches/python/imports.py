"""What importing a module costs an application that has Flask already: milliseconds of CPU, KiB resident."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import flask

assert flask.Flask


def resident() -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


before = resident()
started = time.process_time_ns()
importlib.import_module(sys.argv[1])
took = time.process_time_ns() - started
print(json.dumps({"nanoseconds": took, "kib": resident() - before}))
