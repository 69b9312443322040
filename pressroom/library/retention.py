"""Rules for what has become old: which assets, after how many days, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, select

from pressroom.database.dialect import insert_new
from pressroom.database.schema import asset, asset_tag, retention_rule
from pressroom.domain.errors import Invalid, NotFound, Problem
from pressroom.domain.library import AssetState, RetentionAction
from pressroom.domain.media import Kind
from pressroom.domain.suggest import did_you_mean

MAX_NAME_LENGTH: Final = 200
MAX_DAYS: Final = 36_500
# What an action leaves alone: what it, or one that goes further, has been done to.
_DONE: Final = {
    RetentionAction.ARCHIVE: (AssetState.ARCHIVED, AssetState.TRASHED),
    RetentionAction.TRASH: (AssetState.TRASHED,),
    RetentionAction.PURGE: (),
}


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What is older than so many days since it was filed; an empty field does not matter."""

    name: str
    action: RetentionAction | str
    older_than_days: int
    kind: str = ""
    tag: str = ""
    campaign: str = ""
    state: str = ""

    def checked(self) -> RetentionRule:
        """The rule itself. Raises Invalid with everything that is wrong with it."""
        problems = list(self._problems())
        if problems:
            raise Invalid.of(problems)
        return self

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def _problems(self) -> Any:
        if not 0 < len(self.name.strip()) <= MAX_NAME_LENGTH:
            yield Problem("usage", f"a rule needs a name of 1 to {MAX_NAME_LENGTH} characters", "name it")
        if not 0 < self.older_than_days <= MAX_DAYS:
            yield Problem("usage", f"{self.older_than_days} days are no age", f"from 1 to {MAX_DAYS:,}")
        for value, words, plural in (
            (self.action, RetentionAction, "actions"),
            (self.kind, Kind, "kinds"),
            (self.state, AssetState, "states"),
        ):
            if value and value not in list(words):
                yield Problem("usage", f"{value!r} is none of the {plural}", did_you_mean(value, words, plural))


_COLUMNS: Final = [retention_rule.c[name] for name in RetentionRule.__slots__]


def add_rule(conn: Connection, account_id: int, rule: RetentionRule, by: str, at: datetime) -> None:
    """Raises Invalid for a rule that cannot be, or a name that is taken."""
    row = {**rule.checked().as_dict(), "account_id": account_id, "created_by": by, "created_at": at}
    if conn.execute(insert_new(conn, retention_rule).values(**row).returning(retention_rule.c.id)).scalar() is None:
        raise Invalid(f"there is already a rule {rule.name!r}", hint="remove it first, or choose another name")


def remove_rule(conn: Connection, account_id: int, name: str) -> RetentionRule:
    """The rule that was. Raises NotFound when the account has none of this name."""
    mine = (retention_rule.c.account_id == account_id, retention_rule.c.name == name)
    row = conn.execute(delete(retention_rule).where(*mine).returning(*_COLUMNS)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no rule {name!r}", hint="`pressroom retention list` shows them")
    return _rule(row)


def rules_of(conn: Connection, account_id: int) -> list[RetentionRule]:
    """The account's rules in the order in which they were made, which is that in which they are applied."""
    query = select(*_COLUMNS).where(retention_rule.c.account_id == account_id).order_by(retention_rule.c.id)
    return [_rule(row) for row in conn.execute(query).mappings()]


def _rule(row: RowMapping) -> RetentionRule:
    return RetentionRule(**{**row, "action": RetentionAction(row["action"])})


def due_under(conn: Connection, account_id: int, rule: RetentionRule, now: datetime, limit: int) -> list[str]:
    """Ids of what the rule is for now, the oldest first, at most so many."""
    query = select(asset.c.id).where(asset.c.account_id == account_id, *_conditions(account_id, rule, now))
    return list(conn.execute(query.order_by(asset.c.seq).limit(limit)).scalars())


def _conditions(account_id: int, rule: RetentionRule, now: datetime) -> list[ColumnElement[bool]]:
    found = [asset.c.created_at < now - timedelta(days=rule.older_than_days)]
    found += [asset.c[name] == value for name in ("kind", "campaign", "state") if (value := getattr(rule, name))]
    done = _DONE[RetentionAction(rule.action)]
    if done:
        found.append(asset.c.state.not_in(done))
    if rule.tag:
        tagged = (asset_tag.c.account_id == account_id, asset_tag.c.tag == rule.tag)
        found.append(asset.c.seq.in_(select(asset_tag.c.asset_seq).where(*tagged)))
    return found
