"""Whatever somebody writes as a query is a query, or an error that says where it is not."""

from hypothesis import given
from hypothesis import strategies as st

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.query.select import parse_query

SCHEMA = Schema("t_")
LANGUAGE = """
select where order by limit offset and or not in is null like asc desc x results.nll r*.n
jobman.status jobman.created jobman.sql.priority DONE 1 0.5 1e400 -3 nan None 'a_b' "q"
'2026-05-01' ( ) [ ] { } , : = == != <> < <= > >= 'open ! \x00 é
"""


def parses(text: str) -> bool:
    try:
        parse_query(text, SCHEMA)
    except UsageError:
        return False
    return True


@given(st.lists(st.sampled_from(LANGUAGE.split()), max_size=12))
def test_words_of_the_language_in_any_order(words: list[str]) -> None:
    parses(" ".join(words))


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    parses(f"where {text}")


def test_a_query_of_all_parts() -> None:
    assert parses("select x where x < 1 or not (x like 'a%') order by x desc, y limit 3 offset 1")
