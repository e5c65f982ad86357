"""QR codes as a printer or a phone would have them."""

import io

import pypdfium2
import zxingcpp
from PIL import Image


def picture_of(text: str, *, scale: int = 6) -> bytes:
    """A PNG of the code of `text`, with its quiet zone."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = code.to_image(scale=scale, add_quiet_zones=True)
    height, width = pixels.shape
    buffer = io.BytesIO()
    Image.frombuffer("L", (width, height), bytes(memoryview(pixels))).save(buffer, "PNG")
    return buffer.getvalue()


def pages_of(pdf: bytes, dots_per_inch: int = 200) -> list[Image.Image]:
    """The pages of a PDF as a printer draws them."""
    document = pypdfium2.PdfDocument(pdf)
    found = [page.render(scale=dots_per_inch / 72).to_pil().convert("RGB") for page in document]
    document.close()
    return found


def codes_in(picture: Image.Image) -> list[str]:
    """What zxing reads from a picture, from top to bottom."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in found]
