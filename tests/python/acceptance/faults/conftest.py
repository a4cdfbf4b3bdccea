"""Servers of their own for the faults, because they are killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from world import Published, World, make_world

from loader.demo.demo import Pair
from loader.demo.fill import fill
from loader.demo.servers import MARKER


def pytest_configure(config: pytest.Config) -> None:
    """The long ones."""
    config.addinivalue_line("markers", "nightly: takes long; `make test-all` runs it")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A filled pair, everything built and nothing published."""
    root = tmp_path_factory.mktemp("faults")
    (root / MARKER).touch()
    pair = Pair(root)
    try:
        pair.start(empty=True)
        fill(pair.edu, pair.lms, scale=0.01, damaged=False, report=lambda _: None)
        made = make_world(root, pair)
        yield made
        made.proxy.close()
    finally:
        pair.stop()


@pytest.fixture(scope="session")
def nothing(world: World) -> Published:
    """lms before the publication."""
    world.renew()
    return world.published()


@pytest.fixture(scope="session")
def everything(world: World, nothing: Published) -> Published:  # noqa: ARG001  (the order is the point)
    """lms after a publication that nobody disturbed."""
    world.run()
    return world.published()


@pytest.fixture
def fresh(world: World, everything: Published) -> World:  # noqa: ARG001  (made before anything is broken)
    """A copy of the built lms, for one fault."""
    world.renew()
    return world
