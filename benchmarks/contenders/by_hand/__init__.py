"""The contender without GraphQL: what somebody would write who knew the six questions, PostgreSQL and the tables."""
