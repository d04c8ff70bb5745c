"""What is read from a job table: conditions, queries, results, data frames, views, summaries.

`readable.ReadableTable` is the half of a job table that changes nothing. A ``selection``, or the
query language (``tokens``), which ``where`` and ``select`` turn into SQL, names jobs; ``reading``
reads them page by page, ``columns`` gathers their values in a ``result``, which becomes a DataFrame
(``frame``) or a file (``export``). ``keys`` knows which keys there are, and which tell jobs apart;
``groups`` puts jobs together that a seed alone tells apart, with ``statistics`` of their results.
Whatever changes a job belongs into ``table``.
"""

__all__: list[str] = []
