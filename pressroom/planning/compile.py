"""Compile a campaign to a Plan: expand, resolve, choose, price, key. Pure: files, index and feeds are passed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pressroom.campaign.expressions import compile_expression, has_expression, references_in
from pressroom.campaign.feed import Feed
from pressroom.campaign.load import Loaded
from pressroom.campaign.models import Step
from pressroom.canonical import digest
from pressroom.catalog.load import Catalog
from pressroom.errors import Invalid, Problem
from pressroom.money import micros
from pressroom.operation import Operation
from pressroom.planning.brand import resolve_brand
from pressroom.planning.choose import Chooser, NoModel, quote
from pressroom.planning.inputs import resolve_inputs
from pressroom.planning.keys import brand_facets, node_key, placement_digests
from pressroom.planning.parameters import ParameterError, Resolved, Template
from pressroom.planning.values import FREE, Action, EmptyIndex, Files, FileSource, Index, Node, Plan, Totals
from pressroom.planning.variants import Cell, Placed, Value, join, named, node_id, open_dimension

SEED_MODULUS = 4_294_967_295  # seeds are 0 .. 4294967294
MAX_PROBLEMS = 200


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


def compile_plan(loaded: Loaded, request: Request) -> Plan:
    """The plan of this campaign, with every problem found on the way."""
    compiler = _Compiler(loaded, request)
    nodes = compiler.run()
    return compiler.plan(_with_actions(nodes, request))


class _Compiler:
    """Walks the steps in dependency order; each step's nodes are placed before a later step refers to them."""

    def __init__(self, loaded: Loaded, request: Request) -> None:
        self.loaded = loaded
        self.request = request
        self.campaign = loaded.campaign
        self.problems: list[Problem] = []
        self.placed: dict[str, list[Placed]] = {}
        self.count = 0
        self.values, found = resolve_inputs(self.campaign, request.inputs, request.files)
        self._add(found, ("inputs",))
        self.brand, self.brand_files, found = resolve_brand(self.campaign.brand, request.files)
        self._add(found, ("brand",))
        self._add((problem for feed in request.feeds.values() for problem in feed.problems), ("steps",))
        self.scope = {"inputs": self.values, "brand": self.campaign.brand.model_dump()}
        # Steps that others refer to deliver nothing unless told to.
        self.used = {name for step in self.campaign.steps.values() for name in references_in(step.with_, "steps")}

    def run(self) -> list[Node]:
        # With wrong inputs every expression that uses them would fail again in other words.
        if any(problem.fatal for problem in self.problems):
            return []
        for name in order_of(self.loaded):
            self.placed[name] = list(self._step(name, self.campaign.steps[name]))
        return [placed.node for placed in self._all()]

    def plan(self, nodes: Sequence[Node]) -> Plan:
        totals = totals_of(nodes)
        budget = self.campaign.budget
        files = {
            source.path: source.sha256
            for node in nodes
            for source in node.inputs.values()
            if isinstance(source, FileSource)
        }
        return Plan(
            campaign=self.campaign.name,
            title=self.campaign.title or self.campaign.name,
            file=self.loaded.file,
            nodes=tuple(nodes),
            totals=totals,
            problems=tuple(self.problems[:MAX_PROBLEMS]),
            hash=plan_hash(nodes, totals),
            catalog_version=self.request.catalog.version,
            files=files,
            brand=self.brand,
            brand_files=self.brand_files,
            budget_credits=None if budget.credits is None else micros(budget.credits),
            budget_usd=None if budget.usd is None else micros(budget.usd),
            step_notes={
                name: step.model_dump(include={"title", "description", "alt_text", "tags"})
                for name, step in self.campaign.steps.items()
            },
        )

    def _all(self) -> Iterator[Placed]:
        for items in self.placed.values():
            yield from items

    # one step

    def _step(self, name: str, step: Step) -> Iterator[Placed]:
        operation = self.request.operations[step.uses]
        template = Template(operation, step.with_)
        for cell in self._cells(name, step):
            self.count += 1
            if self.count > self.request.max_nodes:
                limit = f"the campaign expands to more than {self.request.max_nodes} nodes"
                self._problem("too_many_nodes", limit, "make fewer variants or raise max_nodes", name)
                return
            yield self._place(name, step, operation, template, cell)

    def _cells(self, name: str, step: Step) -> Iterator[Cell]:
        cells = [Cell()]
        for referred in references_in(step.with_, "steps"):
            cells = join(cells, referred, self.placed.get(referred, ()), step.gather)
        for dimension in step.feed:
            if not any(dimension in cell.each for cell in cells[:1]):
                feed = self.request.feeds.get(dimension, Feed((), (), ()))
                values = [Value(row.name, row.values, row.problem) for row in feed.rows]
                cells = list(open_dimension(cells, dimension, values))
        opened: Iterable[Cell] = cells
        for dimension, source in step.for_each.items():
            opened = list(self._for_each(name, dimension, source, list(opened)))
        count = self._count(name, step)
        if count > 1:
            opened = open_dimension(opened, "take", [Value(str(take), take) for take in range(1, count + 1)])
        return self._where(name, step, opened)

    def _for_each(self, name: str, dimension: str, source: Any, cells: list[Cell]) -> Iterator[Cell]:
        if any(dimension in cell.each for cell in cells[:1]):
            hint = "give one of them another name, or leave it out to inherit"
            self._problem("dimension", f"dimension {dimension!r} is already open", hint, name, "for_each", dimension)
            return
        for cell in cells:
            values = self._evaluate(source, cell, name, "for_each", dimension)
            if isinstance(values, list | tuple):
                yield from open_dimension([cell], dimension, named(values))
            elif cell.problem is None:
                message = f"for_each.{dimension} must give a list, got {values!r}"
                self._problem("for_each", message, "", name, "for_each", dimension)
                return

    def _count(self, name: str, step: Step) -> int:
        value = self._evaluate(step.count, Cell(), name, "count")
        if isinstance(value, int) and 1 <= value <= self.request.max_nodes:
            return value
        message = f"count must be a whole number from 1 to {self.request.max_nodes}, got {value!r}"
        self._problem("count", message, "", name, "count")
        return 1

    def _where(self, name: str, step: Step, cells: Iterable[Cell]) -> Iterator[Cell]:
        if step.when is True:
            yield from cells
            return
        for cell in cells:
            if cell.problem is not None or self._evaluate(step.when, cell, name, "when") not in (False, None, "", 0):
                yield cell

    def _evaluate(self, value: Any, cell: Cell, *place: str) -> Any:
        if isinstance(value, list):
            return [self._evaluate(item, cell, *place) for item in value]
        if not isinstance(value, str) or not has_expression(value):
            return value
        try:
            return compile_expression(value).evaluate({**self.scope, "each": cell.each})
        except Invalid as exc:
            if cell.problem is None:
                self._problem("expression", exc.problems[0].message, exc.problems[0].hint, *place)
            return None

    # one node

    def _place(self, name: str, step: Step, operation: Operation[Any], template: Template, cell: Cell) -> Placed:
        identity = node_id(name, cell.variant)
        if cell.problem is not None:
            return self._blocked(identity, name, operation, cell, cell.problem)
        try:
            resolved = template.resolve(cell, {**self.scope, "each": cell.each}, self.request.files)
            resolved = _with_take(operation, resolved, cell)
            return Placed(self._node(identity, name, step, operation, resolved, cell), cell.each)
        except ParameterError as exc:
            line, column = self.loaded.positions.at("steps", name, "with", exc.parameter)
            fatal = not self._from_feed(cell)
            problem = Problem(
                "parameter", f"{identity}: {exc.message}", exc.hint, self.loaded.file, line, column, name, fatal
            )
            self._append(problem)
            return self._blocked(identity, name, operation, cell, problem)

    def _from_feed(self, cell: Cell) -> bool:
        """Whether the cell belongs to one row of a feed, so that a problem refuses that row alone."""
        return any(dimension in self.request.feeds for dimension, _ in cell.variant)

    def _node(
        self, identity: str, name: str, step: Step, operation: Operation[Any], resolved: Resolved, cell: Cell
    ) -> Node:
        infos = resolved.infos
        expected = operation.expect(resolved.params, infos, self.request.catalog.placements)
        for message in expected.problems:
            raise ParameterError("", message)
        prompt = str(getattr(resolved.params, operation.prompt_field) or "") if operation.prompt_field else ""
        self._check_prompt(prompt)
        chosen = self.request.chooser.choose(operation.name, step, expected, infos, prompt)
        if isinstance(chosen, NoModel):
            raise ParameterError("", chosen.message, chosen.hint)
        params = resolved.params.model_dump(mode="json", exclude_defaults=True)
        return Node(
            id=identity,
            step=name,
            variant=cell.variant,
            operation=operation.name,
            version=operation.version,
            family=operation.family,
            makes=expected.outputs[0][1].kind if expected.outputs else operation.makes,
            provider=chosen.provider,
            model=chosen.model,
            params=params,
            inputs=resolved.inputs,
            key=node_key(
                operation,
                provider=chosen.provider,
                model=chosen.model,
                params=params,
                inputs=resolved.inputs,
                brand=brand_facets(operation, resolved.params, self.brand, self.brand_files),
                placements=placement_digests(
                    params, (label for label, _ in expected.outputs), self.request.catalog.placements
                ),
            ),
            action=Action.CREATE,
            quote=quote(chosen, expected.units),
            outputs=expected.outputs,
            units=expected.units,
            prompt=prompt,
            deliver=name not in self.used if step.deliver is None else step.deliver,
            line=self.loaded.positions.at("steps", name)[0],
        )

    def _check_prompt(self, prompt: str) -> None:
        words = prompt.lower()
        for blocked in self.campaign.policy.blocked_words:
            if blocked.lower() in words:
                raise ParameterError("prompt", f"the prompt holds {blocked!r}, which policy.blocked_words refuses")

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

    # problems

    def _problem(self, code: str, message: str, hint: str, *place: str) -> None:
        line, column = self.loaded.positions.at("steps", *place)
        self._append(Problem(code, message, hint, self.loaded.file, line, column, place[0]))

    def _add(self, problems: Iterable[Problem], place: tuple[str, ...]) -> None:
        line, column = self.loaded.positions.at(*place)
        for problem in problems:
            located = (
                problem
                if problem.line or problem.file
                else replace(problem, file=self.loaded.file, line=line, column=column)
            )
            self._append(located)

    def _append(self, problem: Problem) -> None:
        # The same mistake in a step of a thousand variants is one problem to the person who mends it.
        if len(self.problems) <= MAX_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)


def _with_take(operation: Operation[Any], resolved: Resolved, cell: Cell) -> Resolved:
    """Take n of a seeded operation has the seed of the first plus n - 1, so that takes differ and repeat."""
    take = cell.each.get("take", 1)
    if not operation.seeded or take == 1:
        return resolved
    seed = (getattr(resolved.params, "seed", 0) + take - 1) % SEED_MODULUS
    return Resolved(resolved.params.model_copy(update={"seed": seed}), resolved.inputs)


def _with_actions(nodes: list[Node], request: Request) -> list[Node]:
    """Reuse what the library has, adopt what is being bought, and make each thing once."""
    keys = list(dict.fromkeys(node.key for node in nodes if node.key))
    known = request.index.known_keys(keys)
    unfinished = request.index.open_keys(keys)
    first: dict[str, str] = {}
    renewed: set[str] = set()
    found: list[Node] = []
    for node in nodes:
        again = bool(request.refresh) and (
            bool(request.refresh & {node.step, "*"}) or any(up in renewed for up in node.upstream)
        )
        if node.action is Action.BLOCKED:
            found.append(node)
        elif node.key in first:
            found.append(replace(node, action=Action.REUSE, twin_of=first[node.key], quote=FREE))
        elif again:
            found.append(replace(node, renew=True))
        elif node.key in known:
            found.append(replace(node, action=Action.REUSE, quote=FREE))
        elif node.key in unfinished:
            found.append(replace(node, action=Action.ADOPT))
        else:
            found.append(node)
        if again:
            renewed.add(node.id)
        if node.key:
            first.setdefault(node.key, node.id)
    return found


def totals_of(nodes: Sequence[Node]) -> Totals:
    """Sums over what will be made; None as soon as one price is not known."""
    paid = [node.quote for node in nodes if node.bought]

    def total(values: Iterable[int | None]) -> int | None:
        result = 0
        for value in values:
            if value is None:
                return None
            result += value
        return result

    count = {action: sum(1 for node in nodes if node.action is action) for action in Action}
    return Totals(
        nodes=len(nodes),
        create=count[Action.CREATE],
        reuse=count[Action.REUSE],
        adopt=count[Action.ADOPT],
        blocked=count[Action.BLOCKED],
        credits_estimate=total(item.credits_estimate for item in paid),
        credits_bound=total(item.credits_bound for item in paid),
        usd_estimate=total(item.usd_estimate for item in paid),
        usd_bound=total(item.usd_bound for item in paid),
        seconds=round(sum(item.seconds for item in paid), 1),
    )


def plan_hash(nodes: Sequence[Node], totals: Totals) -> str:
    """Names what would be made and what it costs: equal for equal plans, whatever the machine."""
    return digest(
        {
            "nodes": [
                [node.id, node.key, node.action, node.quote.credits_bound, node.quote.usd_bound] for node in nodes
            ],
            "credits": totals.credits_bound,
            "usd": totals.usd_bound,
        }
    )


def order_of(loaded: Loaded) -> list[str]:
    """Steps in an order in which each follows those it refers to; otherwise as written."""
    steps = loaded.campaign.steps
    needs = {name: set(references_in(step.with_, "steps")) for name, step in steps.items()}
    ordered: list[str] = []
    while len(ordered) < len(steps):
        ready = [name for name in steps if name not in ordered and needs[name] <= set(ordered)]
        if not ready:
            raise Invalid.of([Problem("cycle", f"steps refer to each other in a circle: {', '.join(needs)}")])
        ordered += ready
    return ordered
