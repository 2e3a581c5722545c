"""Compiled plans: one query is one SQL statement, planned once for its document and shape. (decisions 0025 and 0032)

The way of a request: `plans` finds the operation, `variables` and `shape` say which of its shapes this is and what it
brings; a `plan` binds that to its statement and makes the answer of the rows. Where there is no plan yet, `selection`
collects what is asked for, `question` has each root field's own resolver say what it asks, `compiler` writes the
records and their relations in the words of `json_text`, `saying` finds what resolvers only choose among texts, and
`filling` calls those that say what SQL cannot. `parts` are what the statement gives, who asks among them. Whatever of
this depends on no document is `remembered` for the next one.
"""
