"""A table behind a pooler, where each statement may meet another server process."""

import pytest
from tables import connections_opened

from pylearn2_jobman.jobman.table import open_table

pytestmark = pytest.mark.postgresql
PREPARED = "SELECT count(*) FROM pg_prepared_statements"


@pytest.mark.parametrize(
    ("option", "has_prepared"), [("", True), ("&prepare_threshold=none", False)]
)
def test_statements_are_prepared_unless_the_address_says_not_to(postgres_url, option, has_prepared):
    connections = []
    with connections_opened(connections.append), open_table(postgres_url + option) as table:
        table.insert({"a": 1})
        claim = table.claim()
        for _ in range(10):
            table.heartbeat(claim)
        (used,) = [connection for connection in connections if not connection.closed]
        ((count,),) = used.execute(PREPARED).fetchall()
    assert (count > 0) == has_prepared
