"""QR images 二维码 for phones, as SVG to be put into a page as it is."""

import io

import segno


def svg_of(text: str) -> str:
    """The image that says this text; a tenth of it may be dirty or torn."""
    image = io.BytesIO()
    segno.make(text, error="m").save(image, kind="svg", xmldecl=False, scale=4, border=4)
    return image.getvalue().decode()
