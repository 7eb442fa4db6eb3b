"""Invoices for tests of what shows them."""

from gateway.billing.tax import Reading, Rounding
from gateway.finance.invoice import Invoice, Item, Party, rates_of

ITEMS = (
    Item(
        "messages", "SMS配信料 第一モバイル (認証コード)", 7_001, 900, 6_300_900, 10, "one", "otp", "standard/1", 50_000
    ),
    Item("messages", "SMS配信料 第二モバイル", 3_000, 900, 2_700_000, 10, "two", "", "standard/1", None),
    Item("check", "誤配信防止 (宛先確認)", 1_001, 350, 350_350, 10),
    Item("option", "送信元番号変更", 1, 5_900_000, 5_900_000, 10),
    Item("correction", "調整: 二重計上 (record 7)", 1, -4_750_950, -4_750_950, 10),
)


def bill(
    items: tuple[Item, ...] = ITEMS, number: str = "2026-11-shop", prepaid: int = 0, name: str = "例示商事株式会社"
) -> Invoice:
    """An issued invoice."""
    rates = rates_of(items, Rounding.DOWN, Reading.WHOLE_YEN)
    return Invoice(
        number, "shop", "2026-11", "2026-12-01", "2026-11-01", "2026-11-30", "2026-12-31",
        Party("例示通信株式会社", ("東京都千代田区 1-1",), "T1234567890123"), Party(name, ("東京都港区 1-1",)), items,
        rates, sum(one.net_yen + one.tax_yen for one in rates), 10_001, {"delivered": 9_000, "failed": 120},
        "down", "whole_yen", prepaid, ("例示銀行 本店 普通 1234567",),
    )  # fmt: skip


PRINTED = (
    "請求書 (適格請求書)",
    "例示通信株式会社",
    "登録番号 T1234567890123",
    "例示商事株式会社 御中",
    "2026-11-shop",
    "2026年12月1日",
    "2026年11月1日 ～ 2026年11月30日",
    "2026年12月31日",
    "115,503 円",
    "SMS配信料 第一モバイル (認証コード)",
    "7,001",
    "63,009",
    "3.5",
    "3,503.5",
    "送信元番号変更",
    "59,000",
    "-47,509.5",
    "10% 対象",
    "105,003 円",
    "10,500 円",
    "例示銀行 本店 普通 1234567",
)
