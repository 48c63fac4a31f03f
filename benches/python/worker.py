"""One side of the figures about Flask: the drop-ins, or the originals, whichever this Python has.

Started by ``cargo xtask bench flask``. The first line says which figures there are; then each line of
standard input asks for one round, and a JSON line gives the nanoseconds of thread CPU time that a
request took in it, per case.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
import logging
import sys
import time
import warnings
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2] / "python/tests"))

from applications import jwt_api, oidc, pyoidc
from introspection import answer_in_process
from real.provider_server import serve_provider

if TYPE_CHECKING:
    from collections.abc import Iterable

    from applications.case import Case
    from support.provider import FakeProvider

REQUESTS_A_ROUND = 25


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    with serve_provider() as provider:
        cases = list(all_cases(provider))
        print(json.dumps([{"case": case.name, "baseline": case.baseline} for case in cases]), flush=True)
        for _ in sys.stdin:
            print(json.dumps({case.name: nanoseconds(case) for case in cases}), flush=True)


def all_cases(provider: FakeProvider) -> Iterable[Case]:
    answer_in_process(provider)
    is_drop_in = importlib.util.find_spec("countersign_oidc") is not None
    found = [group.cases(provider, is_drop_in=is_drop_in) for group in [jwt_api, oidc, pyoidc]]
    if is_drop_in:
        found.append(importlib.import_module("applications.modern").cases(provider))
    for case in chain.from_iterable(found):
        check(case)
        yield case


def check(case: Case) -> None:
    """Figures of something else than what the name says would be worth nothing."""
    status, body = answer(case, case.environ())
    if status != case.status:
        raise SystemExit(f"{case.name} answers {status} instead of {case.status}: {body[:300]!r}")


def nanoseconds(case: Case) -> float:
    environs = [case.environ() for _ in range(REQUESTS_A_ROUND)]
    app = case.app

    def start_response(*_: Any) -> None:
        return None

    started = time.thread_time_ns()
    for environ in environs:
        body = app(environ, start_response)
        for _ in body:
            pass
        body.close()
    return (time.thread_time_ns() - started) / REQUESTS_A_ROUND


def answer(case: Case, environ: dict[str, Any]) -> tuple[int, bytes]:
    statuses = []
    with contextlib.redirect_stderr(io.StringIO()):
        body = case.app(environ, lambda status, *_: statuses.append(status))
        content = b"".join(body)
        body.close()
    return int(statuses[0].split()[0]), content


if __name__ == "__main__":
    main()
