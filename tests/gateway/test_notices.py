"""Notices from the fault to the mailbox: a world that is hurt, time moved by hand, real SMTP and HTTP, and crashes."""

from typing import Any

import orjson
import pytest

from gateway.flow.announcements import Occasion
from gateway.net.webhook import SIGNATURE, TIMESTAMP, signature
from gateway.notices import audience_of
from gateway.store.contract import Kept
from simulators.ports import free_port
from tests.gateway.flow.world import message, settings
from tests.gateway.net.post_office import post_office, receiver, until
from tests.gateway.noticed import SHOP, noticed, noticing

DOWN = "【障害】One (one) 接続断（CarrierDown）"
UP = "【復旧】One (one) 接続断（CarrierDown）"


async def test_the_first_notice_is_in_the_mailbox_within_a_minute_and_so_is_the_recovery() -> None:
    async with post_office() as office, noticed(noticing(office.port)) as one:
        carrier = one.both_up()
        assert one.seconds(120) == 120
        assert office.mails == []
        one.world.cut(carrier)
        assert one.seconds(120, lambda: bool(len(one.desk.couriers["mail"]))) < 60
        await office.until(2)
        assert sorted(office.subjects()) == sorted([DOWN, "[Fault] outage of One (one) (CarrierDown)"])
        assert {str(mail["To"]) for mail in office.mails} == {"night@example.jp", "day@example.jp"}
        await one.sent()
        one.world.carrier("one")
        one.seconds(120)
        await office.until(4)
        assert UP in office.subjects()
        (first, last) = (mail for mail in office.mails if mail["To"] == "night@example.jp")
        assert last["References"] == first["Message-ID"]
        await one.sent()
        assert one.desk.counts["mail", "fault", "sent"] == one.desk.counts["mail", "recovery", "sent"] == 2
        assert [row for row in one.world.store.disk.kept.values() if row.kind == "notice"] == []


async def test_a_crash_while_nothing_can_be_sent_loses_no_notice_and_repeats_none() -> None:
    port = free_port()
    configured = noticing(port)
    async with noticed(configured) as one:
        one.both_up()
        one.world.cut(one.world._pairs[0][1])
        one.seconds(60)
        await until(lambda: one.desk.couriers["mail"].counts.retries >= 2)
        one.world.pump()
    async with post_office(port=port) as office:
        async with noticed(configured, one) as two:
            await office.until(2)
            await two.sent()
            assert DOWN in office.subjects()
            two.world.carrier("two")
            two.seconds(600)
            assert len(two.desk.couriers["mail"]) == 0, "it is down still, and was told"
        async with noticed(configured, two) as three:
            three.both_up()
            three.seconds(120)
            await office.until(4)
            await three.sent()
            assert office.subjects().count(DOWN) == office.subjects().count(UP) == 1
            three.seconds(300)
            assert len(three.desk.couriers["mail"]) == 0


async def test_a_server_that_comes_back_gets_what_waited_and_traffic_never_noticed() -> None:
    port = free_port()
    async with noticed(noticing(port)) as one:
        one.both_up()
        customer = one.world.customer()
        one.store.stuck = "database or disk is full"
        one.seconds(20)
        await until(lambda: one.desk.couriers["mail"].counts.retries == 2)
        assert one.world.submit(customer, message()).command_status == 0
        async with post_office(port=port) as office:
            one.world.advance(1.0)
            await office.until(2)
            assert "【障害】受付停止（保存処理停止）（StoreStuck）" in office.subjects()
            assert "詳細: database or disk is full" in office.mails[0].get_content() + office.mails[1].get_content()
            await one.sent()


async def test_a_mailbox_that_is_gone_is_not_tried_again() -> None:
    async with post_office() as office, noticed(noticing(office.port)) as one:
        office.refuse = "550 no such user"
        one.both_up()
        one.store.stuck = "x"
        one.seconds(20)
        await one.sent()
        assert one.desk.counts["mail", "fault", "never"] == 2
        assert one.woken == 2


async def test_what_flaps_is_bounded() -> None:
    async with post_office() as office, noticed(noticing(office.port, most_an_hour=4)) as one:
        one.both_up()
        for _ in range(10):
            one.store.stuck = "x"
            one.seconds(20)
            one.store.stuck = ""
            one.seconds(40)
        await one.sent()
        mine = [str(mail["Subject"]) for mail in office.mails if mail["To"] == "night@example.jp"]
        assert [subject[: subject.index("】") + 1] for subject in mine] == [
            "【障害】",
            "【復旧】",
            "【障害】",
            "【障害・断続】",
        ]


async def test_a_webhook_is_signed_tried_again_and_judged() -> None:
    hook = {"secret": "s3cret", "language": "ja", "least": "page"}
    async with receiver(500, 0, 200) as one, post_office() as office:
        webhooks = {"chat": hook | {"url": one.url, "deadline_seconds": 0.2}}
        async with noticed(noticing(office.port, webhooks=webhooks)) as gateway:
            gateway.both_up()
            gateway.store.stuck = "x"
            gateway.seconds(16)
            for tries in (1, 2):
                await until(lambda tries=tries: gateway.desk.couriers["webhook chat"].counts.retries == tries)  # type: ignore[misc]
                gateway.seconds(6)
            await gateway.sent("webhook chat")
    assert len(one.requests) == 3
    assert len({body for _, body in one.requests}) == len({head["Idempotency-Key"] for head, _ in one.requests}) == 1
    head, body = one.requests[-1]
    assert head[SIGNATURE] == signature("s3cret", head[TIMESTAMP], body)
    document = orjson.loads(body)
    assert (document["fault"], document["facts"]) == ("StoreStuck", {"why": "x"})
    assert gateway.desk.counts["webhook chat", "fault", "sent"] == 1


async def test_faults_that_customers_notice_announce_themselves_also_over_a_restart() -> None:
    async with post_office() as office:
        configured = noticing(office.port, announce=True)
        async with noticed(configured) as one:
            carrier = one.both_up()
            one.world.cut(carrier)
            one.seconds(60)
            await office.until(3)
            (shown,) = one.desk.announcements.current(one.world.clock.wall_ms())
            assert (shown.kind, shown.about) == ("fault", "one")
            assert "【障害のお知らせ】One 宛てのSMSの送信が停止しております" in office.subjects()
            await one.sent()
        async with noticed(
            noticing(office.port, announce=False), one
        ) as two:  # what was announced is ended all the same
            two.both_up()
            two.seconds(120)
            await office.until(6)
            (shown,) = two.desk.announcements.current(two.world.clock.wall_ms())
            assert shown.kind == "recovered"
            (mail,) = (mail for mail in office.mails[3:] if mail["To"] == "it@insurer.example.jp")
            assert str(mail["Subject"]).startswith("【復旧のお知らせ】")
            assert "平素より" in mail.get_content()
            await two.sent()
            assert not [row for row in two.world.store.disk.kept.values() if row.kind == "fault_announced"]


async def test_reminders_of_maintenance_are_mailed() -> None:
    async with post_office() as office, noticed(noticing(office.port, remind_hours=[1.0])) as one:
        one.both_up()
        now_ms = one.world.clock.wall_ms()
        hour = 3_600_000
        one.desk.announcements.add("maintenance", now_ms + hour + 5_000, now_ms + 3 * hour, "作業", "Work", mail=True)
        one.seconds(10)
        await office.until(3)
        await one.sent()
        assert {"【メンテナンスのお知らせ・再掲】作業", "[Planned maintenance, reminder] Work"} == set(
            office.subjects()
        )


async def test_what_is_of_the_configuration_no_more_is_forgotten() -> None:
    kept = [
        Kept("fault", "three", b"CarrierDown", b"{}", 0),
        Kept("notice", "webhook gone", b"key to", orjson.dumps(("key", "fault", "", "{}", 0)), 0),
    ]
    async with post_office() as office, noticed(noticing(office.port)) as one:
        for row in kept:
            one.world.store.write(row)
        one.world.pump()
        async with noticed(one.world.settings, one) as two:
            two.world.pump()
            assert two.desk.faults.open == []
            assert not {row.kind for row in two.world.store.disk.kept.values()} & {"fault", "notice"}


async def test_a_bug_of_ours_ends_the_watch_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async with post_office() as office, noticed(noticing(office.port)) as one:
        one.both_up()
        calls: list[int] = []

        def broken(*_: Any) -> Any:
            calls.append(1)
            raise ZeroDivisionError

        monkeypatch.setattr(one.desk.faults, "look", broken)
        one.seconds(5)
        assert calls == [1]


async def test_a_gateway_that_tells_nobody_still_knows_its_faults() -> None:
    async with noticed(settings()) as one:
        one.seconds(60)
        assert sorted(fault.subject for fault in one.desk.faults.open) == ["one", "two"]
        assert one.desk.couriers == {}


def test_the_audience_is_what_the_configuration_says() -> None:
    customers = {"shop": SHOP | {"notices": {"to": ["a@b.jp"], "carriers": ["two"]}}, "mall": SHOP | {"system_id": "m"}}
    assert audience_of(settings()).customers == ()
    whole = settings(customers=customers, notices=noticing(1).notices.model_dump(mode="json"))
    told = audience_of(whole)
    assert [one.to for one in told.recipients] == ["night@example.jp", "day@example.jp"]
    assert [(one.to, one.carriers) for one in told.customers] == [("a@b.jp", frozenset({"two"}))]


async def test_letters_that_are_one_too_many_are_counted_and_not_kept() -> None:
    async with post_office() as office, noticed(noticing(office.port)) as one:
        office.hang = True
        one.both_up()
        ends = one.world.clock.wall_ms() + 3_600_000
        shown = one.desk.announcements.add("maintenance", 0, ends, "作業", "Work")
        for number in range(2_000):
            one.desk.send(one.desk.letters.of_announcement(shown, Occasion.REMINDER, number))
        one.world.pump()
        assert one.desk.counts["mail", "announcement", "refused"] == 1_000
        one.world.pump()
        assert len([row for row in one.world.store.disk.kept.values() if row.kind == "notice"]) == 5_000
