"""Many sessions one after the other leave nothing behind in the server. They speak to it as a browser does."""

from __future__ import annotations

import uuid
from contextlib import ExitStack

import pytest

psutil = pytest.importorskip("psutil")
pytest.importorskip("solara", reason="the page is an extra: pip install 'planb[page]'")

from page_server import let_threads_end, visit  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

pytestmark = pytest.mark.alone
MB = 2**20


def test_fifty_sessions_leave_no_memory_behind(server):
    process, after = psutil.Process(server.process.pid), {}
    for session in range(1, 51):
        visit(server, f"world={session % 10}&step=60")
        if session % 10 == 0:
            assert server.comes_to_rest()
            after[session] = process.memory_info().rss // MB
    print("MB after so many sessions:", after)
    assert after[50] - after[20] < 30, after  # a session that stayed would be more than two: 75 and more


def test_forty_visitors_at_once_take_their_threads_along_when_they_go(server):
    process = psutil.Process(server.process.pid)
    visit(server, "step=60")
    assert server.comes_to_rest()
    alone = process.num_threads()
    with ExitStack() as open_pages:
        for _ in range(40):
            where = (
                f"ws://127.0.0.1:{server.port}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()}"
            )
            open_pages.enter_context(connect(where))
        assert process.num_threads() >= alone + 30  # one each, and some are still on their way
    assert server.comes_to_rest()
    let_threads_end(process, most=alone + 5, before=alone)


def test_a_visitor_who_leaves_as_a_thread_ends_meets_no_error(monkeypatch):
    from solara.server import kernel, kernel_context

    from experiments.page.guard import doors
    from experiments.page.server import guarded

    monkeypatch.setattr(kernel_context, "current_context", kernel_context.current_context)  # put back afterwards
    guarded(doors("127.0.0.1", 8765))
    visitor = kernel_context.VirtualKernelContext(id="visitor", kernel=kernel.Kernel(), session_id="his")

    class WithOneThatEnds(type(kernel_context.current_context)):
        def copy(self):  # Solara looks at a copy, and by then the thread may be gone
            return super().copy() | {"a thread that has ended": visitor}

    monkeypatch.setattr(kernel_context, "current_context", WithOneThatEnds())
    visitor.close()
    assert visitor.closed_event.is_set()
