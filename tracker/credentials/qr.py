"""The QR code of a credential as a drawing, sharp at any size and on any printer.

ISO/IEC 18004: level M, alphanumeric mode; the quiet zone of four modules is left to the paper.
"""

import re

import zxingcpp

LARGEST_VERSION = 13
_DARK = re.compile(rb"\x00+")


def side_of(version: int) -> int:
    """Modules along one side of a version."""
    return 17 + 4 * version


def qr_drawing(text: str) -> str:
    """The code as an SVG of one unit a module, dark on nothing, without a quiet zone."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = code.to_image(scale=1, add_quiet_zones=False)
    side = pixels.shape[0]
    if side > side_of(LARGEST_VERSION):
        raise ValueError(f"the code would have {side} modules a side")
    dots = bytes(memoryview(pixels))  # type: ignore[arg-type]  # a buffer of one byte a module
    runs = []
    for y in range(side):
        for dark in _DARK.finditer(dots, y * side, (y + 1) * side):
            start, length = dark.start() - y * side, dark.end() - dark.start()
            runs.append(f"M{start} {y}h{length}v1h-{length}z")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}" '
        f'height="{side}" shape-rendering="crispEdges"><path d="{"".join(runs)}"/></svg>'
    )
