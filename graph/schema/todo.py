"""To-dos in public: a part of the viewer."""

from domain.todo import Todo, TodoCount
from graph.publish import field, publish
from graph.resolvers import todo as resolve
from graph.resolvers.todo import TodoList

publish(Todo, field(resolve.label), field(resolve.subject), node=False)
publish(TodoCount, field(resolve.label), node=False)
publish(TodoList, field(resolve.total_count), field(resolve.counts), field(resolve.nodes), node=False)

OF_THE_VIEWER = (field(resolve.todos),)
