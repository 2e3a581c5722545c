"""The public face: one GraphQL schema over HTTP and sockets, printed from the domain's records and rules."""
