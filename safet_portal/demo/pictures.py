"""Evidence worth looking at: small drawings of parcels, labels and papers, made when the demo is loaded."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

PAPER, INK, CARD, TAPE = "#f7f4ee", "#2b2b2b", "#c49a6c", "#a97c50"


def _canvas() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (960, 720), "#dfe4e8")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 520, 960, 720), fill="#b9c0c6")
    return picture, draw


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int = 28, fill: str = INK) -> None:
    draw.text(at, text, fill=fill, font=ImageFont.load_default(size))


def parcel(order_id: str, tracking_id: str) -> bytes:
    """Return a JPEG of a parcel whose return label can be read."""
    picture, draw = _canvas()
    draw.polygon([(180, 240), (780, 240), (860, 180), (260, 180)], fill="#d3ab7e", outline=TAPE)
    draw.rectangle((180, 240, 780, 620), fill=CARD, outline=TAPE, width=4)
    draw.polygon([(780, 240), (860, 180), (860, 560), (780, 620)], fill="#ad8256", outline=TAPE)
    draw.rectangle((440, 240, 520, 620), fill="#d9c3a0")
    draw.rectangle((210, 300, 640, 560), fill=PAPER, outline=INK, width=3)
    _write(draw, (230, 315), "RETURN LABEL", 36)
    _write(draw, (230, 370), f"Order {order_id}")
    _write(draw, (230, 410), tracking_id, 24)
    for number in range(46):
        width = 3 + (number * 7) % 5
        draw.rectangle((230 + number * 8, 455, 230 + number * 8 + width, 535), fill=INK if number % 3 else PAPER)
    return _jpeg(picture)


def item(title: str, trouble: str) -> bytes:
    """Return a JPEG of an opened box with a note of what is wrong inside."""
    picture, draw = _canvas()
    draw.polygon([(160, 300), (800, 300), (880, 240), (240, 240)], fill="#8f6a45")
    draw.polygon([(160, 300), (60, 220), (200, 180), (240, 240)], fill="#d3ab7e", outline=TAPE)
    draw.polygon([(800, 300), (920, 210), (900, 170), (880, 240)], fill="#d3ab7e", outline=TAPE)
    draw.rectangle((160, 300, 800, 620), fill=CARD, outline=TAPE, width=4)
    draw.ellipse((300, 340, 660, 560), fill="#e9d8b4", outline="#8f6a45", width=4)
    for number in range(40):
        x, y = 320 + (number * 53) % 320, 370 + (number * 37) % 160
        draw.ellipse((x, y, x + 10, y + 8), fill="#cdb583")
    draw.line((360, 380, 460, 470, 420, 540), fill="#7a3e00", width=5)
    _write(draw, (190, 575), title[:40], 30)
    draw.rectangle((520, 60, 930, 150), fill="#fff4b8", outline="#d9c65a")
    _write(draw, (540, 88), trouble, 30)
    return _jpeg(picture)


def paper(*lines: str) -> bytes:
    """Return a PDF page with these lines."""
    picture = Image.new("RGB", (827, 1169), "#ffffff")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        _write(draw, (80, 90 + number * 44), line, 30 if number == 0 else 24)
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=100)
    return out.getvalue()
