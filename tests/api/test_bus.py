"""The bus wakes listeners in the same process and, through a real Redis, in another one; losing Redis stops nothing."""

import asyncio
import shutil
import socket
import subprocess
import time

import pytest

from api.bus import Bus, wait_for

PATIENCE = 10.0


@pytest.fixture
def redis_server(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is missing: install it, or run ./relais test")
    process = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0", process
    process.kill()
    process.wait()


def test_only_listeners_of_the_name_wake_up():
    async def scenario():
        bus = Bus(None)
        await bus.start()
        with bus.listen("conversation:1") as mine, bus.listen("conversation:2") as other:
            await bus.publish("conversation:1")
            assert await wait_for(mine, seconds=PATIENCE)
            assert not other.is_set()
            assert not await wait_for(mine, seconds=0.01), "a signal wakes once"
        await bus.publish("conversation:1")
        await bus.stop()

    asyncio.run(scenario())


def test_another_process_is_woken_through_redis(redis_server):
    url, _ = redis_server

    async def scenario():
        here, there = Bus(url), Bus(url)
        await here.start()
        await there.start()
        with there.listen("desk:liantis") as woken:
            for _ in range(100):  # the subscription takes a moment; until then a signal is lost, which is allowed
                await here.publish("desk:liantis")
                if await wait_for(woken, seconds=0.1):
                    break
            else:
                raise AssertionError("nothing came through Redis")
        await here.stop()
        await there.stop()

    asyncio.run(scenario())


def test_a_redis_that_dies_stops_nothing(redis_server):
    url, process = redis_server

    async def scenario():
        bus = Bus(url)
        await bus.start()
        process.kill()
        process.wait()
        with bus.listen("desk:liantis") as woken:
            await bus.publish("desk:liantis")
            assert await wait_for(woken, seconds=PATIENCE)
        await bus.stop()

    asyncio.run(scenario())
