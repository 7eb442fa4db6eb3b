"""Actions in the order of their times, then of their planning; what an action plans for at once is done too."""

from collections.abc import Callable

from simulators.timetable import Timetable


def test_order_and_due() -> None:
    table, done = Timetable(), list[str]()

    def note(name: str) -> Callable[[], None]:
        return lambda: done.append(name)

    assert table.tell(100.0)
    for seconds, name in ((2.0, "c"), (1.0, "a"), (1.0, "b")):
        table.after(seconds, note(name))
    assert table.due == 101.0
    table.run()
    assert done == []
    assert not table.tell(101.0)
    table.run()
    assert (done, table.due, table.seconds) == (["a", "b"], 102.0, 1.0)


def test_what_is_planned_for_now_is_done_in_the_same_run() -> None:
    table, done = Timetable(), list[int]()

    def again() -> None:
        done.append(len(done))
        if len(done) < 3:
            table.after(0.0, again)

    table.tell(0.0)
    table.after(0.0, again)
    table.run()
    assert (done, table.due) == ([0, 1, 2], None)


def test_serials_rise() -> None:
    table = Timetable()
    assert table.serial() < table.serial()
