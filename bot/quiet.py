"""Imported first by every program of the brain: no telemetry, no noise on the screen, no text of members in the log."""

import logging
import os
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

os.environ.update(
    TF_CPP_MIN_LOG_LEVEL="3",
    SQLALCHEMY_SILENCE_UBER_WARNING="1",
    RASA_TELEMETRY_ENABLED="false",
    CUDA_VISIBLE_DEVICES="",
    MAX_NUMBER_OF_PREDICTIONS="4",
)
warnings.filterwarnings("ignore")
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


def quiet_rasa() -> None:
    """Only warnings from here on: at a lower level Rasa logs what members write."""
    from rasa.utils.log_utils import configure_structlog

    logging.basicConfig(level=logging.WARNING)
    configure_structlog(logging.WARNING)
