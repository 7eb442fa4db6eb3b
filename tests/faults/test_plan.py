import signal
import subprocess
import sys
from pathlib import Path

from tests.faults.plan import Action, Plan, Point

ROOT = Path(__file__).parents[2]


def test_it_acts_at_the_nth_time_as_often_as_it_should_and_at_its_point_only(tmp_path: Path) -> None:
    planner, suffered = Plan(tmp_path / "plan"), Plan(tmp_path / "plan")
    assert suffered.reach(Point.DISK) is Action.NOTHING
    planner.arm(Point.DISK, 3, Action.FULL, times=2)
    assert suffered.reach(Point.STORE_ASKED) is Action.NOTHING
    found = [suffered.reach(Point.DISK) for _ in range(6)]
    assert found == [Action.NOTHING, Action.NOTHING, Action.FULL, Action.FULL, Action.NOTHING, Action.NOTHING]
    assert planner.hits == 2
    assert planner.disarm() == 2
    assert planner.hits == 0


def test_it_can_be_disarmed_before_it_acts(tmp_path: Path) -> None:
    plan = Plan(tmp_path / "plan")
    plan.arm(Point.DISK, 1, Action.BROKEN)
    assert plan.disarm() == 0
    assert plan.reach(Point.DISK) is Action.NOTHING


def test_a_kill_is_counted_by_who_is_left(tmp_path: Path) -> None:
    plan = Plan(tmp_path / "plan")
    plan.arm(Point.STORE_ASKED, 2, Action.KILL)
    program = (
        "import sys; from pathlib import Path; from tests.faults.plan import Plan, Point\n"
        "plan = Plan(Path(sys.argv[1]))\n"
        "for number in range(3): plan.reach(Point.STORE_ASKED); print(number, flush=True)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "plan")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == b"0\n"
    assert plan.hits == 1
