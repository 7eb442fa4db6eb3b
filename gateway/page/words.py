"""All words of the page, in Japanese and English. One table: whoever adds a word adds it in both."""

from collections.abc import Mapping
from typing import NamedTuple

JAPANESE, ENGLISH = "ja", "en"
LANGUAGES = {JAPANESE: "日本語", ENGLISH: "English"}
MOST_PREFERENCES = 10  # of an Accept-Language that are looked at


class Word(NamedTuple):
    """`{name}` in it is filled in."""

    ja: str
    en: str


WORDS: dict[str, Word] = {
    # Every page
    "title": Word("SMPPゲートウェイ", "SMPP gateway"),
    "overview": Word("概況", "Overview"),
    "customers": Word("お客様", "Customers"),
    "search": Word("メッセージ検索", "Find a message"),
    "operate": Word("操作", "Operate"),
    "sign_in": Word("ログイン", "Sign in"),
    "sign_out": Word("ログアウト", "Sign out"),
    "skip": Word("本文へ", "Skip to the content"),
    "navigation": Word("ページ", "Pages"),
    "as_of": Word("{time} 現在 (日本時間)", "As of {time} (Japan)"),
    "up_for": Word("稼働 {span}", "up for {span}"),
    "nothing_found": Word("該当するものがありません。", "Nothing is found."),
    "not_found": Word("ページがありません", "There is no such page"),
    "back": Word("戻る", "Back"),
    "none": Word("なし", "none"),
    "yes": Word("はい", "yes"),
    "no": Word("いいえ", "no"),
    # How it is
    "good": Word("正常に稼働しています", "All is well"),
    "note": Word("正常に稼働しています。運用者が止めているものがあります", "Well; an operator holds something back"),
    "warn": Word("注意が必要です", "Needs attention"),
    "bad": Word("障害が起きています", "Something is wrong"),
    "trouble_draining": Word(
        "停止の準備中です。新しい受付をしていません。", "It is being stopped: nothing new is taken."
    ),
    "trouble_store_stuck": Word(
        "ストアに書き込めません: {why}。受付は止まっています。",
        "The store cannot be written: {why}. Intake stands still.",
    ),
    "trouble_archive_stuck": Word(
        "月次ファイルに書き込めません: {why}。配信は続いています。",
        "The month's file cannot be written: {why}. Traffic goes on.",
    ),
    "trouble_store_behind": Word(
        "ストアが遅れています。受付を待たせています。", "The store is behind: intake waits for it."
    ),
    "trouble_configuration_refused": Word(
        "最後に読み込んだ設定ファイルに誤りがありました。以前の設定で動作しています。",
        "The configuration that was read last was refused; the one before holds.",
    ),
    "trouble_carrier_down": Word(
        "{name}: 接続がありません。{waiting} 件が待っています。", "{name}: no bind is up; {waiting} wait."
    ),
    "trouble_binds_down": Word(
        "{name}: {binds} 本のうち {up} 本だけ接続中です。", "{name}: only {up} of {binds} binds are up."
    ),
    "trouble_binds_drained": Word(
        "{name}: {drained} 本の接続を運用者が外しています。", "{name}: an operator took {drained} binds out of service."
    ),
    "trouble_carrier_held": Word(
        "{name}: 運用者が送信を止めています。{waiting} 件が待っています。",
        "{name}: held by an operator; {waiting} wait.",
    ),
    "trouble_carrier_refuses": Word(
        "{name}: 事業者が送信を抑えるよう求めています。", "{name}: the carrier asks us to slow down."
    ),
    "trouble_hint": Word("{name}: 設定を確かめてください: {hint}", "{name}: check the profile: {hint}"),
    "trouble_held_customers": Word(
        "送信を止めているお客様 {count}: {names}", "Customers held by an operator, {count}: {names}"
    ),
    "trouble_drained_customers": Word(
        "接続を外しているお客様 {count}: {names}", "Customers taken out of service by an operator, {count}: {names}"
    ),
    # Announcements
    "announcements": Word("お知らせ", "Announcements"),
    "announcement_fault": Word("障害", "Fault"),
    "announcement_maintenance": Word("計画メンテナンス", "Planned maintenance"),
    "announcement_recovered": Word("復旧", "Recovered"),
    "from_on": Word("{begins} から", "from {begins}"),
    "from_to": Word("{begins} から {ends} まで", "{begins} to {ends}"),
    # Throughput
    "throughput": Word("この 10 分間", "The last ten minutes"),
    "accepted": Word("受付", "Accepted"),
    "sent": Word("事業者へ送信", "Sent to carriers"),
    "handed_over": Word("受取通知の引き渡し", "Receipts handed over"),
    "per_second": Word("件/秒", "per second"),
    "peak": Word("最大 {rate}", "peak {rate}"),
    "messages_unit": Word("メッセージ", "messages"),
    "segments_unit": Word("セグメント", "segments"),
    "receipts_unit": Word("受取通知", "receipts"),
    # Carriers and binds
    "carriers": Word("携帯電話事業者", "Carriers"),
    "carrier": Word("事業者", "Carrier"),
    "state": Word("状態", "State"),
    "binds": Word("接続", "Binds"),
    "bind": Word("接続", "Bind"),
    "window": Word("ウィンドウ", "Window"),
    "rate": Word("速度 (実績 / 許容、毎秒)", "Rate (used / allowed, per second)"),
    "limits": Word("何が速度を決めているか", "What limits us"),
    "waiting": Word("待ち", "Waiting"),
    "on_disk": Word("ディスク上", "On disk"),
    "in_memory": Word("メモリ上", "In memory"),
    "oldest": Word("最も古いもの", "Oldest"),
    "awaiting_receipt": Word("受取通知待ち", "Awaiting receipts"),
    "lanes": Word("優先度ごとの待ち", "Lanes"),
    "priority": Word("優先度", "Priority"),
    "service": Word("運用", "Service"),
    "refused": Word("拒否", "Refused"),
    "last_refusal": Word("直前の拒否", "Last refusal"),
    "refused_by_carrier": Word("事業者が拒否したもの", "What the carrier refused"),
    "who_waits": Word("待ちの多いお客様", "Who waits most"),
    "since_start": Word("起動からの数", "Since the start"),
    "in_doubt": Word("送信結果が不明", "In doubt"),
    "answers_lost": Word("応答がなかったもの", "Answers that never came"),
    "receipts_early": Word("応答より早い受取通知", "Receipts before their response"),
    "receipts_unknown": Word("照合できない受取通知", "Receipts that match nothing"),
    "expired": Word("期限切れ", "Expired"),
    "sent_total": Word("送信したセグメント", "Segments sent"),
    "drain_in_service": Word("運用中", "in service"),
    "drain_answers_are_awaited,_then_it_unbinds": Word("外しています", "being taken out"),
    "drain_out_of_service": Word("外しました", "taken out"),
    "bind_down": Word("切断", "down"),
    "state_up": Word("正常", "up"),
    "state_partly": Word("一部切断", "partly up"),
    "state_down": Word("切断", "down"),
    "state_held": Word("停止中", "held"),
    "state_drained": Word("外しています", "out of service"),
    "limit_nothing": Word("制限なし", "nothing"),
    "limit_rate": Word("契約の速度", "the contract's rate"),
    "limit_window": Word("ウィンドウが一杯", "full windows"),
    "limit_carrier_refuses": Word("事業者の要請", "the carrier says later"),
    "limit_carrier_down": Word("接続なし", "no bind is up"),
    "limit_look_up": Word("番号の照会", "look-ups"),
    "limit_store": Word("ストア", "the store"),
    "limit_schedule": Word("送信時間", "its hours"),
    "limit_quota": Word("送信数の上限", "its quota"),
    "limit_overload": Word("混雑", "overload"),
    "limit_held": Word("運用者による停止", "held by an operator"),
    # Customers
    "customer": Word("お客様", "Customer"),
    "system_id": Word("system_id", "system_id"),
    "connections": Word("接続", "Binds"),
    "from_where": Word("接続元", "From"),
    "under_way": Word("処理中", "Under way"),
    "owed": Word("未引き渡しの受取通知", "Receipts owed"),
    "receipts_in_flight": Word("送信中の受取通知", "Receipts on their way"),
    "settled": Word("結果", "How they ended"),
    "refused_by_us": Word("受け付けなかったもの", "What was refused"),
    "find_customer": Word("お客様を探す", "Find a customer"),
    "name_or_system_id": Word("名前または system_id", "Name or system_id"),
    "show": Word("表示", "Show"),
    "all_customers": Word("すべてのお客様 ({count})", "All customers ({count})"),
    "page_of": Word("{page} / {pages} ページ", "Page {page} of {pages}"),
    "next": Word("次へ", "Next"),
    "previous": Word("前へ", "Previous"),
    "not_bound": Word("未接続", "not bound"),
    "bound": Word("接続中", "bound"),
    # Messages
    "messages": Word("メッセージ", "Messages"),
    "not_due": Word("予約済み", "Not due yet"),
    "unfinished": Word("分割の残り待ち", "Unfinished"),
    "looking_up": Word("番号の照会中", "Looked up"),
    "store": Word("ストア", "Store"),
    "store_well": Word("正常", "well"),
    "store_ill": Word("異常", "ill"),
    "customers_bound": Word("接続中のお客様", "Customers bound"),
    # Search
    "what_to_find": Word(
        "メッセージID、電話番号、事業者のID、参照番号", "Message id, number, carrier's id or reference"
    ),
    "what_it_is": Word("種類", "What it is"),
    "kind_any": Word("すべて", "anything"),
    "kind_id": Word("メッセージID", "message id"),
    "kind_number": Word("電話番号", "number"),
    "kind_carrier-id": Word("事業者のID", "carrier's id"),
    "kind_reference": Word("お客様の参照番号", "customer's reference"),
    "find": Word("検索", "Find"),
    "search_newest": Word(
        "新しいものから最大 {count} 件。本文は表示しません。", "The newest {count} at most. Texts are not shown."
    ),
    "search_failed": Word("検索できませんでした: {why}", "It could not be searched: {why}"),
    "search_busy": Word("別の検索が終わるのを待ってください。", "Another search is under way; try again in a moment."),
    "segment": Word("セグメント {number}", "Segment {number}"),
    "from": Word("送信元", "From"),
    "to": Word("宛先", "To"),
    "submitted": Word("受付時刻", "Submitted"),
    "outcome": Word("結果", "Outcome"),
    "charge": Word("料金", "Charge"),
    "yen": Word("{yen} 円 ({units} 通)", "{yen} yen ({units} units)"),
    "references": Word("参照番号", "References"),
    "told_ids": Word("お客様に伝えたID", "Ids the customer was told"),
    "known_by": Word("事業者の判定", "Known by"),
    "due": Word("送信予定", "Due"),
    "valid_until": Word("有効期限", "Valid until"),
    "size": Word("長さ", "Size"),
    "size_of": Word(
        "{characters} 文字、{segments} セグメント、{units} 通",
        "{characters} characters, {segments} segments, {units} units",
    ),
    "receipts_from_carrier": Word("事業者からのその他の受取通知", "Other receipts of the carrier"),
    "receipts_to_customer": Word("お客様への受取通知", "Receipts to the customer"),
    "story_alive": Word("配信中", "alive"),
    "story_parked": Word("送信待ち (ディスク上)", "waiting on disk"),
    "story_scheduled": Word("予約済み", "scheduled"),
    "story_part": Word("分割の残り待ち", "waits for its siblings"),
    "story_ended": Word("完了", "ended"),
    # Sign in
    "token": Word("トークン", "Token"),
    "token_wanted": Word(
        "メッセージの検索と操作にはトークンが必要です。", "To search for messages and to operate, show your token."
    ),
    "token_wrong": Word("トークンが違います。", "That token is nobody's."),
    "token_wait": Word(
        "誤りが続いたため、{seconds} 秒お待ちください。", "Too many wrong tokens: wait {seconds} seconds."
    ),
    "token_none": Word(
        "このゲートウェイにはトークンの設定がありません (page.tokens)。",
        "No tokens are configured for this gateway (page.tokens).",
    ),
    "form_old": Word("このフォームは古くなりました。もう一度お試しください。", "This form is too old; try again."),
    # Operate
    "operate_says": Word(
        "まず何が起きるかを表示します。実行には氏名と理由が必要で、監査ログに残ります。",
        "What would happen is shown first. To do it you say who you are and why; that goes to the audit log.",
    ),
    "try": Word("何が起きるかを見る", "Show what would happen"),
    "do": Word("実行する", "Do it"),
    "would": Word(
        "実行すると次のようになります。まだ何も変わっていません。", "This would happen. Nothing has changed yet."
    ),
    "done": Word("実行しました。", "Done."),
    "refused_verb": Word("できません: {why}", "It cannot be done: {why}"),
    "who": Word("氏名", "Who"),
    "why": Word("理由", "Why"),
    "audit": Word("監査ログ", "Audit log"),
    "audit_last": Word("最近の操作", "What was done lately"),
    "audit_failed": Word("監査ログに書けませんでした: {why}", "The audit log could not be written: {why}"),
    "when": Word("時刻", "When"),
    "verb": Word("操作", "Verb"),
    "about": Word("対象", "About"),
    "result": Word("結果", "Result"),
    "ok": Word("実行", "done"),
    "not_ok": Word("拒否", "refused"),
    "no_answer": Word(
        "応答がまだありません。実行された可能性があります。監査ログを確かめてください。",
        "No answer yet. It may be done all the same: look at the audit log.",
    ),
    "verb_hold": Word("止める", "Hold"),
    "verb_release": Word("止めたものを再開する", "Release"),
    "verb_drain": Word("接続を外す", "Drain"),
    "verb_resume": Word("外した接続を戻す", "Resume"),
    "verb_reroute": Word("経路を変える", "Reroute"),
    "verb_cancel": Word("メッセージを取り消す", "Cancel a message"),
    "verb_expire": Word("メッセージを期限切れにする", "Expire a message"),
    "verb_push-receipts": Word("受取通知を送り直す", "Push receipts again"),
    "verb_opt-out-add": Word("配信停止に加える", "Opt a number out"),
    "verb_opt-out-remove": Word("配信停止を解く", "Take an opt-out back"),
    "verb_reload": Word("設定ファイルを読み込み直す", "Reload the configuration"),
    "verb_log-level": Word("ログの詳しさ", "Log level"),
    "verb_pdu-trace": Word("PDUを記録する", "Trace PDUs"),
    "verb_announce-add": Word("お知らせを出す", "Announce"),
    "verb_announce-end": Word("お知らせを終える", "End an announcement"),
    "says_hold": Word(
        "事業者またはお客様の送信を止めます。受付は続きます。",
        "Send nothing of a carrier or a customer. Intake goes on.",
    ),
    "says_release": Word("止めた送信を再開します。", "The opposite of hold."),
    "says_drain": Word(
        "応答を待ってから接続を切り、戻すまで使いません。",
        "Take binds out of service when the answers under way are here.",
    ),
    "says_resume": Word("外した接続をまた使います。", "The opposite of drain."),
    "says_reroute": Word(
        "事業者の待ちメッセージを別の経路で送ります。", "What waits for a carrier leaves by its other routes."
    ),
    "says_cancel": Word("まだ送っていないメッセージを取り消します。", "Take back what has not left; it costs nothing."),
    "says_expire": Word("待っているセグメントを今すぐ終えます。", "End what waits of a message now."),
    "says_push-receipts": Word(
        "終わったメッセージの受取通知をもう一度渡します。", "Owe the last receipts of what ended once more."
    ),
    "says_opt-out-add": Word("この番号への送信を受け付けません。", "Messages to a number are refused from now on."),
    "says_opt-out-remove": Word("この番号への送信をまた受け付けます。", "Messages to a number are taken again."),
    "says_reload": Word(
        "変更された設定だけを反映します。変更のない接続は切れません。",
        "What changed is taken over; binds that did not change stay.",
    ),
    "says_log-level": Word("一つの部屋のログを変えます。", "What a room of the gateway logs, until the next start."),
    "says_pdu-trace": Word(
        "一つの接続のPDUを数分間記録します。", "Log every PDU of a bind for some minutes, texts hidden."
    ),
    "says_announce-add": Word(
        "障害または計画メンテナンスを知らせます。", "Tell customers of a fault or planned maintenance."
    ),
    "says_announce-end": Word(
        "障害の復旧、またはメンテナンスの終了を知らせます。", "A fault has recovered, or maintenance is over."
    ),
    "field_what": Word("何を", "What"),
    "field_name": Word("名前", "Name"),
    "field_carrier": Word("事業者", "Carrier"),
    "field_to": Word("移す先 (空欄: 次の経路)", "To (empty: the next route)"),
    "field_id": Word("メッセージID", "Message id"),
    "field_announcement": Word("お知らせの番号", "Announcement's number"),
    "field_customer": Word("お客様", "Customer"),
    "field_since": Word("いつから (日本時間)", "Since (time in Japan)"),
    "field_number": Word("電話番号", "Number"),
    "field_room": Word("部屋", "Room"),
    "field_level": Word("詳しさ", "Level"),
    "field_bind": Word("接続", "Bind"),
    "field_minutes": Word("分 (0: 終える)", "Minutes (0: end it)"),
    "field_kind": Word("種類", "Kind"),
    "field_begins": Word("開始 (日本時間、空欄: 今)", "Begins (time in Japan; empty: now)"),
    "field_ends": Word("終了 (日本時間)", "Ends (time in Japan)"),
    "field_ja": Word("日本語の本文", "Text in Japanese"),
    "field_en": Word("英語の本文", "Text in English"),
    "field_about": Word("事業者 (空欄: すべて)", "Carrier (empty: all)"),
    "field_mail": Word("メールでも知らせる", "Mail it too"),
    "choice_carrier": Word("事業者", "carrier"),
    "choice_customer": Word("お客様", "customer"),
    "choice_bind": Word("接続", "bind"),
    "choice_all": Word("すべての事業者", "all carriers"),
    "choice_fault": Word("障害", "fault"),
    "choice_maintenance": Word("計画メンテナンス", "planned maintenance"),
    "name_not_for_all": Word("「すべて」には名前が要りません", "leave it empty for all carriers"),
}


class Words:
    """The table in one language, for templates."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._place = 0 if language == JAPANESE else 1

    def __call__(self, key: str, /, **values: object) -> str:
        """The word, with its gaps filled. KeyError: there is none, which is a bug."""
        return WORDS[key][self._place].format_map(values)

    def of(self, family: str, key: object) -> str:
        """A word that data names, or the data's own one."""
        word = WORDS.get(f"{family}_{key}")
        return str(key) if word is None else word[self._place]


TONGUES: Mapping[str, Words] = {language: Words(language) for language in LANGUAGES}


def preferred(accept_language: str) -> str:
    """Japanese or English by a browser's Accept-Language (RFC 9110, section 12.5.4); English where it says neither."""
    found: list[tuple[float, int, str]] = []
    for place, one in enumerate(accept_language.split(",")[:MOST_PREFERENCES]):
        tag, _, weight = one.strip().partition(";")
        language = tag.strip().split("-")[0].lower()
        if language in LANGUAGES:
            found.append((-_weight(weight), place, language))
    return min(found)[2] if found else ENGLISH


def _weight(written: str) -> float:
    name, _, value = written.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
