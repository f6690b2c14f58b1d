"""Understands a file of messages without server or conversation: `python -m bot.understand MODEL.tar.gz FILE.jsonl`."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Dict, Optional

from bot.quiet import quiet_rasa


def read_text(line: bytes) -> Optional[str]:
    """The text of one input line, or None for a broken one."""
    try:
        row = json.loads(line.decode("utf-8", errors="replace"))
    except ValueError:
        return None
    text = row.get("text") if isinstance(row, dict) else None
    return text if isinstance(text, str) else None


def as_output(parse: Dict[str, Any]) -> Dict[str, Any]:
    """The line of the contract for one parse."""
    output = {key: parse.get(key) for key in ("language", "topic", "need", "confidence", "alternatives")}
    if parse.get("parts"):
        output["parts"] = parse["parts"]
    return output


async def main(model: Path, file: Path) -> None:
    """One output line per input line, in order."""
    from rasa.core.agent import Agent

    quiet_rasa()
    agent = Agent.load(str(model))
    from bot.nlu.text import GUARD

    lines = file.read_bytes().removesuffix(b"\n").split(b"\n") if file.stat().st_size else []
    for line in lines:
        print(json.dumps(as_output(await agent.parse_message(GUARD + (read_text(line) or ""))), ensure_ascii=False))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2])))
