"""Trains the model: `python -m bot.train MODEL.tar.gz`. Everything it reads stands in config.yml, bot/ and data/."""

import sys
from pathlib import Path

from bot.quiet import ROOT, quiet_rasa


def train_model_file(target: Path) -> Path:
    """Train into exactly this file; RuntimeError when Rasa gives no model."""
    from rasa.model_training import train

    result = train(
        domain=str(ROOT / "bot" / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[
            str(ROOT / "bot" / "rules.yml"),
            *(str(path) for path in sorted(ROOT.glob("data/*/training/*.yml"))),
        ],
        output=str(target.parent),
        fixed_model_name=target.name.removesuffix(".tar.gz"),
        force_training=True,
    )
    if not result.model or not Path(result.model).is_file():
        raise RuntimeError(f"training gave no model (code {result.code})")
    return Path(result.model)


if __name__ == "__main__":
    quiet_rasa()
    train_model_file(Path(sys.argv[1]).resolve())
