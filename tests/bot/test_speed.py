"""The check of action results is prepared once, and still refuses what Rasa would refuse."""

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction

from bot.serve import prepare_action_check


def test_the_prepared_check_agrees_with_rasas_own():
    own = RemoteAction._validate_action_result
    prepare_action_check()
    try:
        prepared = RemoteAction._validate_action_result
        assert prepared is not own
        action = RemoteAction("action_turn", None)
        good = {"events": [], "responses": [{"custom": {"text": "x"}}]}
        assert prepared(action, good) and own(action, good)
        for bad in ({"events": "x"}, {"events": [{"no": "event"}]}, {"responses": 7}):
            with pytest.raises(jsonschema.ValidationError):
                prepared(action, bad)
            with pytest.raises(jsonschema.ValidationError):
                own(action, bad)
    finally:
        RemoteAction._validate_action_result = own
