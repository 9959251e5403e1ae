#!/usr/bin/env python3
"""Image files of the kinds that real sets contain, written by Pillow, and what ImageMagick reads from each.

    python3 tools/oracle/real_images.py driver/src/test/resources/org/starling/data/real

With Debian's python3-pil and imagemagick. Transparent parts are put on white, pictures turned as their Exif says.
"""

import pathlib
import subprocess
import sys

import PIL
from PIL import Image

WIDTH, HEIGHT = 24, 16
ORIENTATION = 0x0112
CONVERT = "/usr/bin/convert"


def picture(mode="RGB", shift=0):
    """Smooth, without a symmetry, and with a bright corner."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    image.putdata([((x * 8 + shift) % 256, (y * 12 + shift) % 256, (x * 3 + y * 4 + 60) % 256) if x + y > 4 else (250, 240, 230)
                   for y in range(HEIGHT) for x in range(WIDTH)])
    return image.convert(mode)


def inks(ycck):
    """Pillow stores 255 less each value, which is how Adobe has inks."""
    image = Image.new("CMYK", (WIDTH, HEIGHT))
    image.putdata([(255 - (60 + x * 4), 255 - (110 + y), 255 - (150 - x), 40 + 2 * y) if ycck else (x * 8, y * 10, x * 2 + y * 3, x + y)
                   for y in range(HEIGHT) for x in range(WIDTH)])
    return image


def alpha():
    mask = Image.new("L", (WIDTH, HEIGHT))
    mask.putdata([min(255, x * 11) for _ in range(HEIGHT) for x in range(WIDTH)])
    return mask


def jpegs(folder):
    inks(ycck=False).save(folder / "cmyk.jpg", quality=95)
    inks(ycck=True).save(folder / "ycck.jpg", quality=95)
    data = bytearray((folder / "ycck.jpg").read_bytes())
    # The last byte of Adobe's marker: the first three are Y, Cb, Cr.
    data[data.index(b"Adobe") + 11] = 2
    (folder / "ycck.jpg").write_bytes(data)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        picture().save(folder / f"orientation-{orientation}.jpg", quality=95, subsampling=0, exif=exif)
    picture().save(folder / "progressive.jpg", quality=95, subsampling=0, progressive=True)
    picture().save(folder / "subsampled.jpg", quality=95, subsampling=2)
    picture("L").save(folder / "grey.jpg", quality=95)


def pngs(folder):
    picture().save(folder / "a-png.jpg", format="png")
    picture("P").save(folder / "palette.png")
    picture("P").save(folder / "palette-transparent.png", transparency=3)
    picture("1").save(folder / "one-bit.png")
    transparent = picture()
    transparent.putalpha(alpha())
    transparent.save(folder / "alpha.png")
    grey = picture("L")
    grey.putalpha(alpha())
    grey.save(folder / "grey-alpha.png")
    deep = Image.new("I;16", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            deep.putpixel((x, y), x * 2700 + y * 100)
    deep.save(folder / "grey-16.png")
    picture().save(folder / "plain.png")
    convert(folder / "plain.png", "-interlace", "PNG", folder / "interlaced.png")
    convert(folder / "plain.png", "-depth", "16", "-evaluate", "multiply", "0.9", "PNG48:" + str(folder / "rgb-16.png"))
    (folder / "plain.png").unlink()


def others(folder):
    first, second = picture("P"), picture("P", 90)
    first.save(folder / "animated.gif", save_all=True, append_images=[second])
    picture("P").save(folder / "transparent.gif", transparency=5)
    picture().save(folder / "rgb.bmp")
    picture("P").save(folder / "palette.bmp")
    convert(folder / "palette.bmp", "-compress", "RLE", "BMP3:" + str(folder / "run-length.bmp"))
    picture().save(folder / "lossless.webp", lossless=True)
    # Readers differ in how they enlarge its colours, which have half the pixels.
    picture().resize((3 * WIDTH, 3 * HEIGHT), Image.Resampling.BICUBIC).save(folder / "lossy.webp", quality=95)
    transparent = picture()
    transparent.putalpha(alpha())
    transparent.save(folder / "alpha.webp", lossless=True)


def convert(*words):
    return subprocess.run([CONVERT, *map(str, words)], check=True, capture_output=True).stdout


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True)
    jpegs(folder)
    pngs(folder)
    others(folder)
    version = convert("--version").decode().splitlines()[0].split(" Q16")[0]
    lines = [f"# {version}, Pillow {PIL.__version__}, tools/oracle/real_images.py: name, width, height, red, green and blue"]
    for file in sorted(folder.iterdir()):
        source = f"{'png' if file.name.startswith('a-png') else file.suffix[1:]}:{file}[0]"
        common = [source, "-auto-orient", "-background", "white", "-alpha", "remove", "-colorspace", "sRGB", "-depth", "8"]
        size = convert(*common, "-format", "%w %h", "info:-").decode()
        lines.append(f"{file.name} {size} {convert(*common, 'rgb:-').hex()}")
    (folder / "imagemagick.txt").write_text("\n".join(lines) + "\n")


main()
