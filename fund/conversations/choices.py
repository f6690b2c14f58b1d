"""Buttons under a reply: which one a message chooses, by its value, its title or its number."""

from typing import Any

# What a button does travels to the brain as what was understood: {"topic", "need"} or {"kind"}; {"take_back"} is the
# way from the officers' queue back to the bot and never reaches the brain.
Offered = list[dict[str, Any]]


def find_choice(text: str, offered: Offered) -> dict[str, Any] | None:
    """What the chosen button does, or None when the text chooses none of them."""
    said = " ".join(text.split()).casefold()
    for number, button in enumerate(offered, start=1):
        if said in (button["value"].casefold(), button["title"].casefold(), str(number), f"{number}.", f"{number})"):
            return button["does"]
    return None
