"""Draws the input pictures of the bundled suites into migrator/compare/suites/inputs/. Run it after a change here."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "migrator" / "compare" / "suites" / "inputs"
EDGE = 1024


def room() -> Image.Image:
    """A room with a table, a lamp, a window, and a framed picture on the wall."""
    image = Image.new("RGB", (EDGE, EDGE), "#d9cbb0")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 720, EDGE, EDGE), fill="#8a6a4a")
    for x in range(0, EDGE, 128):
        pen.line((x, 720, x - 160, EDGE), fill="#745639", width=4)
    pen.rectangle((90, 140, 390, 500), fill="#ffffff")
    pen.rectangle((110, 160, 370, 480), fill="#9cc7e8")
    pen.line((240, 160, 240, 480), fill="#ffffff", width=12)
    pen.line((110, 320, 370, 320), fill="#ffffff", width=12)
    pen.rectangle((600, 180, 900, 420), fill="#3d2b1f")
    pen.rectangle((620, 200, 880, 400), fill="#f2ead8")
    pen.rectangle((470, 700, 950, 740), fill="#5b3a22")
    pen.rectangle((500, 740, 530, 950), fill="#4b2f1b")
    pen.rectangle((890, 740, 920, 950), fill="#4b2f1b")
    pen.polygon([(640, 560), (780, 560), (820, 640), (600, 640)], fill="#e8b84a")
    pen.rectangle((700, 640, 720, 700), fill="#333333")
    return image


def shopfront() -> Image.Image:
    """A shop with an empty sign board above its window."""
    image = Image.new("RGB", (EDGE, EDGE), "#b5553c")
    pen = ImageDraw.Draw(image)
    for row, y in enumerate(range(0, EDGE, 48)):
        pen.line((0, y, EDGE, y), fill="#9d4733", width=3)
        for x in range(48 * (row % 2), EDGE, 96):
            pen.line((x, y, x, y + 48), fill="#9d4733", width=3)
    pen.rectangle((120, 160, 904, 330), fill="#f4f0e4", outline="#2f3b33", width=14)
    pen.rectangle((120, 400, 640, 820), fill="#cfe3ea", outline="#2f3b33", width=18)
    pen.rectangle((700, 400, 904, 1000), fill="#2f5d46", outline="#2f3b33", width=14)
    pen.ellipse((860, 690, 884, 714), fill="#e3c35c")
    pen.rectangle((0, 1000, EDGE, EDGE), fill="#777777")
    return image


def robot() -> Image.Image:
    """A small robot on white, the character for pictures with a reference."""
    image = Image.new("RGB", (EDGE, EDGE), "#ffffff")
    pen = ImageDraw.Draw(image)
    pen.line((512, 130, 512, 220), fill="#444444", width=14)
    pen.ellipse((482, 90, 542, 150), fill="#e2574c")
    pen.rounded_rectangle((332, 220, 692, 500), 70, fill="#3fa7a0", outline="#24615d", width=12)
    pen.ellipse((402, 300, 482, 380), fill="#ffffff")
    pen.ellipse((542, 300, 622, 380), fill="#ffffff")
    pen.ellipse((430, 328, 462, 360), fill="#222222")
    pen.ellipse((570, 328, 602, 360), fill="#222222")
    pen.arc((442, 370, 582, 460), 20, 160, fill="#24615d", width=12)
    pen.rounded_rectangle((372, 520, 652, 800), 40, fill="#f0c04a", outline="#9a7620", width=12)
    pen.ellipse((472, 600, 552, 680), fill="#e2574c")
    pen.rounded_rectangle((272, 540, 352, 740), 36, fill="#3fa7a0")
    pen.rounded_rectangle((672, 540, 752, 740), 36, fill="#3fa7a0")
    pen.rectangle((412, 800, 482, 900), fill="#24615d")
    pen.rectangle((542, 800, 612, 900), fill="#24615d")
    return image


def mask(*boxes: tuple[int, int, int, int]) -> Image.Image:
    """Opaque, with the boxes given free."""
    image = Image.new("RGBA", (EDGE, EDGE), (0, 0, 0, 255))
    for box in boxes:
        image.paste((0, 0, 0, 0), box)
    return image


def main() -> None:
    """Writes all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pictures = {
        "room.png": room(),
        "room-picture-mask.png": mask((600, 180, 901, 421)),
        "room-window-mask.png": mask((90, 140, 391, 501)),
        "shopfront.png": shopfront(),
        "shopfront-sign-mask.png": mask((136, 176, 889, 315)),
        "robot.png": robot(),
    }
    for name, picture in pictures.items():
        picture.save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
