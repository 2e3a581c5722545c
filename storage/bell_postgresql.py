"""stub"""

from storage.bell import Bell, ProcessBell


def open_bell(url: str, database_url: str) -> Bell:
    return ProcessBell()
