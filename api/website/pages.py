"""The widget's files for any page that embeds it, and the demo pages."""

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from api.errors import ApiError
from api.runtime import Runtime, runtime_of

HERE = Path(__file__).parent

router = APIRouter(tags=["widget"])
demo_router = APIRouter(tags=["demo"])
templates = Jinja2Templates(HERE / "templates")

RuntimeHere = Annotated[Runtime, Depends(runtime_of)]
Language = Literal["nl", "fr"]


@router.get("/widget/relais.js")
def widget_script() -> FileResponse:
    """The chat widget: one script tag on any page."""
    return FileResponse(
        HERE / "static" / "relais.js",
        media_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"},
    )


@router.get("/widget/texts")
def widget_texts(runtime: RuntimeHere, language: Language = "nl", fund: str | None = None) -> JSONResponse:
    """What the widget itself says, in the fund's voice."""
    profile = runtime.funds.get(fund or runtime.settings.fund)
    if profile is None:
        raise ApiError(422, "unknown_fund", field="fund", language=language)
    address = profile.address_in(language)
    shown: dict[str, Any] = {
        "fund": {
            "id": profile.id,
            "name": profile.name,
            "telephone": profile.telephone,
            "privacy": profile.privacy.get(language),
        },
        "address": address,
        "texts": runtime.tools.content.phrases.section("widget", language=language, address=address),
    }
    return JSONResponse(shown, headers={"Cache-Control": "public, max-age=60"})


@demo_router.get("/")
@demo_router.get("/demo")
def demo_start() -> RedirectResponse:
    """The demo page in Dutch."""
    return RedirectResponse("/demo/nl")


@demo_router.get("/demo/{language}")
def demo_page(request: Request, runtime: RuntimeHere, language: Language) -> Response:
    """A page of an invented fund website that embeds the widget."""
    profile = runtime.profile
    say = runtime.tools.content.voice(fund=profile.id, language=language)
    return templates.TemplateResponse(
        request, "demo.html", {"language": language, "fund_name": profile.name, "say": say}
    )


@demo_router.get("/demo/static/{name}")
def demo_file(name: Literal["demo.css", "demo.js"]) -> FileResponse:
    """The style of the demo page."""
    return FileResponse(HERE / "static" / name)
