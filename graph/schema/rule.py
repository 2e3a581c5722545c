"""Rules in public."""

from domain.rule import Rule, RuleFilter
from graph.publish import field, form_input, publish
from graph.resolvers import rule as resolve

publish(Rule)
form_input(RuleFilter)

QUERIES = (field(resolve.rules), field(resolve.rule))
