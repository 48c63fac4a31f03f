"""Programs that run beside a test and end with it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LONGEST_START = 60.0


@dataclass
class Program:
    """A child process whose lines are kept."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    is_over: bool = False

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first line that holds this; fails with all lines when the program ends before."""

        def found() -> re.Match[str] | None:
            return next((hit for line in self.lines if (hit := re.search(pattern, line))), None)

        with self.changed:
            self.changed.wait_for(lambda: found() or self.is_over, LONGEST_START)
            hit = found()
        assert hit, f"no line with {pattern!r}:\n" + self.output()
        return hit

    def output(self) -> str:
        return "".join(self.lines)

    def read(self) -> None:
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()
        with self.changed:
            self.is_over = True
            self.changed.notify_all()


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Program]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=HERE,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
    )
    program = Program(process)
    reader = threading.Thread(target=program.read, daemon=True)
    reader.start()
    try:
        yield program
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        process.stdout.close()


@contextmanager
def gunicorn(application: str, worker_class: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of an application of ``applications`` that was imported before two workers were forked."""
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn_settings.py"]
    command += ["--worker-class", worker_class, f"applications.{application}:create_app()"]
    if worker_class == "gthread":  # a sync worker with threads would become one
        command += ["--threads", "4"]
    with running(command, environment) as program:
        yield program.wait_for(r"Listening at: (http://[\d.:]+)")[1]


@contextmanager
def redis(program: str) -> Iterator[str]:
    """The address of an empty Redis that keeps everything in memory."""
    port = free_port()
    command = [program, f"--port {port}", "--bind 127.0.0.1", "--save ''", "--appendonly no", "--dir /tmp"]
    with running([part for argument in command for part in argument.split()]) as server:
        server.wait_for("Ready to accept connections")
        yield f"redis://127.0.0.1:{port}/0"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
