"""Compiled plans: one query is one SQL statement, planned once for its document and shape. (decision 0025)

The way of a request: `plans` finds the operation, `variables` and `shape` say which of its shapes this is and what it
brings; a `plan` binds that to its statement and makes the answer of the rows. Where there is no plan yet, `selection`
collects what is asked for, `question` has each root field's own resolver say what it asks, `compiler` writes the
records and their relations in the words of `json_text`, and `filling` calls the resolvers that say what SQL cannot.
"""
