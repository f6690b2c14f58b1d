"""Starts Rasa: `python -m bot.serve MODEL.tar.gz PORT`. Refuses what Rasa would quietly replace by a default."""

import gc
import os
import sys
from pathlib import Path
from typing import Any, Dict

from bot.quiet import ROOT, quiet_rasa


class WrongStart(Exception):
    """Something needed to start is missing or wrong; the message says what in one sentence."""


def check_start(model: Path, environment: Dict[str, str]) -> None:
    """Raise WrongStart unless the model exists and the seam's address and secret are real."""
    if not model.is_file():
        raise WrongStart(f"there is no model at {model}")
    secret = environment.get("RELAIS_SEAM_SECRET", "")
    if len(secret) < 32 or "${" in secret:
        raise WrongStart("RELAIS_SEAM_SECRET is unset, too short or not expanded")
    url = environment.get("RELAIS_ACTIONS_URL", "")
    if not url.startswith("http") or "${" in url:
        raise WrongStart("RELAIS_ACTIONS_URL is not an address")


def load_endpoints(path: Path, environment: Dict[str, str]) -> Any:
    """Rasa's endpoints, checked: a missing file or an unexpanded value would silently mean other stores, open doors."""
    from rasa.core.utils import AvailableEndpoints

    if not path.is_file():
        raise WrongStart(f"there is no {path}")
    endpoints = AvailableEndpoints.read_endpoints(str(path))
    if endpoints.action is None or endpoints.action.url != environment["RELAIS_ACTIONS_URL"]:
        raise WrongStart(f"{path}: the action endpoint's address was not expanded")
    if endpoints.action.headers.get("X-Relais-Secret") != environment["RELAIS_SEAM_SECRET"]:
        raise WrongStart(f"{path}: the action endpoint's secret was not expanded")
    if endpoints.tracker_store is None or not endpoints.tracker_store.type.startswith("bot."):
        raise WrongStart(f"{path}: the tracker store is not ours")
    return endpoints


def prepare_action_check() -> None:
    """Build the validator of action results once; Rasa builds and re-checks it on every reply, 20 ms each."""
    from jsonschema import Draft4Validator
    from rasa.core.actions.action import RemoteAction

    validator = Draft4Validator(RemoteAction.action_response_format_spec())

    def validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate_action_result


def refuse_without_model(app: Any, loop: Any) -> None:
    """Rasa starts without a model when it cannot load one, and only warns; we stop."""
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        print("bot: the model could not be loaded", file=sys.stderr, flush=True)
        os._exit(1)


def set_memory_aside(app: Any, loop: Any) -> None:
    """Libraries and model stay for good: a collection that walks their million objects stops us for half a second."""
    gc.collect()
    gc.freeze()


def main(model: Path, port: int) -> None:
    """Serve until stopped; logs hold no text of members."""
    environment = dict(os.environ)
    check_start(model, environment)
    from rasa.core.run import serve_application

    quiet_rasa()
    endpoints = load_endpoints(ROOT / "bot" / "endpoints.yml", environment)
    prepare_action_check()
    serve_application(
        model_path=str(model),
        interface=environment.get("RELAIS_RASA_HOST", "127.0.0.1"),
        port=port,
        credentials=str(ROOT / "bot" / "credentials.yml"),
        endpoints=endpoints,
        enable_api=False,
        response_timeout=30,
        server_listeners=[(refuse_without_model, "after_server_start"), (set_memory_aside, "after_server_start")],
    )


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]).resolve(), int(sys.argv[2]))
    except WrongStart as error:
        sys.exit(f"bot: {error}")
