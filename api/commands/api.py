"""Runs the doors and, on its private port, the action route: one process."""

import argparse
import asyncio
import gc
import logging
import sys

import uvicorn

from actions.turn import build_executor
from api.app import create_app
from api.runtime import MissingSetting, build_runtime
from api.seam import create_action_app
from api.settings import Settings, load_settings


async def serve(settings: Settings) -> None:
    """Both apps until a signal ends them."""
    runtime = build_runtime(settings)
    public = uvicorn.Server(
        uvicorn.Config(
            create_app(runtime), host=settings.host, port=settings.port, log_level="warning", access_log=False,
            timeout_graceful_shutdown=5, proxy_headers=True,
        )
    )  # fmt: skip
    private = uvicorn.Server(
        uvicorn.Config(
            create_action_app(build_executor(runtime.tools), secret=settings.seam_secret.get_secret_value()),
            host=settings.actions_host, port=settings.actions_port, log_level="warning", access_log=False,
            timeout_graceful_shutdown=5,
        )
    )  # fmt: skip
    # Libraries and content stay for good: a collection that walks them all stops every turn for a fifth of a second.
    gc.collect()
    gc.freeze()
    private_task = asyncio.create_task(private._serve())
    await public.serve()
    private.should_exit = True
    await private_task


def main(arguments: list[str]) -> int:
    """`./relais api`."""
    argparse.ArgumentParser(prog="relais api", description=__doc__).parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = load_settings()
        asyncio.run(serve(settings))
    except MissingSetting as error:
        print(f"relais: {error}", file=sys.stderr)
        return 2
    return 0
