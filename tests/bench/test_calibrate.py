from bench.calibrate import calibrate


def test_it_takes_some_time_and_about_the_same_again() -> None:
    first, second = calibrate(3, 500), calibrate(3, 500)
    assert 1 < first < 10_000
    assert 1 / 3 < first / second < 3
