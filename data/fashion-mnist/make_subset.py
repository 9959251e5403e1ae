#!/usr/bin/env python3
"""Cuts this folder's subset out of the full Fashion-MNIST files.

    python3 make_subset.py SOURCE [TARGET]

SOURCE is a folder with the four original files, for example /usr/share/datasets/fashion-mnist after
`apt-get install dataset-fashion-mnist` (Debian). TARGET is where the subset goes, this script's folder by default.

Rule: of each class, the first 1,200 training and the first 200 test images, in the order of the original files.
Only Python's standard library is used. The gzip headers carry no time and no name, so that the same zlib gives the
same bytes.
"""

import gzip
import hashlib
import pathlib
import struct
import sys

CLASSES = 10
PER_CLASS = {"train": 1200, "t10k": 200}


def read_idx(path, dimensions):
    """The sizes and the unsigned bytes of an IDX file."""
    data = gzip.decompress(path.read_bytes())
    magic, *sizes = struct.unpack_from(f">{1 + dimensions}I", data)
    if magic != 0x0800 + dimensions:
        sys.exit(f"{path}: magic number {magic:#010x}, expected {0x0800 + dimensions:#010x}")
    return sizes, data[4 * (1 + dimensions):]


def write_idx(path, sizes, values):
    header = struct.pack(f">{1 + len(sizes)}I", 0x0800 + len(sizes), *sizes)
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped:
        zipped.write(header + values)


def cut(source, target, part, per_class):
    images_name, labels_name = f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"
    (count, height, width), pixels = read_idx(source / images_name, 3)
    (label_count,), labels = read_idx(source / labels_name, 1)
    if count != label_count:
        sys.exit(f"{source}: {count} {part} images and {label_count} labels")
    seen = [0] * CLASSES
    kept_labels, kept_pixels, size = bytearray(), bytearray(), height * width
    for i, label in enumerate(labels):
        if seen[label] < per_class:
            seen[label] += 1
            kept_labels.append(label)
            kept_pixels += pixels[i * size:(i + 1) * size]
    if seen != [per_class] * CLASSES:
        sys.exit(f"{source}: too few {part} images of a class: {seen}")
    write_idx(target / images_name, (len(kept_labels), height, width), kept_pixels)
    write_idx(target / labels_name, (len(kept_labels),), kept_labels)
    return [images_name, labels_name]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else pathlib.Path(__file__).resolve().parent
    target.mkdir(parents=True, exist_ok=True)
    written = [name for part, per_class in PER_CLASS.items() for name in cut(source, target, part, per_class)]
    sums = [f"{hashlib.sha256((target / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(written)]
    (target / "SHA256SUMS").write_text("".join(sums))
    print("".join(sums), end="")


if __name__ == "__main__":
    main()
