"""Tasks and timers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub.resources.v1.task_pb2 import (
    TASK_KIND_HANDOFF,
    TASK_KIND_QUERY,
    TASK_KIND_SUBMIT,
    TASK_KIND_WITHDRAW,
    TASK_PHASE_PERSON,
    Task,
)
from beianhub_core.store.port import Store


async def _due(store: Store, clock: Any, *, tenant: str = "", limit: int = 10) -> list[str]:
    plugins = ["tencent", "aliyun"]
    due = await store.due_tasks(tenant=tenant, plugins=plugins, now=clock.now(), limit=limit)
    return [task.name.rpartition("/")[2] for task in due]


async def test_open_tasks_are_offered_when_due(store: Store, clock: Any, samples: Any) -> None:
    """Open tasks are offered oldest first from their due time on, by tenant and plugin."""
    now = clock.now()
    tasks = [
        samples.task("later", "a", kind=TASK_KIND_QUERY, due=now + timedelta(seconds=1)),
        samples.task("second", "a", kind=TASK_KIND_QUERY, due=now - timedelta(seconds=1)),
        samples.task("first", "a", due=now - timedelta(seconds=2)),
        samples.task("huawei", "a", plugin="huawei"),
    ]
    await store.execute(samples.unit("a", tasks=tasks))
    await store.execute(samples.unit("b", tenant="u", tasks=[samples.task("theirs", "b", tenant="u", due=now)]))
    assert await _due(store, clock) == ["first", "second", "theirs"]
    assert await _due(store, clock, tenant="t") == ["first", "second"]
    assert await _due(store, clock, limit=1) == ["first"]
    assert await store.due_tasks(tenant="", plugins=[], now=now, limit=10) == []
    clock.forward(seconds=1)
    assert await _due(store, clock, tenant="t") == ["first", "second", "later"]


async def test_a_subject_has_one_effect_at_a_time(store: Store, clock: Any, samples: Any) -> None:
    """Of a subject's effectful tasks the oldest is offered, and none while one is claimed; queries go on."""
    now = clock.now()
    submit = samples.task("submit", "a", due=now - timedelta(seconds=3))
    others = [
        samples.task("withdraw", "a", kind=TASK_KIND_WITHDRAW, due=now - timedelta(seconds=2)),
        samples.task("query", "a", kind=TASK_KIND_QUERY, due=now - timedelta(seconds=1)),
    ]
    await store.execute(samples.unit("a", tasks=[submit, *others]))
    assert await _due(store, clock) == ["submit", "query"]
    assert await _due(store, clock, limit=2) == ["submit", "query"]
    claimed = samples.task("submit", "a", state=Task.STATE_CLAIMED, lease=now + timedelta(seconds=30))
    await store.execute(samples.unit("a", rows=[claimed]))
    assert await _due(store, clock) == ["query"]
    clock.forward(seconds=30)
    assert await _due(store, clock) == ["withdraw", "query"]
    await store.execute(samples.unit("a", tasks=[submit], rows=[claimed]))
    assert await _due(store, clock) == ["submit"]


async def test_many_effects_of_one_subject_hide_no_other(store: Store, clock: Any, samples: Any) -> None:
    """A page full of one subject's effectful tasks does not keep other subjects' tasks from being offered."""
    many = [samples.task(f"a{n}", "a") for n in range(20)]
    await store.execute(samples.unit("a", tasks=many))
    await store.execute(samples.unit("b", tasks=[samples.task("b", "b", due=clock.now())]))
    assert await _due(store, clock, limit=3) == ["a0", "b"]


async def test_hand_offs_are_for_people(store: Store, clock: Any, samples: Any) -> None:
    """A hand-off is offered to a host until its form is prepared; then it waits for a person, and is only listed."""
    form = samples.task("form", "a", kind=TASK_KIND_HANDOFF)
    await store.execute(samples.unit("a", tasks=[form]))
    assert await _due(store, clock) == ["form"]
    form.phase = TASK_PHASE_PERSON
    await store.execute(samples.unit("a", tasks=[form]))
    assert await _due(store, clock) == []
    assert await store.next_due() is None
    listed = await store.list_tasks(
        "t", kinds=[TASK_KIND_HANDOFF], states=[Task.STATE_OPEN], order="", after="", limit=9
    )
    assert [task.name for task in listed] == ["tenants/t/tasks/form"]


async def test_a_disabled_plugin_is_offered_nothing(store: Store, clock: Any, samples: Any) -> None:
    """While its plugin is disabled a task is neither offered nor waited for."""
    await store.put_plugins([Plugin(name="plugins/tencent", state=Plugin.STATE_READY)])
    await store.execute(samples.unit("a", tasks=[samples.task("submit", "a")]))
    await store.set_plugin_enabled("tencent", enabled=False)
    assert await _due(store, clock) == []
    assert await store.next_due() is None
    await store.set_plugin_enabled("tencent", enabled=True)
    assert await _due(store, clock) == ["submit"]


async def test_rows_follow_the_record(store: Store, clock: Any, samples: Any) -> None:
    """A row that the record no longer holds open is closed, unless the plan has ended it itself."""
    tasks = [samples.task("done", "a"), samples.task("dropped", "a"), samples.task("kept", "a")]
    await store.execute(samples.unit("a", tasks=tasks))
    done = samples.task("done", "a", state=Task.STATE_DONE)
    await store.execute(samples.unit("a", tasks=[tasks[2]], rows=[done]))
    states = {}
    for name in ("done", "dropped", "kept"):
        row = await store.task("t", name)
        assert row is not None
        states[name] = row.state
    assert states == {"done": Task.STATE_DONE, "dropped": Task.STATE_CLOSED, "kept": Task.STATE_OPEN}
    assert await _due(store, clock) == ["kept"]
    assert await store.subject_of_task("t", "kept") == "a"
    assert await store.task("t", "none") is None


async def test_a_plan_sees_the_rows_of_open_tasks(store: Store, samples: Any) -> None:
    """A plan is given the rows, not the tasks as they were opened, and only those that the record holds open."""
    tasks = [samples.task("one", "a"), samples.task("two", "a")]
    await store.execute(samples.unit("a", tasks=tasks))
    claimed = samples.task("one", "a", state=Task.STATE_CLAIMED)
    await store.execute(samples.unit("a", tasks=tasks[:1], rows=[claimed]))
    seen = {}

    def look(loaded: Any) -> Any:
        seen.update({name: task.state for name, task in loaded.tasks.items()})
        return samples.changes(("t", "a"), loaded)

    await store.execute(samples.plan("a", look))
    assert seen == {"tenants/t/tasks/one": Task.STATE_CLAIMED}


async def test_tasks_are_listed_by_kind_state_and_order(store: Store, samples: Any) -> None:
    """Filters narrow a listing; paging goes by creation."""
    tasks = [
        samples.task("z", "a", order="o1"),
        samples.task("y", "a", kind=TASK_KIND_QUERY, order="o1"),
        samples.task("x", "a", kind=TASK_KIND_QUERY, order="o2"),
    ]
    await store.execute(samples.unit("a", tasks=tasks))

    async def listed(**filters: Any) -> list[str]:
        full = {"kinds": [], "states": [], "order": "", "after": "", "limit": 10} | filters
        return [task.name.rpartition("/")[2] for task in await store.list_tasks("t", **full)]

    assert await listed() == ["z", "y", "x"]
    assert await listed(after="z", limit=1) == ["y"]
    assert await listed(kinds=[TASK_KIND_QUERY, TASK_KIND_SUBMIT], order="o1") == ["z", "y"]
    assert await listed(states=[Task.STATE_DONE]) == []


async def test_timers_follow_the_record(store: Store, clock: Any, samples: Any) -> None:
    """An order's deadlines are timers: they fire oldest first, move and go with the record."""
    now = clock.now()
    deadlines = {"IDLE": now + timedelta(days=45), "MIIT_SMS": now + timedelta(hours=24)}
    await store.execute(samples.unit("a", orders=[samples.order("o", "a", deadlines=deadlines)]))
    assert await store.next_due() == now + timedelta(hours=24)
    clock.forward(days=45)
    due = await store.due_timers(now=clock.now(), limit=10)
    assert [(timer.subject, timer.key) for timer in due] == [("a", "o/MIIT_SMS"), ("a", "o/IDLE")]
    assert due[0].time == now + timedelta(hours=24)
    moved = {"IDLE": clock.now() + timedelta(days=1)}
    await store.execute(samples.unit("a", orders=[samples.order("o", "a", deadlines=moved)]))
    assert await store.due_timers(now=clock.now(), limit=10) == []
    assert await store.next_due() == clock.now() + timedelta(days=1)
    await store.execute(samples.unit("a", orders=[]))
    assert await store.next_due() is None


async def test_the_next_due_time_counts_tasks_and_leases(store: Store, clock: Any, samples: Any) -> None:
    """What is waited for is the earliest of open tasks, ends of leases and timers."""
    now = clock.now()
    tasks = [samples.task("open", "a", kind=TASK_KIND_QUERY, due=now + timedelta(minutes=2)), samples.task("held", "b")]
    claimed = samples.task("held", "b", state=Task.STATE_CLAIMED, lease=now + timedelta(minutes=1))
    await store.execute(samples.unit("a", tasks=tasks[:1]))
    assert await store.next_due() == now + timedelta(minutes=2)
    await store.execute(samples.unit("b", tasks=tasks[1:], rows=[claimed]))
    assert await store.next_due() == now + timedelta(minutes=1)
