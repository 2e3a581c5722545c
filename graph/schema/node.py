"""Every record by its id."""

from graph.publish import field
from graph.resolvers import node as resolve

QUERIES = (field(resolve.node), field(resolve.nodes))
