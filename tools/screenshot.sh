#!/usr/bin/env bash
# Makes docs/images/report.png, which README.md shows: the top of a run's report, as Chromium draws it.
#
#   tools/screenshot.sh [RUN]    the report of a run directory; without one, of the quickstart, which it trains
#
# Needs chromium, and a Python with Pillow: python3, or what PYTHON says.
set -euo pipefail
cd "$(dirname "$0")/.."

image=docs/images/report.png
# Of the page, in its pixels: the top, down to the curves and the table of classes.
width=1240
height=1430

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=${1:-$work/runs/quickstart}
[ $# -gt 0 ] || bin/starling train conf/quickstart.conf "run.directory=$run"
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --disable-background-networking --no-first-run \
  "--user-data-dir=$work/profile" "--window-size=$width,$height" "--screenshot=$work/full.png" \
  "file://$(realpath "$run")/report.html"
mkdir -p "$(dirname "$image")"
# 128 colours are enough for charts, and make a third of the file.
"${PYTHON:-python3}" - "$work/full.png" "$image" <<'PYTHON'
import sys
from PIL import Image

picture = Image.open(sys.argv[1]).convert("RGB")
picture.quantize(colors=128, dither=Image.Dither.NONE).save(sys.argv[2], optimize=True)
PYTHON
ls -l "$image"
