"""Pictures for the gallery of the screenshots, drawn with Pillow; each looks as an image model might have made it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = 1024
_SOFT = 2
"""Drawn so many times larger and scaled down: smooth edges."""
type Colour = tuple[int, int, int]
type Drawing = Callable[[], Image.Image]


def dawn_mountains() -> Image.Image:
    """Ridge behind ridge, paler the farther away."""
    picture = _sky([(255, 214, 170), (250, 178, 150), (150, 150, 190)], upwards=True)
    chance = random.Random(3)
    draw = ImageDraw.Draw(picture)
    side = picture.width
    draw.ellipse(_circle(0.68 * side, 0.34 * side, 0.09 * side), fill=(255, 244, 214))
    for depth in range(5):
        tint = depth / 4
        colour = (int(170 - 140 * tint), int(150 - 112 * tint), int(185 - 125 * tint))
        base = side * (0.45 + 0.11 * depth)
        draw.polygon(_ridge(chance, side, base, side * (0.16 - 0.02 * depth)), fill=colour)
    return _finished(picture)


def lighthouse() -> Image.Image:
    """A lighthouse at night with its beam over the sea."""
    picture = _sky([(10, 16, 42), (28, 44, 92), (72, 96, 142)])
    side = picture.width
    chance = random.Random(8)
    draw = ImageDraw.Draw(picture)
    for _ in range(140):
        _dot(draw, chance.random() * side, chance.random() * side * 0.55, side * chance.uniform(0.0008, 0.002))
    beam = Image.new("L", picture.size)
    ImageDraw.Draw(beam).polygon(
        [(0.66 * side, 0.335 * side), (-0.1 * side, 0.16 * side), (-0.1 * side, 0.46 * side)], fill=150
    )
    picture.paste((255, 240, 190), mask=beam.filter(ImageFilter.GaussianBlur(side / 60)))
    draw.rectangle((0, 0.74 * side, side, side), fill=(16, 30, 58))
    for row in range(26):
        y = (0.75 + 0.0098 * row) * side
        x = chance.random() * side
        draw.line((x, y, x + side * chance.uniform(0.05, 0.2), y), fill=(52, 78, 122), width=side // 400)
    draw.polygon(
        [(0.45 * side, side), (0.56 * side, 0.74 * side), (0.8 * side, 0.73 * side), (side, side)], fill=(20, 20, 28)
    )
    draw.polygon(_tower(side, 0.38, 0.75), fill=(236, 232, 224))
    for top in (0.44, 0.56, 0.68):
        draw.polygon(_tower(side, top, top + 0.06), fill=(186, 50, 46))
    draw.rectangle((0.625 * side, 0.31 * side, 0.695 * side, 0.375 * side), fill=(255, 236, 160))
    draw.polygon(
        [(0.61 * side, 0.31 * side), (0.66 * side, 0.26 * side), (0.71 * side, 0.31 * side)], fill=(120, 32, 34)
    )
    return _finished(picture)


def balloons() -> Image.Image:
    """Hot-air balloons over fields."""
    picture = _sky([(120, 190, 236), (196, 226, 240), (250, 236, 206)])
    side = picture.width
    draw = ImageDraw.Draw(picture)
    for row, colour in enumerate([(150, 182, 96), (118, 158, 82), (88, 134, 72)]):
        top = side * (0.8 + 0.07 * row)
        draw.polygon(
            [
                (0, top + side * 0.03),
                (side * 0.5, top - side * 0.02),
                (side, top + side * 0.02),
                (side, side),
                (0, side),
            ],
            fill=colour,
        )
    for x, y, radius, colours in (
        (0.3, 0.36, 0.19, ((214, 72, 60), (248, 206, 110))),
        (0.72, 0.24, 0.11, ((46, 108, 160), (236, 240, 242))),
        (0.82, 0.58, 0.07, ((240, 150, 60), (124, 60, 110))),
    ):
        _balloon(picture, side * x, side * y, side * radius, colours)
    return _finished(picture)


def city_at_dusk() -> Image.Image:
    """A skyline with lit windows."""
    picture = _sky([(42, 34, 84), (142, 72, 118), (246, 158, 110)])
    side = picture.width
    chance = random.Random(21)
    draw = ImageDraw.Draw(picture)
    draw.ellipse(_circle(0.5 * side, 0.66 * side, 0.13 * side), fill=(255, 210, 150))
    for depth, colour in enumerate([(96, 58, 108), (58, 38, 82), (28, 22, 50)]):
        x = 0.0
        while x < side:
            width = side * chance.uniform(0.05, 0.12)
            top = side * (chance.uniform(0.32, 0.62) + 0.1 * depth)
            draw.rectangle((x, top, x + width, side), fill=colour)
            if depth:
                _windows(draw, chance, (x, top, x + width, float(side)))
            x += width + side * 0.004
    return _finished(picture)


def planet() -> Image.Image:
    """A ringed planet among stars."""
    picture = _sky([(8, 8, 20), (22, 18, 48), (40, 24, 62)])
    side = picture.width
    chance = random.Random(5)
    draw = ImageDraw.Draw(picture)
    for _ in range(260):
        _dot(draw, chance.random() * side, chance.random() * side, side * chance.uniform(0.0006, 0.0022))
    globe = _sky([(250, 214, 160), (214, 140, 96), (120, 62, 70)])
    for row in range(9):
        y = side * (0.3 + 0.05 * row)
        tint = (232 - 10 * row, 170 - 9 * row, 120 - 4 * row)
        ImageDraw.Draw(globe).rectangle((0, y, side, y + side * 0.018), fill=tint)
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse(_circle(0.5 * side, 0.5 * side, 0.24 * side), fill=255)
    ring = Image.new("RGBA", picture.size)
    for step in range(5):
        width, height = side * (0.36 + 0.025 * step), side * (0.075 + 0.007 * step)
        box = (0.5 * side - width, 0.5 * side - height, 0.5 * side + width, 0.5 * side + height)
        ImageDraw.Draw(ring).ellipse(box, outline=(236, 206, 170, 230 - 30 * step), width=side // 70)
    ring = ring.rotate(16, Image.Resampling.BICUBIC)
    picture.paste(ring, mask=ring)
    picture.paste(globe.filter(ImageFilter.GaussianBlur(side / 300)), mask=mask)
    front = ring.crop((0, side // 2, side, side))
    picture.paste(front, (0, side // 2), front)
    return _finished(picture)


def aurora() -> Image.Image:
    """Green light over a lake."""
    picture = _sky([(6, 12, 32), (12, 34, 58), (22, 58, 70)])
    side = picture.width
    light = Image.new("RGB", picture.size)
    for number, colour in enumerate([(96, 70, 190), (30, 190, 120), (70, 235, 160)]):
        _curtain(light, number, colour)
    picture = ImageChops.screen(picture, light.filter(ImageFilter.GaussianBlur(side / 110)))
    draw = ImageDraw.Draw(picture)
    draw.polygon(_ridge(random.Random(12), side, side * 0.58, side * 0.07), fill=(6, 14, 22))
    lake = picture.crop((0, int(side * 0.24), side, int(side * 0.62))).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    lake = lake.filter(ImageFilter.GaussianBlur(side / 120)).point(lambda value: int(value * 0.7))
    picture.paste(lake, (0, int(side * 0.62)))
    return _finished(picture)


def poster() -> Image.Image:
    """Shapes on paper, as on a poster of the twenties."""
    picture = _sky([(240, 230, 210), (238, 226, 204)])
    side = picture.width
    draw = ImageDraw.Draw(picture)
    draw.ellipse(_circle(0.36 * side, 0.36 * side, 0.24 * side), fill=(206, 62, 48))
    draw.rectangle((0.5 * side, 0.14 * side, 0.86 * side, 0.5 * side), fill=(30, 58, 102))
    draw.polygon(
        [(0.12 * side, 0.88 * side), (0.5 * side, 0.52 * side), (0.62 * side, 0.88 * side)], fill=(236, 182, 62)
    )
    draw.pieslice(_circle(0.68 * side, 0.68 * side, 0.2 * side), 180, 360, fill=(28, 28, 30))
    for step in range(5):
        y = (0.74 + 0.035 * step) * side
        draw.line((0.6 * side, y, 0.9 * side, y), fill=(28, 28, 30), width=side // 90)
    draw.ellipse(_circle(0.68 * side, 0.32 * side, 0.1 * side), fill=(240, 230, 210))
    return _finished(picture)


def dunes() -> Image.Image:
    """Sand under a large moon."""
    picture = _sky([(58, 50, 96), (150, 92, 120), (244, 176, 128)])
    side = picture.width
    draw = ImageDraw.Draw(picture)
    draw.ellipse(_circle(0.28 * side, 0.26 * side, 0.11 * side), fill=(255, 240, 220))
    for depth in range(4):
        base = side * (0.56 + 0.12 * depth)
        light = (232 - 26 * depth, 158 - 24 * depth, 98 - 16 * depth)
        crest = [
            (x, base - side * 0.1 * math.sin(x / side * (3.0 - 0.4 * depth) + depth * 1.7))
            for x in range(0, side + 1, 8)
        ]
        draw.polygon([*crest, (side, side), (0, side)], fill=light)
        shade = [(x, y + side * 0.02 + max(0.0, x / side - 0.3) * side * 0.2) for x, y in crest]
        draw.polygon([*shade, (side, side), (0, side)], fill=tuple(int(value * 0.86) for value in light))
    return _finished(picture)


def koi() -> Image.Image:
    """Carp in a pond, from above."""
    picture = _sky([(24, 74, 82), (18, 56, 72), (14, 42, 60)])
    side = picture.width
    draw = ImageDraw.Draw(picture)
    for x, y, radius in ((0.2, 0.22, 0.13), (0.82, 0.76, 0.16), (0.66, 0.16, 0.08), (0.14, 0.82, 0.1)):
        draw.pieslice(_circle(x * side, y * side, radius * side), 20, 335, fill=(66, 128, 82))
        draw.pieslice(_circle(x * side, y * side, radius * side * 0.9), 20, 335, fill=(84, 148, 92))
    for x, y, turn, colour in (
        (0.42, 0.44, 30, (238, 106, 52)), (0.62, 0.56, 200, (246, 240, 232)), (0.36, 0.7, 320, (240, 186, 70)),
    ):  # fmt: skip
        _carp(picture, (x * side, y * side), turn, colour)
    return _finished(picture)


GALLERY: tuple[Drawing, ...] = (
    lighthouse, dawn_mountains, koi, balloons, city_at_dusk, planet, dunes, aurora, poster,
)  # fmt: skip
"""In the order of the prompts in the texts of the screenshots."""


def preview(picture: Image.Image, sharpness: float) -> Image.Image:
    """`picture` as a server sends it before it is finished; 0.0 is hardly anything, 1.0 nearly whole."""
    small = picture.resize((512, 512)).filter(ImageFilter.GaussianBlur(34 * (1 - sharpness) + 1))
    noise = Image.effect_noise(small.size, 90 * (1 - sharpness)).convert("RGB")
    return Image.blend(small, noise, 0.22 * (1 - sharpness))


def _sky(colours: Sequence[Colour], *, upwards: bool = False) -> Image.Image:
    """A canvas that fades from the first colour above to the last below."""
    column = Image.new("RGB", (1, len(colours)))
    column.putdata(list(reversed(colours)) if upwards else list(colours))
    return column.resize((SIZE * _SOFT, SIZE * _SOFT), Image.Resampling.BICUBIC)


def _finished(picture: Image.Image) -> Image.Image:
    return picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _circle(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius, y - radius, x + radius, y + radius)


def _dot(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    draw.ellipse(_circle(x, y, radius), fill=(244, 240, 226))


def _ridge(chance: random.Random, side: int, base: float, height: float) -> list[tuple[float, float]]:
    """The outline of mountains, closed along the lower edge."""
    parts = [(chance.uniform(1, 3), chance.random() * 6, 0.6), (chance.uniform(5, 9), chance.random() * 6, 0.3)]
    parts.append((chance.uniform(17, 29), chance.random() * 6, 0.1))
    crest = [
        (float(x), base - height * sum(weight * math.sin(x / side * pace + shift) for pace, shift, weight in parts))
        for x in range(0, side + 8, 8)
    ]
    return [(0.0, float(side)), *crest, (float(side), float(side))]


def _curtain(light: Image.Image, number: int, colour: Colour) -> None:
    """One band of northern light: bright below, fading upwards."""
    draw, side, steps = ImageDraw.Draw(light), light.width, 24
    for x in range(0, side, side // 512):
        wave = math.sin(x / side * 5 + number * 1.4) + 0.4 * math.sin(x / side * 11 + number)
        y = side * (0.42 + 0.05 * wave - 0.07 * number)
        height = side * (0.01 + 0.004 * math.sin(x / side * 47 + number))
        for step in range(steps):
            strength = (1 - step / steps) ** 2 * (0.7 + 0.3 * math.sin(x / side * 83 + number))
            fill = tuple(int(value * strength) for value in colour)
            draw.line((x, y - step * height, x, y - (step + 1) * height), fill=fill, width=side // 500)


def _tower(side: int, top: float, bottom: float) -> list[tuple[float, float]]:
    """A slice of the lighthouse between two heights; it is narrower above."""

    def half(height: float) -> float:
        return 0.03 + 0.03 * (height - 0.38) / 0.37

    return [
        ((0.66 + sign * half(height)) * side, height * side)
        for sign, height in ((-1, top), (1, top), (1, bottom), (-1, bottom))
    ]


def _balloon(picture: Image.Image, x: float, y: float, radius: float, colours: tuple[Colour, Colour]) -> None:
    draw = ImageDraw.Draw(picture)
    basket = radius * 0.16
    for sign in (-1, 1):
        draw.line(
            (x + sign * radius * 0.45, y + radius * 0.8, x + sign * basket, y + radius * 1.5),
            fill=(70, 54, 44),
            width=4,
        )
    draw.rectangle((x - basket, y + radius * 1.45, x + basket, y + radius * 1.7), fill=(120, 82, 50))
    draw.polygon(
        [
            (x - radius * 0.78, y + radius * 0.6),
            (x + radius * 0.78, y + radius * 0.6),
            (x + radius * 0.3, y + radius * 1.2),
            (x - radius * 0.3, y + radius * 1.2),
        ],
        fill=colours[0],
    )
    for number, share in enumerate((1.0, 0.72, 0.42, 0.14)):
        draw.ellipse((x - radius * share, y - radius, x + radius * share, y + radius), fill=colours[number % 2])


def _windows(draw: ImageDraw.ImageDraw, chance: random.Random, house: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = house
    step = (right - left) / 5
    y = top + step
    while y < bottom:
        for column in range(4):
            if chance.random() < 0.35:
                x = left + step * (column + 0.7)
                draw.rectangle((x, y, x + step * 0.5, y + step * 0.7), fill=(255, 214, 130))
        y += step * 1.4


def _carp(picture: Image.Image, place: tuple[float, float], turn: float, colour: Colour) -> None:
    side = picture.width
    length, width = int(side * 0.26), int(side * 0.1)
    fish = Image.new("RGBA", (length, width * 2))
    draw = ImageDraw.Draw(fish)
    middle = width
    draw.polygon(
        [
            (length * 0.7, middle),
            (length, middle - width * 0.5),
            (length * 0.9, middle),
            (length, middle + width * 0.5),
        ],
        fill=(*colour, 200),
    )
    draw.polygon(
        [
            (length * 0.3, middle),
            (length * 0.48, middle - width * 0.85),
            (length * 0.5, middle),
            (length * 0.48, middle + width * 0.85),
        ],
        fill=(*colour, 160),
    )
    draw.ellipse((0, middle - width * 0.36, length * 0.8, middle + width * 0.36), fill=(*colour, 255))
    draw.ellipse((length * 0.2, middle - width * 0.25, length * 0.42, middle + width * 0.1), fill=(190, 52, 34, 255))
    for sign in (-1, 1):
        draw.ellipse(_circle(length * 0.08, middle + sign * width * 0.13, width * 0.05), fill=(20, 20, 20, 255))
    turned = fish.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    picture.paste(turned, (int(place[0] - turned.width / 2), int(place[1] - turned.height / 2)), turned)
