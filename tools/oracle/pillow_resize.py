#!/usr/bin/env python3
"""Scaled and cropped images as Pillow makes them, for ImageDecoderTest.

    python3 tools/oracle/pillow_resize.py > driver/src/test/resources/org/starling/data/pillow-resize.txt

Needs Pillow (Debian: python3-pil). Each line: source height and width, target height and width, and the target's values
in hexadecimal, row by row. The source's value at (y, x) is given by the formula below, in Java too. The image is scaled
with Pillow's antialiased bilinear filter so that it just covers the target, and the centre is cut out.
"""

import PIL
from PIL import Image

CASES = [(1, 7, 1, 3), (9, 1, 4, 1), (3, 3, 7, 7), (28, 28, 14, 14), (37, 53, 16, 16), (53, 37, 16, 16), (5, 4, 12, 9),
         (40, 31, 31, 31), (64, 48, 20, 28)]


def source(height, width):
    image = Image.new("L", (width, height))
    image.putdata([(x * 37 + y * 91 + x * y * 13) % 256 for y in range(height) for x in range(width)])
    return image


def cover(image, height, width):
    scale = max(height / image.height, width / image.width)
    size = max(width, int(image.width * scale + 0.5)), max(height, int(image.height * scale + 0.5))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return image.resize(size, Image.Resampling.BILINEAR).crop((left, top, left + width, top + height))


print(f"# Pillow {PIL.__version__}, tools/oracle/pillow_resize.py")
for h, w, target_h, target_w in CASES:
    print(h, w, target_h, target_w, cover(source(h, w), target_h, target_w).tobytes().hex())
