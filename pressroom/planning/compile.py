"""Compile a campaign to a Plan: expand, resolve, choose, price, key. Pure: files, index and feeds are passed in."""

from __future__ import annotations

import gc
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pressroom.campaign.expressions import references_in
from pressroom.campaign.feed import Feed
from pressroom.campaign.load import Loaded
from pressroom.campaign.models import Step
from pressroom.catalog.load import Catalog
from pressroom.catalog.models import LOCAL
from pressroom.catalog.naming import wrong_fallbacks, wrong_in_policy
from pressroom.domain.errors import WARNING, Problem
from pressroom.domain.few import few_of
from pressroom.domain.media import MediaInfo
from pressroom.domain.money import micros
from pressroom.domain.operation import Foreseen, Operation, Params
from pressroom.domain.suggest import did_you_mean
from pressroom.planning.actions import with_actions
from pressroom.planning.brand import resolve_brand
from pressroom.planning.enlarging import UPSCALE, Enlarger, Seat
from pressroom.planning.expand import TAKE, Expander
from pressroom.planning.inputs import resolve_inputs
from pressroom.planning.keys import brand_facets, node_key, placement_digests
from pressroom.planning.offers import Chooser, Offer, Wanted, facts_of, given_in
from pressroom.planning.order import order_of
from pressroom.planning.parameters import ParameterError, Resolved, Template, notes_of
from pressroom.planning.plan import FREE, Action, EmptyIndex, Files, FileSource, Index, Node, Plan
from pressroom.planning.problems import Collected
from pressroom.planning.totals import plan_hash, totals_of
from pressroom.planning.variants import Cell, Placed, node_id
from pressroom.planning.ways import Asked, explained, only_sold, ways_of

MOST_FORESEEN = (
    48  # variants of a step that are looked at closely, tens of milliseconds each; the run says it of the others
)
SEED_MODULUS = 4_294_967_295  # seeds are 0 .. 4294967294
# What these say holds for every row of a feed.
OF_THE_STEP = frozenset(
    {"unknown_model", "provider_not_configured", "policy_provider", "no_model", "model_ended", "model_not_yet"}
)


@dataclass(frozen=True)
class Request:
    """Everything that a plan depends on besides the campaign itself."""

    catalog: Catalog
    operations: Mapping[str, Operation[Any]]
    files: Files
    chooser: Chooser
    inputs: Mapping[str, Any] = field(default_factory=dict)
    feeds: Mapping[str, Feed] = field(default_factory=dict)  # dimension -> rows
    index: Index = field(default_factory=EmptyIndex)
    max_nodes: int = 10_000
    refresh: frozenset[str] = frozenset()  # steps to make again; "*" means all
    any_seed: bool = False  # seeds were drawn, and are nobody's wish: models that take none do as well


def compile_plan(loaded: Loaded, request: Request) -> Plan:
    """The plan of this campaign, with every problem found on the way."""
    compiler = _Compiler(loaded, request)
    with _uncollected():
        nodes = compiler.run()
        listing = frozenset(name for name, row in request.catalog.providers.items() if row.can_list)
        return compiler.plan(with_actions(nodes, request.index, request.refresh, listing, compiler.problems))


@contextmanager
def _uncollected() -> Iterator[None]:
    """All that compiling makes, stays: looking for garbage among it takes a seventh of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Compiler:
    """Walks the steps in dependency order; each step's nodes are placed before a later step refers to them."""

    def __init__(self, loaded: Loaded, request: Request) -> None:
        self.loaded = loaded
        self.request = request
        self.campaign = loaded.campaign
        self.problems = Collected(loaded.file, loaded.positions)
        # A budget of 0 credits keeps a campaign on what costs nothing, whatever its tier.
        self.chooser = replace(request.chooser, free_only=self.campaign.budget.credits == 0)
        self.chosen: dict[tuple[str, Hashable], Offer | Problem] = {}
        self.foreseen: dict[tuple[str, str, Hashable], Foreseen] = {}
        self.warned: dict[tuple[str, str], list[str]] = {}  # by step and message: the nodes that it is about
        self.placed: dict[str, list[Placed]] = {}
        self.enlarger = Enlarger(self)
        self.count = 0
        self.rows = {name: {row.name: row for row in feed.rows} for name, feed in request.feeds.items()}
        self.values, wrong_inputs = resolve_inputs(self.campaign, request.inputs, request.files, request.max_nodes)
        self.brand, self.brand_files, wrong_brand = resolve_brand(self.campaign.brand, request.files)
        for problem in (*wrong_inputs, *wrong_brand):
            self.problems.add(problem)
        self.scope = {"inputs": self.values, "brand": self.campaign.brand.model_dump()}
        self.expander = Expander(self.scope, request.feeds, request.max_nodes, self.problems)
        # Steps that others refer to deliver nothing unless told to.
        self.used = {name for step in self.campaign.steps.values() for name in references_in(step.with_, "steps")}
        self.blocked_words = [(word, _whole_words(word)) for word in self.campaign.policy.blocked_words]

    def run(self) -> list[Node]:
        self._check_feeds()
        self._check_names()
        self._check_refresh()
        # With wrong inputs every expression that uses them would fail again in other words.
        if self.problems.fatal:
            return []
        for name in order_of(self.loaded):
            step = self.campaign.steps[name]
            self.placed[name] = list(self._step(name, step))
            self._check_rows(name, step)
            if self.count > self.request.max_nodes:
                break
        self._warn()
        return [node for placed in self._all() for node in (*self._added(placed), placed.node)]

    def _added(self, placed: Placed) -> tuple[Node, ...]:
        # Nothing is bought for a node that is not made.
        return () if placed.problem else self.enlarger.before(placed.node.id)

    def plan(self, nodes: Sequence[Node]) -> Plan:
        totals = totals_of(nodes)
        budget = self.campaign.budget
        sources = (source for node in nodes for source in node.inputs.values())
        return Plan(
            campaign=self.campaign.name,
            title=self.campaign.title or self.campaign.name,
            file=self.loaded.file,
            nodes=tuple(nodes),
            totals=totals,
            problems=self.problems.all(),
            hash=plan_hash(nodes, totals),
            catalog_version=self.request.catalog.version,
            files={source.path: source.sha256 for source in sources if isinstance(source, FileSource)},
            brand=self.brand,
            brand_files=self.brand_files,
            budget_credits=None if budget.credits is None else micros(budget.credits),
            budget_usd=None if budget.usd is None else micros(budget.usd),
            budget_month=None if budget.month is None else micros(budget.month),
            suspends=budget.when_reached == "suspend",
            **self._approval(),
            uncertain=self.campaign.policy.uncertain,
        )

    def _approval(self) -> dict[str, Any]:
        wanted = self.campaign.approval
        if isinstance(wanted, str):
            return {"approval": wanted}
        return {"approval": "above", "approval_above": micros(wanted.above)}

    def _all(self) -> Iterator[Placed]:
        for items in self.placed.values():
            yield from items

    # the campaign as a whole

    def _check_feeds(self) -> None:
        opened: dict[str, str] = {}
        paths: dict[str, tuple[str, ...]] = {}
        for name, step in self.campaign.steps.items():
            for dimension, file in step.feed.items():
                paths.setdefault(dimension, ("steps", name, "feed", dimension))
                if opened.setdefault(dimension, file) != file:
                    message = f"dimension {dimension!r} is fed by {opened[dimension]} already, not by {file}"
                    hint = f"name the second one: feed: {{other: {file}}}"
                    self.problems.at_step("feed", message, hint, name, "feed")
        for dimension, feed in self.request.feeds.items():
            for problem in feed.problems:
                self.problems.add(replace(problem, path=paths.get(dimension, ("steps",))))

    def _check_names(self) -> None:
        catalog = self.request.catalog
        for problem in wrong_in_policy(catalog, self.campaign.policy.model_dump()):
            self.problems.add(problem)
        for name, step in self.campaign.steps.items():
            listed = step.fallback if isinstance(step.fallback, tuple) else ()
            for problem in wrong_fallbacks(catalog, listed, step.uses):
                self.problems.at_step(problem.code, problem.message, problem.hint, name, "fallback")

    def _check_refresh(self) -> None:
        for name in sorted(self.request.refresh - {"*"} - self.campaign.steps.keys()):
            message, hint = f"refresh: there is no step {name!r}", did_you_mean(name, self.campaign.steps)
            self.problems.add(Problem("unknown_step", message, hint, path=("steps",)))

    def _check_rows(self, name: str, step: Step) -> None:
        """One bad row is refused alone; when nothing is left of a feed, there is no campaign to run."""
        placed = self.placed[name]
        if step.feed and placed and all(item.problem is not None for item in placed):
            dimension = next(iter(step.feed))
            self.problems.at_step("feed", f"every row of feed {dimension!r} is refused", "", name, "feed", dimension)

    # one step

    def _step(self, name: str, step: Step) -> Iterator[Placed]:
        operation = self.request.operations[step.uses]
        template = Template(operation, step.with_)
        for cell in self.expander.cells(name, step, self.placed):
            self.count += 1
            if self.count + self.enlarger.added > self.request.max_nodes:
                limit = f"the campaign expands to more than {self.request.max_nodes} nodes"
                self.problems.at_step("too_many_nodes", limit, "make fewer variants or raise max_nodes", name)
                return
            yield self._place(name, step, operation, template, cell)

    # one node

    def _place(self, name: str, step: Step, operation: Operation[Any], template: Template, cell: Cell) -> Placed:
        identity = node_id(name, cell.variant)
        if cell.problem is not None:
            return self._blocked(identity, name, operation, cell, cell.problem)
        try:
            resolved = template.resolve(cell, {**self.scope, "each": cell.each}, self.request.files)
            resolved = _with_take(operation, step, resolved, cell)
            return Placed(self._node(identity, name, step, operation, resolved, cell), cell.each)
        except ParameterError as exc:
            problems = [self._placed(name, problem, template, cell) for problem in exc.found]
            for problem in problems:
                self.problems.add(problem, of=identity)
            return self._blocked(identity, name, operation, cell, problems[0])

    def _placed(self, name: str, problem: Problem, template: Template, cell: Cell) -> Problem:
        """The problem of a step's place in the row of the feed where another row would do better, else in the campaign."""
        parameter = str(problem.path[1]) if len(problem.path) > 1 else ""
        problem = replace(problem, path=("steps", name, *problem.path), step=name)
        for dimension, value in cell.variant:
            row = self.rows.get(dimension, {}).get(value)
            if row is not None and problem.code not in OF_THE_STEP and template.depends_on(parameter, dimension):
                return replace(problem, file=self.request.feeds[dimension].file, line=row.line, column=1, fatal=False)
        return problem

    def _node(
        self, identity: str, name: str, step: Step, operation: Operation[Any], resolved: Resolved, cell: Cell
    ) -> Node:
        for problem in notes_of(name, resolved.inputs):
            self.problems.add(problem)
        if not self._upscales(step):
            return self.made(identity, name, step, operation, self.offered(name, step, operation, resolved), cell)
        return self.enlarger.node(Seat(identity, name, step, cell), operation, resolved)

    def _upscales(self, step: Step) -> bool:
        wanted = self.campaign.policy.upscale if step.upscale is None else step.upscale
        return wanted and UPSCALE in self.request.operations

    def made(
        self,
        identity: str,
        name: str,
        step: Step,
        operation: Operation[Any],
        offered: tuple[Asked, Offer],
        cell: Cell,
    ) -> Node:
        asked, chosen = offered
        resolved, expected = asked.resolved, asked.expected
        params = resolved.params.model_dump(mode="json", exclude_defaults=True)
        self._foresee(identity, name, operation, chosen, resolved.params, resolved.infos)
        if chosen.ending is not None:
            self.problems.add(Problem("model_ends", *chosen.ending, path=("steps", name), fatal=False))
        if chosen.ailing is not None:
            self.problems.add(Problem("model_ailing", *chosen.ailing, path=("steps", name), fatal=False))
        return Node(
            id=identity,
            step=name,
            variant=cell.variant,
            operation=operation.name,
            version=operation.version,
            family=operation.family,
            makes=expected.outputs[0][1].kind if expected.outputs else operation.makes,
            provider=chosen.model.provider,
            model=chosen.model.model,
            params=params,
            inputs=resolved.inputs,
            key=node_key(
                operation,
                models=(chosen.model.name, *(item.name for item in chosen.alternatives)),
                params=params,
                inputs=resolved.inputs,
                brand=brand_facets(operation, resolved.params, self.brand, self.brand_files),
                placements=placement_digests(
                    params, (label for label, _ in chosen.outputs), self.request.catalog.placements
                ),
            ),
            action=Action.CREATE,
            quote=chosen.quote,
            outputs=chosen.outputs,
            units=expected.units,
            prompt=asked.prompt,
            words=self.expander.words(name, step, cell),
            deliver=name not in self.used if step.deliver is None else step.deliver,
            line=self.loaded.positions.at("steps", name)[0],
            alternatives=chosen.alternatives,
            why=chosen.why,
            facts=asked.facts,
            placement=expected.placement,
            asks=(operation.asks(resolved.params) or "") if operation.asks else "",
        )

    def offered(self, name: str, step: Step, operation: Operation[Any], resolved: Resolved) -> tuple[Asked, Offer]:
        """The first of the operation's ways for which there is a model. Raises ParameterError where there is none."""
        refused: list[Problem] = []
        for way, why in ways_of(operation, resolved):
            asked = self._asked(name, step, operation, way)
            if not isinstance(asked.chosen, Problem):
                return asked, explained(asked.chosen, way, why, refused[0].message if refused else "")
            refused.append(asked.chosen)
        raise ParameterError(only_sold(operation, replace(refused[0], path=("model" if step.model else "uses",))))

    def _asked(self, name: str, step: Step, operation: Operation[Any], resolved: Resolved) -> Asked:
        expected = operation.expect(resolved.params, resolved.infos, self.request.catalog.placements)
        if expected.problems:
            raise ParameterError(*(Problem("parameter", message, path=("with",)) for message in expected.problems))
        prompt = str(getattr(resolved.params, operation.prompt_field) or "") if operation.prompt_field else ""
        self._check_prompt(operation, prompt)
        facts = facts_of(resolved.params, expected.outputs, self.request.catalog.conditions.get(operation.name, ()))
        seeded, given = "seed" in step.with_, given_in(resolved.params)
        if self.request.any_seed:
            seeded, given = False, given - {"seed"}
        wanted = Wanted(operation.name, expected, resolved.infos, prompt, seeded, facts, given)
        return Asked(resolved, expected, prompt, facts, self._choose(name, step, wanted))

    def _choose(self, name: str, step: Step, wanted: Wanted) -> Offer | Problem:
        """Most nodes of a step ask for the same of a model: 10,000 choices are a few."""
        asked = (name, wanted.likeness)
        if asked not in self.chosen:
            self.chosen[asked] = self.chooser.choose(step, wanted, name)
        return self.chosen[asked]

    def _foresee(
        self,
        identity: str,
        name: str,
        operation: Operation[Any],
        chosen: Offer,
        params: Params,
        infos: Mapping[str, MediaInfo],
    ) -> None:
        """What the local implementation will refuse, or do otherwise than asked: said before anything is made."""
        if operation.foresee is None or chosen.model.provider != LOCAL:
            return
        asked = (name, params.model_dump_json(), tuple(infos.items()))
        if asked not in self.foreseen:
            if sum(step == name for step, *_ in self.foreseen) >= MOST_FORESEEN:
                return
            self.foreseen[asked] = operation.foresee(params, infos, self.request.catalog.placements, self.brand)
        found = self.foreseen[asked]
        if found.problems:
            raise ParameterError(*(Problem("parameter", message, path=("with",)) for message in found.problems))
        for message in found.warnings:
            self.note(name, identity, message)

    def note(self, name: str, identity: str, message: str) -> None:
        """A warning about a node of the step."""
        self.warned.setdefault((name, message), []).append(identity)

    def _warn(self) -> None:
        """Each warning once, with the variants that it is about where the step has several."""
        for (name, message), nodes in self.warned.items():
            told = f"{few_of(nodes)}: {message}" if len(self.placed[name]) > 1 else message
            self.problems.add(Problem(WARNING, told, path=("steps", name), step=name, fatal=False))

    def _check_prompt(self, operation: Operation[Any], prompt: str) -> None:
        found = [word for word, pattern in self.blocked_words if pattern.search(prompt)]
        if found:
            words = ", ".join(map(repr, found))
            message = f"the prompt holds {words}, which policy.blocked_words refuses"
            path = ("with", operation.prompt_field or "")
            raise ParameterError(Problem("blocked_word", message, "use other words", path=path))

    def _blocked(self, identity: str, name: str, operation: Operation[Any], cell: Cell, problem: Problem) -> Placed:
        node = Node(
            id=identity,
            step=name,
            variant=cell.variant,
            operation=operation.name,
            version=operation.version,
            family=operation.family,
            makes=operation.makes,
            provider="",
            model="",
            params={},
            inputs={},
            key="",
            action=Action.BLOCKED,
            quote=FREE,
            outputs=(),
            units={},
            line=self.loaded.positions.at("steps", name)[0],
        )
        return Placed(node, cell.each, problem)


def _with_take(operation: Operation[Any], step: Step, resolved: Resolved, cell: Cell) -> Resolved:
    """Take n of a seeded operation has the seed of the first plus n - 1: takes differ and repeat. A ranked one has place n.

    Only where the step itself opens the takes: what is made of another step's takes differs already.
    """
    take = cell.each.get(TAKE, 1) if step.count != 1 else 1
    if take == 1 or not (operation.seeded or operation.ranked):
        return resolved
    seed = (getattr(resolved.params, "seed", 0) + take - 1) % SEED_MODULUS
    differs = {"place": take} if operation.ranked else {"seed": seed}
    return Resolved(resolved.params.model_copy(update=differs), resolved.inputs)


def _whole_words(phrase: str) -> re.Pattern[str]:
    """Matches the phrase in any case and spacing, but not inside another word: `ass` is not in `glass`."""
    words = r"\s+".join(map(re.escape, phrase.split()))
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
