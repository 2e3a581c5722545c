"""How much one upload request may ask of the server. Every number is checked while the bytes arrive, not afterwards."""

from dataclasses import dataclass


@dataclass(frozen=True)
class UploadLimits:
    """Limits of one request; MB are millions of bytes. The number of form fields needs no limit of its own:
    besides `operations` and `map`, a part that the map does not name is refused."""

    file_bytes_max: int = 500_000_000
    files_max: int = 10
    files_bytes_max: int = 1_000_000_000
    paths_max: int = 100
    operations_bytes_max: int = 1_000_000
    operations_depth_max: int = 32
    operations_values_max: int = 50_000
    map_bytes_max: int = 64_000
    header_bytes_max: int = 8_000
    chunk_wait_seconds_max: float = 30.0
    body_seconds_max: float = 3_600.0
