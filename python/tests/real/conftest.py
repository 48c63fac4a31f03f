"""Providers, servers and wheels for the suites with real parts."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from real.provider_server import serve_provider
from real.servers import ROOT, redis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.provider import FakeProvider


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with serve_provider() as served:
        yield served


@pytest.fixture
def settings(provider: FakeProvider) -> dict[str, str]:
    """For the environment of an application."""
    return {
        "ISSUER": provider.issuer,
        "CLIENT_ID": provider.client_id,
        "CLIENT_SECRET": provider.client_secret,
    }


@pytest.fixture
def redis_url() -> Iterator[str]:
    program = os.environ.get("COUNTERSIGN_REDIS_SERVER") or shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is not on the PATH: install it, or name it in COUNTERSIGN_REDIS_SERVER")
    with redis(program) as url:
        yield url


@pytest.fixture(scope="session")
def wheels() -> list[Path]:
    """The packages as they are installed."""
    folder = Path(os.environ.get("COUNTERSIGN_WHEELS", ROOT / "target/wheels"))
    found = sorted(folder.glob("*.whl"))
    if not found:
        pytest.fail(
            f"{folder} holds no wheels; `cargo xtask wheels` builds them, COUNTERSIGN_WHEELS says where"
        )
    return found
