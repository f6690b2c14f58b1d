"""What may stand in a log: where something failed and what kind of failure it was, never what was said."""

import traceback


def where(error: BaseException) -> str:
    """The kind of an error and the place it came from; its text may quote a member and is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = f"{ours[-1].name}:{ours[-1].lineno}" if ours else "?"
    return f"{type(error).__name__} in {place}"
