"""Every list as a file, CSV or XLSX, streamed at `/exports/{list}.{ending}`: the same filter, order and rows."""
