"""Which faults are told of: one row each, by the names that the alert rules have.

The words are what a person reads at night, in both languages. `{subject}` is a carrier, a customer, a source or a file.
A customer is told of those that have words for it (`customer_ja`, `customer_en`), and of no inner matter of ours.
"""

from enum import Enum
from typing import NamedTuple


class Severity(Enum):
    """As the alert rules have it: a person acts now, or in the day."""

    PAGE = "page"
    TICKET = "ticket"


class About(Enum):
    """Whom a fault's subject names."""

    GATEWAY = "gateway"  # nobody: the subject is empty
    CARRIER = "carrier"
    CUSTOMER = "customer"
    SOURCE = "source"
    CERTIFICATE = "certificate"


class Kind(NamedTuple):
    """It is raised when its condition has held for `raise_seconds`, and cleared when it has not for `clear_seconds`.

    `window_seconds` is how far back the condition looks: so long after a start its absence says nothing.
    """

    name: str
    about: About
    severity: Severity
    window_seconds: float
    raise_seconds: float
    clear_seconds: float
    ja: str
    en: str
    effect_ja: str
    effect_en: str
    runbook: str
    customer_ja: str = ""
    customer_en: str = ""


_G, _C, _U, _S, _F = About.GATEWAY, About.CARRIER, About.CUSTOMER, About.SOURCE, About.CERTIFICATE
_P, _T = Severity.PAGE, Severity.TICKET

_ROWS = (
    Kind(
        "CarrierDown", _C, _P, 0, 45, 60,
        "{subject} との接続がすべて切断されています",
        "no bind to {subject} is up",
        "{subject} 宛てのメッセージは有効期限まで順番に待機し、消失はありません。至急のものは間に合いません。",
        "Messages for {subject} wait in order until their validity ends; none is lost. Urgent ones come too late.",
        "carrier-down",
        "{subject} 宛てのSMSの送信が停止しております。お預かりしたSMSは復旧後に順次送信いたします。",
        "SMS to {subject} are not being sent. Messages that we have accepted wait and will be sent after recovery.",
    ),
    Kind(
        "CarrierRefusesBind", _C, _T, 900, 0, 60,
        "{subject} がこちらの接続要求を拒否しています",
        "{subject} refuses what we bind with",
        "拒否された接続は使用できません。すべて拒否されると {subject} 宛ての送信が停止します。",
        "A bind that is refused carries nothing; when all are, nothing is sent to {subject}.",
        "carrier-refuses-bind",
    ),
    Kind(
        "CarrierFlaps", _C, _T, 1_800, 60, 300,
        "{subject} との接続が切断と再接続を繰り返しています",
        "binds to {subject} come and go",
        "送信中のセグメントが結果不明になり、送信が遅くなります。",
        "Segments under way become doubtful, and traffic slows down.",
        "carrier-down",
    ),
    Kind(
        "CarrierSilent", _C, _P, 900, 60, 60,
        "{subject} はメッセージを受け付けていますが、配信結果が届きません",
        "{subject} takes segments and sends no receipts",
        "{subject} 宛てのメッセージの到達状況が分からず、お客様への配信結果の通知が遅れます。",
        "Nobody knows whether messages to {subject} arrive, and customers get their receipts late.",
        "carrier-silent",
        "{subject} 宛てのSMSの配信結果の通知が遅れております。",
        "Delivery receipts of SMS to {subject} are late.",
    ),
    Kind(
        "CarrierErrors", _C, _P, 300, 60, 120,
        "{subject} が送信の多くをエラーで拒否しています",
        "{subject} refuses much of what we send",
        "拒否されたメッセージは、エラーの種別により再送されるか、未達になります。",
        "What is refused is tried again or fails, as the profile has it.",
        "carrier-errors",
        "{subject} 宛てのSMSの一部が送信できない状態です。",
        "A part of the SMS to {subject} cannot be sent.",
    ),
    Kind(
        "CarrierThrottles", _C, _T, 900, 300, 300,
        "{subject} が流量制限による拒否を続けています",
        "{subject} keeps saying later",
        "{subject} 宛ての送信速度が下がり、待ち行列が伸びます。",
        "Traffic to {subject} is slower than the contract, and its queue grows.",
        "carrier-throttles",
    ),
    Kind(
        "ReceiptsLate", _C, _T, 1_800, 300, 300,
        "{subject} からの配信結果が遅れています",
        "receipts of {subject} are late",
        "お客様への配信結果の通知が遅れます。",
        "Customers get their receipts late.",
        "receipts-late",
        "{subject} 宛てのSMSの配信結果の通知が遅れております。",
        "Delivery receipts of SMS to {subject} are late.",
    ),
    Kind(
        "ReceiptsMatchNothing", _C, _T, 3_600, 0, 60,
        "{subject} からの配信結果に、照合できないものがあります",
        "receipts of {subject} match no segment, or say otherwise than the first",
        "該当するメッセージの結果と課金が正しくない可能性があります。",
        "Outcome and billing of these messages may be wrong.",
        "receipts-match-nothing",
    ),
    Kind(
        "SegmentsInDoubt", _C, _T, 600, 0, 60,
        "{subject} へ送信した結果が不明なセグメントがあります",
        "segments to {subject} had no answer",
        "設定により、二重に届くか、届いても課金されない可能性があります。",
        "As the profile has it, some may arrive twice, or not be billed.",
        "segments-in-doubt",
    ),
    Kind(
        "LaneOld", _C, _P, 0, 60, 60,
        "{subject} 宛てのメッセージが長時間待機しています",
        "messages wait too long for {subject}",
        "{subject} 宛てのメッセージの送信が遅れています。",
        "Messages to {subject} leave late.",
        "lane-old",
        "{subject} 宛てのSMSの送信が遅れております。",
        "SMS to {subject} are sent late.",
    ),
    Kind(
        "OutboxGrowing", _U, _P, 0, 300, 60,
        "接続中のお客様 {subject} に配信結果を渡せていません",
        "{subject} is bound, and does not take its receipts",
        "お客様 {subject} は配信結果を受け取れていません。保管期限までは消失しません。",
        "{subject} does not get its receipts; they are kept until their time is over.",
        "outbox-growing",
    ),
    Kind(
        "QuotaUsedUp", _U, _T, 0, 0, 60,
        "お客様 {subject} の送信上限に達しました",
        "a quota of {subject} is used up",
        "上限が更新されるまで、お客様 {subject} のメッセージは受け付けられません。",
        "Messages of {subject} are refused until its quota begins anew.",
        "",
    ),
    Kind(
        "WrongPasswords", _G, _T, 600, 0, 300,
        "誤ったパスワードによる接続が多発しています",
        "many binds with wrong passwords",
        "不正な接続の試み、またはお客様側の設定誤りの可能性があります。",
        "Somebody guesses, or a customer's configuration is wrong.",
        "wrong-passwords",
    ),
    Kind(
        "OneTimePasswordsLate", _G, _P, 300, 60, 120,
        "ワンタイムパスワードの送信が目標（2秒以内）より遅れています",
        "one-time passwords take more than 2 s to the carrier",
        "最優先のメッセージが、通信事業者へ渡されるまでに2秒以上かかっています。",
        "Messages of the highest priority are handed to carriers late.",
        "one-time-passwords-late",
        "ワンタイムパスワードなど最優先のSMSの送信が遅れております。",
        "SMS of the highest priority, such as one-time passwords, are sent late.",
    ),
    Kind(
        "StoreStuck", _G, _P, 0, 15, 30,
        "保存処理が停止しており、新しいメッセージを受け付けられません",
        "nothing becomes durable: customers are told to come later",
        "すべてのお客様に「後で再送」を返しています。受付済みのメッセージは保全されています。",
        "Every customer is told to come later. What was acknowledged is safe.",
        "store-stuck",
        "新しいSMSの受付が停止しております。受付済みのSMSは保全されております。",
        "No new SMS are accepted. Those that were accepted are safe.",
    ),
    Kind(
        "StoreArchiveStuck", _G, _T, 0, 300, 60,
        "終了したメッセージを月次ファイルへ移せません",
        "what ended does not get to its month's file",
        "送受信は続きますが、日々のデータベースが大きくなります。",
        "Traffic goes on; the daily file grows.",
        "store-stuck",
    ),
    Kind(
        "StoreSlow", _G, _P, 300, 60, 120,
        "保存処理が遅くなっています",
        "commits are slow, or intake waits for them",
        "受付の応答が遅れます。",
        "Customers get their answers late.",
        "store-slow",
    ),
    Kind(
        "DiskNearlyFull", _G, _P, 0, 30, 60,
        "データを保存するディスクの空きが少なくなっています",
        "the disk of the state directory is nearly full",
        "満杯になると、新しいメッセージを受け付けられなくなります。",
        "When it is full, no message is accepted any more.",
        "store-stuck",
    ),
    Kind(
        "ClockJumped", _G, _P, 300, 0, 60,
        "サーバーの時計が大きく変更されました",
        "the wall clock was set",
        "配信結果や課金記録の時刻がずれている可能性があります。",
        "Times in receipts and billing records may be wrong.",
        "clock-jumped",
    ),
    Kind(
        "LoopSlow", _G, _T, 300, 60, 120,
        "処理の遅延が発生しています",
        "the loop comes back late",
        "すべての送受信が遅くなります。",
        "All traffic is slower.",
        "loop-slow",
    ),
    Kind(
        "RecordsRepeated", _G, _T, 3_600, 0, 60,
        "課金記録の二重書き込みを検知し、拒否しました",
        "a billing record was written twice and refused by the store",
        "二重請求は発生していません。プログラムの不具合です。",
        "Nobody was billed twice. It is a bug of ours.",
        "records-repeated",
    ),
    Kind(
        "CertificateEnds", _F, _T, 0, 0, 60,
        "証明書（{subject}）の有効期限が近づいています",
        "the certificate of {subject} ends soon",
        "期限を過ぎると、TLSによる接続ができなくなります。",
        "After its end nobody connects over TLS.",
        "certificate-ends",
    ),
    Kind(
        "CertificateEndsSoon", _F, _P, 0, 0, 60,
        "証明書（{subject}）の有効期限まで3日を切りました",
        "the certificate of {subject} ends in less than three days",
        "期限を過ぎると、TLSによる接続ができなくなります。",
        "After its end nobody connects over TLS.",
        "certificate-ends",
    ),
    Kind(
        "LookupSourceDown", _S, _T, 0, 60, 60,
        "番号照会先 {subject} が応答しません",
        "the look-up source {subject} does not answer",
        "番号照会は他の照会先と番号帯で続けます。転出した番号の宛先を誤る可能性があります。",
        "Other sources and number blocks are used; a ported number may be sent to the wrong carrier.",
        "",
    ),
    Kind(
        "ConfigurationRefused", _G, _T, 0, 120, 60,
        "新しい設定ファイルに誤りがあり、読み込まれませんでした",
        "the configuration that was read last was refused",
        "以前の設定のまま動作を続けています。",
        "The one before goes on.",
        "configuration-refused",
    ),
    Kind(
        "ImportedNumbersNotTaken", _G, _T, 0, 60, 60,
        "新しい番号ポータビリティのファイルを読み込めません",
        "the newest imported file of ported numbers cannot be used",
        "以前に読み込んだ内容で照会を続けています。",
        "What was read before goes on.",
        "",
    ),
)  # fmt: skip

KINDS: dict[str, Kind] = {one.name: one for one in _ROWS}

# What a fault is called in one line, whether it holds or is over.
CALLED: dict[str, tuple[str, str]] = {
    "CarrierDown": ("{subject} 接続断", "outage of {subject}"),
    "CarrierRefusesBind": ("{subject} 接続拒否", "bind refused by {subject}"),
    "CarrierFlaps": ("{subject} 接続不安定", "unstable binds to {subject}"),
    "CarrierSilent": ("{subject} 配信結果未着", "no receipts from {subject}"),
    "CarrierErrors": ("{subject} 送信エラー多発", "many errors from {subject}"),
    "CarrierThrottles": ("{subject} 流量制限", "{subject} throttles"),
    "ReceiptsLate": ("{subject} 配信結果遅延", "late receipts from {subject}"),
    "ReceiptsMatchNothing": ("{subject} 配信結果照合不能", "unknown receipts from {subject}"),
    "SegmentsInDoubt": ("{subject} 送信結果不明", "segments in doubt to {subject}"),
    "LaneOld": ("{subject} 送信遅延", "late messages to {subject}"),
    "OutboxGrowing": ("お客様 {subject} 配信結果滞留", "receipts of {subject} pile up"),
    "QuotaUsedUp": ("お客様 {subject} 送信上限到達", "quota of {subject} used up"),
    "WrongPasswords": ("認証失敗多発", "many wrong passwords"),
    "OneTimePasswordsLate": ("至急メッセージ送信遅延", "late one-time passwords"),
    "StoreStuck": ("受付停止（保存処理停止）", "store stuck"),
    "StoreArchiveStuck": ("月次ファイル書き込み停止", "archive stuck"),
    "StoreSlow": ("保存処理遅延", "store slow"),
    "DiskNearlyFull": ("ディスク空き容量不足", "disk nearly full"),
    "ClockJumped": ("サーバー時刻変更", "clock jumped"),
    "LoopSlow": ("処理遅延", "loop slow"),
    "RecordsRepeated": ("課金記録重複検知", "repeated billing records"),
    "CertificateEnds": ("証明書期限接近（{subject}）", "certificate of {subject} ends"),
    "CertificateEndsSoon": ("証明書期限切迫（{subject}）", "certificate of {subject} ends in days"),
    "LookupSourceDown": ("番号照会先 {subject} 応答なし", "outage of look-up source {subject}"),
    "ConfigurationRefused": ("設定ファイル読込不可", "configuration refused"),
    "ImportedNumbersNotTaken": ("番号ポータビリティファイル読込不可", "imported numbers not taken"),
}

# What is told of a fault beside its words: how the facts are called in Japanese and in English.
FACTS: dict[str, tuple[str, str]] = {
    "binds": ("接続数", "binds up"),
    "waiting": ("送信待ちセグメント数", "segments that wait"),
    "percent": ("割合（%）", "percent"),
    "count": ("件数", "how many"),
    "seconds": ("秒数", "seconds"),
    "free_percent": ("空き容量（%）", "percent free"),
    "days_left": ("残り日数", "days left"),
    "why": ("詳細", "why"),
}
