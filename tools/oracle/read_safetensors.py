#!/usr/bin/env python3
"""Reads a safetensors file as its published format has it, and prints what is in it, a JSON object an array.

    python3 tools/oracle/read_safetensors.py FILE

The format: the header's length in 8 bytes, little endian; the header, a JSON object of name to dtype, shape and data_offsets (begin and end, counted
from the header's end), with text under __metadata__; then the arrays, without gaps, row-major.

Only Python's standard library is used.
"""

import array
import json
import struct
import sys


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    body = data[8 + length:]
    metadata = header.pop("__metadata__", {})
    if not all(isinstance(value, str) for value in metadata.values()):
        sys.exit("metadata that is no text")
    end = 0
    for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = tensor["data_offsets"]
        count = 1
        for size in tensor["shape"]:
            count *= size
        if tensor["dtype"] != "F32" or begin != end or stop - begin != 4 * count:
            sys.exit(f"{name}: {tensor}")
        end = stop
        values = array.array("f", body[begin:stop])
        if sys.byteorder == "big":
            values.byteswap()
        print(json.dumps({"name": name, "shape": tensor["shape"], "values": values.tolist()}))
    if end != len(body):
        sys.exit(f"{len(body) - end} bytes behind the arrays")


if __name__ == "__main__":
    main()
