"""Who is asking, from where and how often: what stands between the transport and the operations."""
