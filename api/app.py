"""The public app: every door that faces people."""

from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from sqlalchemy import text

from api.desk import routes as desk
from api.errors import LimitBody, install_error_handlers
from api.identity import demo_provider, officers
from api.runtime import THREADS, Runtime, running
from api.website import answers, pages
from api.website import routes as website


def create_app(runtime: Runtime) -> FastAPI:
    """The doors on this runtime; the demo's own sign-in provider only in demo mode."""

    @asynccontextmanager
    async def lifespan(app: FastAPI):
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        async with running(runtime):
            yield

    app = FastAPI(title="Relais", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.runtime = runtime
    install_error_handlers(app)
    app.include_router(website.router)
    app.include_router(pages.router)
    app.include_router(answers.router)
    app.include_router(officers.router)
    app.include_router(desk.router)
    if runtime.settings.mode == "demo":
        app.include_router(demo_provider.router)
        app.include_router(pages.demo_router)
    app.add_middleware(LimitBody)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=sorted({o for profile in runtime.funds.values() for o in profile.allowed_origins}),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "Accept-Language"],
        expose_headers=["Retry-After"],
        max_age=600,
    )

    @app.get("/health")
    async def health(request: Request) -> JSONResponse:
        """200 only when database, Rasa and actions answer; names what does not."""
        parts = {
            "database": await anyio.to_thread.run_sync(_database_answers, runtime),
            "rasa": await runtime.rasa.is_ready(),
            "actions": await runtime.actions_answer(),
        }
        return JSONResponse(
            {"status": "ok" if all(parts.values()) else "not_ready", **parts},
            status_code=200 if all(parts.values()) else 503,
        )

    return app


def _database_answers(runtime: Runtime) -> bool:
    try:
        with runtime.tools.database.read() as session:
            session.execute(text("select 1"))
        return True
    except Exception:
        return False
