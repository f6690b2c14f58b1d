"""The channel refuses to start without a real secret."""

import pytest

from bot.channel import RelaisInput


@pytest.mark.parametrize(
    "credentials", [None, {}, {"secret": ""}, {"secret": "short"}, {"secret": "${RELAIS_SEAM_SECRET}" * 2}]
)
def test_no_start_without_a_real_secret(credentials):
    with pytest.raises(ValueError, match="secret"):
        RelaisInput.from_credentials(credentials)


def test_its_name_is_its_own():
    assert RelaisInput.from_credentials({"secret": "s" * 40}).name() == "relais"
