"""How operations and answers travel: GraphQL over HTTP, graphql-transport-ws, multipart requests."""
