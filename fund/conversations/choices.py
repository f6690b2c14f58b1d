"""Buttons under a reply: which one a message chooses, by its value, its title or its number."""

from typing import Any

# What a button does travels to the brain as what was understood: {"topic", "need"} or {"kind"}; {"take_back"} is the
# way from the officers' queue back to the bot and never reaches the brain.
Offered = list[dict[str, Any]]


def find_choice(text: str, offered: Offered) -> dict[str, Any] | None:
    """What the chosen button does, or None when the text chooses none of them."""
    said = _as_typed(text)
    for number, button in enumerate(offered, start=1):
        names = (_as_typed(button["value"]), _as_typed(button["title"]), str(number), f"{number}.", f"{number})")
        if said in names:
            return button["does"]
    return None


def _as_typed(text: str) -> str:
    """Without differences that nobody types: capitals, no-break and double spaces, curly apostrophes."""
    return " ".join(text.split()).casefold().replace("’", "'")
