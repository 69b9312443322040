"""Every error Pressroom raises on purpose, chosen by who must act.

    PressroomError
    ├── Invalid      the user's document or input is wrong; carries every Problem found
    │   └── NotFound        the account has nothing of this name
    ├── Refused      money, limits or policy forbid it; nothing was spent
    │   ├── NotAuthenticated    nobody knows who asks
    │   └── OutOfCredits    what a run has set aside is spent or promised: it may go on once there is more
    ├── Retryable    busy, timed out, connection lost: the same call may work later
    ├── Permanent    the vendor or the operation said no: the same call will fail again
    │   └── UpstreamFailed   a node this one needs has failed
    ├── AnswerLost   an order was sent and its answer never came: a person must look there, it is never sent again
    └── Corrupt      bytes are not what they claim to be, or are too large to open safely

Errors carry fields, survive pickling (they cross Prefect's process borders) and print as one line that says what, which,
the numbers, and what to do.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pressroom.domain.redaction import without_credentials

WARNING = "warning"  # the code of what the plan foresees and a picture will say of itself
NOTES = frozenset({"model_ends", "file_note", WARNING})  # codes of problems that refuse nothing, not even a row
# Codes of what runs may not pass: where their campaign says so, they wait for it.
BUDGETS = frozenset({"balance", "budget_month", "subscription_cost", "subscription_count"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a campaign or plan, with the place where a person can mend it.

    `path` is the place in the campaign, `line` and `column` (from 1) are where that stands in `file`: there, or in a file
    that the campaign names. For a value that was passed, `file` is how: `-i NAME`, without a line. `on_key` means the key at
    `path`, not its value. `fatal` is False for a problem that refuses only its own feed row.
    """

    code: str
    message: str
    hint: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None
    step: str = ""
    fatal: bool = True
    path: tuple[str | int, ...] = ()
    on_key: bool = False

    def __post_init__(self) -> None:
        # Whoever shows or keeps it: what people wrote into an address is nobody else's.
        for name in ("message", "hint", "file"):
            object.__setattr__(self, name, without_credentials(getattr(self, name)))

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}" + (f":{self.column}" if self.column is not None else "")
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} ({self.hint})" if self.hint else text

    @property
    def is_note(self) -> bool:
        return self.code in NOTES or (self.code in BUDGETS and not self.fatal)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"path": list(self.path)}


def in_one_line(exc: BaseException) -> str:
    """What it says, as one line and each thing once: libraries pile up what they met on the way, hundreds of lines of it."""
    said = dict.fromkeys(line.strip() for line in str(exc).splitlines())
    return "; ".join(line for line in said if line)


class PressroomError(Exception):
    """The root: `message` says what happened, `hint` what to do, `fields` hold the numbers."""

    def __init__(self, message: str, *, hint: str = "", **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = fields

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, one by one, where it tells so."""
        return tuple(self.fields.get("problems", ()))

    def __str__(self) -> str:
        return f"{self.message}: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.fields)


def _rebuild(cls: type[PressroomError], message: str, hint: str, fields: dict[str, Any]) -> PressroomError:
    return cls(message, hint=hint, **fields)


class Invalid(PressroomError):
    """The user's document is wrong. `problems` lists all of it at once."""

    @classmethod
    def of(cls, problems: list[Problem] | tuple[Problem, ...]) -> Invalid:
        count = len(problems)
        return cls(f"{count} problem{'s' if count != 1 else ''}: {problems[0]}", problems=tuple(problems))


class NotFound(Invalid):
    """The account has nothing of this name; the words are the same where another account has."""


class Refused(PressroomError):
    """Money, a limit or a policy forbids it. `problems` lists every reason."""


def refusal(code: str, message: str, hint: str, **fields: Any) -> Refused:
    """Refused for one reason, which has a code of its own."""
    return Refused(message, hint=hint, problems=(Problem(code, message, hint),), **fields)


def problems_of(exc: PressroomError) -> tuple[Problem, ...]:
    """What it tells, one by one; itself where it tells of nothing else."""
    return exc.problems or (Problem("usage", exc.message, exc.hint),)


def is_code(exc: PressroomError, code: str) -> bool:
    """Whether a problem of this code is among what it tells."""
    return any(problem.code == code for problem in exc.problems)


class NotAuthenticated(Refused):
    """No token or session says who asks, or it is not good any more."""


class OutOfCredits(Refused):
    """The rest of a run's hold is too little for what is next; what was begun goes on, and the run waits for more."""


class Retryable(PressroomError):
    """Busy, timed out or cut off: safe to try again later."""


class WorkedOn(Retryable):
    """Another process works on the run. `fields["flow_run"]` is the flow run that it does so for; empty for a caller's own."""


class Permanent(PressroomError):
    """A definite no: trying the same again would fail the same way."""


NOT_MADE = "not made, because what it needs has failed"


class UpstreamFailed(Permanent):
    """A node that this one needs has failed."""


class WasCancelled(Permanent):
    """Somebody has cancelled it where it was to go on."""


class AnswerLost(PressroomError):
    """An order left and no answer came: the vendor may have taken it and may charge for it. Never try it again.

    It counts as spent until a person has looked (`pressroom jobs show`). `fields["job"]` names the job, once it has one.
    """


class Corrupt(PressroomError):
    """The bytes are not what they claim, are damaged, or declare more than the limits allow."""
