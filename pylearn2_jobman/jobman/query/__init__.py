"""What is read from a job table: conditions, queries, answers, data frames, views, summaries.

`readable.ReadableTable` is the half of a job table that changes nothing. ``where`` and ``select``
turn the query language (``tokens``) into SQL, ``reading`` runs it page by page, ``columns`` gathers
an answer (``result``), which becomes a DataFrame (``frame``) or a file (``export``). Whatever
changes a job belongs into ``table``.
"""

__all__: list[str] = []
