"""The objects that a job table hands out: a job, a claim on one, outcomes of its methods."""

__all__ = ["Claim", "Inserted", "Job", "TakenBack", "Token", "Wanted"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pylearn2_jobman.jobman.database.codec import EncodedValue
from pylearn2_jobman.jobman.state import DD
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import Plain

Token = datetime | str
"""When the job was claimed, by the database's clock, in the form that its driver uses."""


@dataclass(frozen=True)
class Job:
    """A job as it stood in the table at one moment; the times are UTC."""

    id: int
    status: Status
    priority: float
    state: DD
    created: datetime | None
    claimed: datetime | None
    heartbeat: datetime | None
    hash: int | None
    """By which LISA's jobman finds it again; None if its command line inserted it."""


@dataclass
class Claim:
    """The right to run one job and to write it back, until the lease ends."""

    job_id: int
    token: Token
    state: DD
    stored: dict[str, EncodedValue] = field(repr=False)
    """The values in the table as far as this claim knows, by key: only changes are sent."""


@dataclass(frozen=True)
class Wanted:
    """Which job to claim, and the keys to set with the claim; see `JobTable.claim`."""

    where: str | None = None
    info: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True)
class Inserted:
    """The outcome of an insertion: the new jobs, and how many states were there already."""

    ids: list[int]
    duplicates: int


@dataclass(frozen=True)
class TakenBack:
    """A job whose worker let its lease end, and what became of it (START or ERR_RUN)."""

    job_id: int
    status: Status
    restarts: int
    reason: str
