"""The folders in which nodes are made."""

from __future__ import annotations

from contextlib import ExitStack

from pressroom.services import workspaces
from tests.support.studio import Studio


def test_who_is_late_to_let_go_takes_nothing_from_who_took_over(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: two\nsteps: {scene: {uses: draw}}"))
    (node,) = run.plan.nodes
    late = ExitStack()
    before = late.enter_context(workspaces.opened(studio.context, run, node, {}))

    with workspaces.opened(studio.context, run, node, {}) as work:
        (work.folder / "made.svg").write_text("kept", encoding="utf-8")
        late.close()

        assert not before.folder.exists()
        assert (work.folder / "made.svg").read_text(encoding="utf-8") == "kept"
    assert list(studio.context.work.glob("*/*")) == []
