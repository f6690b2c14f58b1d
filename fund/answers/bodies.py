"""How to reach the institutions that are competent where the fund is not: `data/bodies.yml`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fund.answers.yaml_file import read_yaml

_Languages = dict[Literal["nl", "fr"], str]


class Body(BaseModel):
    """One institution: its name and site per language, a telephone number where a source gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Languages = Field(min_length=2)
    site: _Languages = Field(min_length=2)
    telephone: str | None = None
    source: Annotated[str, Field(pattern=r"^https?://\S+$")]


def load_bodies(data: Path) -> Mapping[str, Body]:
    """The institutions by id. ContentError (file, line, remedy) when the file is broken."""
    file = read_yaml(data / "bodies.yml")
    bodies = {}
    for id, content in (file.content or {}).items():
        try:
            bodies[id] = Body.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            steps = (id, *first["loc"])
            raise file.error(
                steps, f"{'.'.join(map(str, steps))}: {first['msg']}", "Compare with the other institutions."
            ) from error
    return bodies
