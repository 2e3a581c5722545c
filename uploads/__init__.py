"""Files on their way in, at rest, and on their way out."""
