"""The action route: an app of its own on a private port, closed with the shared secret. Only Rasa calls it."""

import hmac
import json
import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionMissingDomainException, ActionNotFoundException

from actions.turn import TurnRefused
from api.log import where

log = logging.getLogger("relais.actions")

SECRET_HEADER = "X-Relais-Secret"
MOST_BYTES = 4 * 1024 * 1024  # Rasa sends all events of the session and the domain


def create_action_app(executor: ActionExecutor, *, secret: str) -> FastAPI:
    """The app that Rasa's action endpoint points at."""
    app = FastAPI(title="Relais actions", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/actions")
    async def run_action(request: Request) -> JSONResponse:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), secret.encode()):
            return JSONResponse({"error": "unauthorized"}, status_code=401)
        body = await request.body()
        if len(body) > MOST_BYTES:
            return JSONResponse({"error": "too_large"}, status_code=413)
        try:
            call = json.loads(body)
            name = call["next_action"]
        except (ValueError, TypeError, KeyError):
            return JSONResponse({"error": "malformed"}, status_code=422)
        try:
            return JSONResponse((await executor.run(call)).model_dump())
        except TurnRefused:
            return JSONResponse({"error": "turn_refused", "action_name": name}, status_code=403)
        except ActionExecutionRejection as error:
            return JSONResponse({"error": str(error), "action_name": name}, status_code=400)
        except ActionNotFoundException as error:
            return JSONResponse({"error": str(error), "action_name": name}, status_code=404)
        except ActionMissingDomainException as error:
            return JSONResponse({"error": str(error), "action_name": name}, status_code=449)
        except Exception as error:
            log.error("%s failed: %s", name, where(error))
            return JSONResponse({"error": "failed", "action_name": name}, status_code=500)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
